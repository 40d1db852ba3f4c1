"""Leads are scored and written back, one by one and in batches."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from hotcrm_ai import AI, InvalidRequest, ModelNotFound, RecordNotFound, Settings
from hotcrm_ai.actions import batch_score_leads, score_lead

_LEADS = [
    ("L1", 500, "Technology", 85.0, "CTO", 100000.0),
    ("L2", 20, "Retail", 10.0, "Intern", None),
    ("L3", None, None, None, None, None),
]


@pytest.fixture
async def ai(tmp_path: Path) -> AsyncIterator[AI]:
    """A workspace whose CRM holds three leads."""
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TABLE leads (id TEXT PRIMARY KEY, company_size INTEGER, industry TEXT, engagement_score REAL, job_title TEXT, "
                "estimated_budget REAL, ai_score REAL, ai_confidence REAL, ai_explanation TEXT, last_scored_date TIMESTAMP)"
            )
        )
        for lead in _LEADS:
            connection.execute(
                text(
                    "INSERT INTO leads (id, company_size, industry, engagement_score, job_title, estimated_budget) "
                    "VALUES (:a, :b, :c, :d, :e, :f)"
                ),
                dict(zip("abcdef", lead, strict=True)),
            )
    engine.dispose()
    async with AI.open(Settings(home=tmp_path / "home", crm_url=url)) as opened:  # type: ignore[arg-type]
        yield opened


async def test_a_scored_lead_carries_score_confidence_reasons_and_date(ai: AI) -> None:
    """What is returned is what was written, and the budget comes from the CRM's own field."""
    result = await score_lead(ai, "L1")
    assert {"score", "confidence", "explanation", "processingTime", "cached"} <= set(result)
    record = await ai.crm.get("Lead", "L1")
    assert record["ai_score"] == pytest.approx(result["score"], abs=0.005)
    assert record["ai_confidence"] == pytest.approx(result["confidence"], abs=0.005)
    assert record["ai_explanation"] == result["explanation"]
    assert "Budget: 100,000" in record["ai_explanation"]
    assert record["last_scored_date"] is not None


async def test_an_unknown_lead_or_model_writes_nothing(ai: AI) -> None:
    """Both are named."""
    with pytest.raises(RecordNotFound, match="L9"):
        await score_lead(ai, "L9")
    with pytest.raises(ModelNotFound, match="nothing-v1"):
        await score_lead(ai, "L1", model_id="nothing-v1")
    assert (await ai.crm.get("Lead", "L1"))["ai_score"] is None


async def test_a_model_that_fits_no_lead_overwrites_none(ai: AI) -> None:
    """A model for something else, or one that knows no field of the leads, is refused before anything is written."""
    foreign = {
        "id": "foreign",
        "provider": "custom",
        "status": "testing",
        "signature": {"features": [{"name": "Region", "type": "category"}]},
    }
    await ai.registry.register(foreign)
    for model_id, words in (("churn-prediction-v1", "churn-prediction"), ("foreign", "'Region'")):
        with pytest.raises(InvalidRequest, match=words):
            await score_lead(ai, "L1", model_id=model_id)
        with pytest.raises(InvalidRequest, match="Nothing was written"):
            await batch_score_leads(ai, None, model_id=model_id)
    assert (await ai.crm.get("Lead", "L1"))["ai_score"] is None


async def test_a_batch_keeps_order_writes_all_and_reports_the_missing_one(ai: AI) -> None:
    """An unknown id is an error entry at its place; the others are written."""
    results = await batch_score_leads(ai, ["L2", "L9", "L1"])
    assert [result["id"] for result in results] == ["L2", "L9", "L1"]
    assert results[1]["error"]["code"] == "record_not_found"
    single = await score_lead(ai, "L1")
    assert results[2]["score"] == single["score"]
    assert (await ai.crm.get("Lead", "L2"))["ai_score"] == pytest.approx(results[0]["score"], abs=0.005)


async def test_a_query_scores_what_it_finds(ai: AI) -> None:
    """Filters are the triples of the CRM store, and a lead of which nothing is known is scored, too."""
    results = await batch_score_leads(ai, {"filters": [["industry", "is null", None]]})
    assert [result["id"] for result in results] == ["L3"]
    assert len(await batch_score_leads(ai)) == 3
