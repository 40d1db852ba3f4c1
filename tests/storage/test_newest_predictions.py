"""The newest predictions of records are found by record, whatever other indexes there are."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from hotcrm_ai.assembly import AI
from hotcrm_ai.assembly.history import record_answers
from hotcrm_ai.domain.prediction import Context
from hotcrm_ai.settings import Settings
from hotcrm_ai.storage.log_reading import latest_of_all, latest_of_objects


async def test_records_are_found_by_record(tmp_path: Path) -> None:
    """SQLite looks up the few rows of a record instead of walking through all moments, and gives the newest first."""
    async with AI.open(Settings(home=tmp_path)) as ai:
        for number, lead in enumerate(("a", "b", "a")):
            context = Context(object_type="Lead", object_id=lead)
            await ai.predict("lead-scoring-v1", {"engagement_score": number}, context=context)
        kept = ai._parts.kept
        await kept.log.flush()
        found = await record_answers(ai, "Lead", ["a"])
        assert [one.input_features["engagement_score"] for one in found] == [2.0, 0.0]
        plan = await kept.database.run(
            lambda connection: connection.execute(
                text(
                    "EXPLAIN QUERY PLAN SELECT * FROM ai_prediction WHERE workspace = 'w' AND object_type = 'Lead' "
                    "AND object_id IN ('a', 'b') ORDER BY coalesce(created_date, created_date) DESC LIMIT 5"
                )
            ).all()
        )
        assert "ix_ai_prediction_object" in str(plan)
        first = await latest_of_all(kept.database, kept.workspace, limit=2)
        last = await latest_of_all(
            kept.database, kept.workspace, limit=2, before=(first[-1].created_date, first[-1].id)
        )
        assert [one.input_features["engagement_score"] for one in (*first, *last)] == [2.0, 1.0, 0.0]
        assert await latest_of_objects(kept.database, kept.workspace, "Lead", ["c"], limit=5) == []
        of_model = await latest_of_all(kept.database, kept.workspace, limit=2, model_id="lead-scoring-v1")
        assert of_model == first
