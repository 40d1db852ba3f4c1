"""A model that is asked about records like those that it was trained on has not drifted."""

from __future__ import annotations

from pathlib import Path

from hotcrm_ai import AI, Settings
from hotcrm_ai.sample_crm import generate_sample_crm

FEATURES = ("company_size", "industry", "engagement_score", "job_title", "budget")


async def test_leads_of_another_sample_are_no_drift(tmp_path: Path) -> None:
    """The packaged model sees no drift in leads of a newly drawn sample: spellings of one category count together."""
    crm = generate_sample_crm(seed=41, leads=800, accounts=100)
    rows = [{**lead, "budget": lead["estimated_budget"]} for lead in crm.tables["leads"]]
    asked = [{name: row[name] for name in FEATURES if row[name] is not None} for row in rows]
    async with AI.open(Settings(home=tmp_path)) as ai:
        await ai.batch_predict("lead-scoring-v1", asked, use_cache=False)
        report = await ai.drift("lead-scoring-v1")
    assert (report.status, report.samples) == ("stable", 800)
    assert {one.name for one in report.features} == set(FEATURES)
