"""Reading the prediction log for pages: newest first, bounded, without shadow answers and other workspaces."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hotcrm_ai.domain.prediction import LoggedPrediction
from hotcrm_ai.storage import Database, open_database, upgrade
from hotcrm_ai.storage.log_reading import latest_of_models, latest_of_objects
from hotcrm_ai.storage.prediction_rows import row_of
from hotcrm_ai.storage.tables import ai_prediction

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


def logged(number: int, *, model: str = "m-1", object_id: str = "L-1", shadow: bool = False) -> LoggedPrediction:
    """A prediction of the minute of its number."""
    return LoggedPrediction(
        id=f"p-{number}", requested_model_id=model, model_id=model, model_version="1.0.0", model_revision=1,
        bundle_digest=None, variant="none", experiment_id=None, subject_kind=None, prediction_type="lead-scoring",
        input_features={}, prediction_value={"score": float(number)}, confidence_score=None, processing_time_ms=1.0,
        was_cached=False, provider="local", fallback_for=None, object_type="Lead", object_id=object_id, created_by=None,
        created_date=NOON + timedelta(minutes=number), shadow=shadow,
    )  # fmt: skip


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A database in which model m-1 answered five times, m-2 once, m-1 once as a shadow, and another workspace's once."""
    opened = open_database(f"sqlite:///{tmp_path}/log.db")
    await upgrade(opened)
    mine = [logged(number, object_id=f"L-{number % 2}") for number in range(1, 6)]
    mine += [logged(6, model="m-2"), logged(7, shadow=True)]
    rows = [row_of(one, workspace="mine") for one in mine] + [row_of(logged(8), workspace="theirs")]
    await opened.run(lambda connection: connection.execute(ai_prediction.insert(), rows), write=True)
    yield opened
    await opened.aclose()


async def test_the_newest_answers_of_models_come_first(database: Database) -> None:
    """Answers of the named models come newest first, without shadow answers."""
    found = await latest_of_models(database, "mine", ["m-1", "m-2"], limit=10)
    assert [one.id for one in found] == ["p-6", "p-5", "p-4", "p-3", "p-2", "p-1"]


async def test_no_more_of_a_model_is_read_than_asked_for(database: Database) -> None:
    """The limit holds for each model, and what it looks at counts shadow answers too."""
    assert [one.id for one in await latest_of_models(database, "mine", ["m-1"], limit=3)] == ["p-5", "p-4"]
    assert await latest_of_models(database, "mine", [], limit=3) == []


async def test_the_newest_answers_about_records(database: Database) -> None:
    """Answers about the named records come newest first, of all models, without those of other workspaces."""
    found = await latest_of_objects(database, "mine", "Lead", ["L-1"], limit=10)
    assert [one.id for one in found] == ["p-6", "p-5", "p-3", "p-1"]
    assert [one.id for one in await latest_of_objects(database, "mine", "Lead", ["L-0", "L-1"], limit=2)] == [
        "p-6",
        "p-5",
    ]
    assert await latest_of_objects(database, "mine", "Account", ["L-1"], limit=10) == []
