"""What a day begins with, and one record from all sides, on a small sample CRM with the packaged models."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hotcrm_ai.actions import batch_score_leads
from hotcrm_ai.actions.record_insight import answer_of, ask_about, like_records, what_would_change, without_each_fact
from hotcrm_ai.actions.record_search import find_records
from hotcrm_ai.actions.worklist import accounts_at_risk, leads_to_call, newest_forecast, read_reasons, recent_messages
from hotcrm_ai.assembly import AI
from hotcrm_ai.assembly.sample import ensure_sample_crm
from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.domain.prediction import Context
from hotcrm_ai.settings import Settings


@pytest.fixture
async def ai(tmp_path: Path) -> AsyncIterator[AI]:
    """A workspace with a sample CRM of 150 leads and 40 accounts."""
    async with AI.open(Settings(home=tmp_path)) as opened:
        await ensure_sample_crm(opened, leads=150, accounts=40)
        yield opened


async def flushed(ai: AI) -> None:
    """Wait until what was answered is in the log."""
    await ai._parts.kept.log.flush()


async def test_the_leads_to_call_are_the_open_ones_with_the_highest_scores(ai: AI) -> None:
    """Open leads come in order of the score that stands in the CRM, with the reasons and the model of that score."""
    scored = await batch_score_leads(ai, {"filters": [["converted", "is null", None]]})
    await flushed(ai)
    found = await leads_to_call(ai, limit=5)
    best = sorted((round(one["score"], 2) for one in scored), reverse=True)[:5]
    assert [lead.score for lead in found] == best
    assert all(lead.record["converted"] is None for lead in found)
    assert all(lead.answer is not None and lead.answer.model_id == "lead-scoring-v1" for lead in found)
    assert all(1 <= len(lead.reasons) <= 3 for lead in found)


async def test_a_closed_lead_is_not_called(ai: AI) -> None:
    """A closed lead with a high score is not among those to call."""
    (closed,) = await ai.crm.highest("Lead", "converted", limit=1)
    await ai.crm.update("Lead", closed["id"], {"ai_score": 99.0})
    assert await leads_to_call(ai, limit=5) == []


async def test_the_newest_answer_of_an_account_counts(ai: AI) -> None:
    """Each account counts once, by its newest answer; the highest chance comes first, and who has left already is left out."""
    accounts = await ai.crm.find("Account", [["churned", "is null", None]], page=1)
    (gone, *_) = await ai.crm.find("Account", [["churned", "=", 1]], page=1)
    risky = {"account_age": 3, "nps_score": 0, "payment_delays": 6, "support_tickets": 12, "usage_frequency": 1}
    safe = {"account_age": 60, "nps_score": 10, "payment_delays": 0, "support_tickets": 0, "usage_frequency": 90}
    for features, account in ((risky, accounts[0]), (safe, accounts[0]), (risky, accounts[1]), (risky, gone)):
        context = Context(object_type="Account", object_id=account["id"])
        await ai.predict("churn-prediction-v1", features, context=context)
    await flushed(ai)
    found, judged = await accounts_at_risk(ai, limit=5)
    assert judged == 2
    assert [one.record["id"] for one in found] == [accounts[1]["id"], accounts[0]["id"]]
    assert [one.risk for one in found] == ["high", "low"]


async def test_messages_and_forecasts_are_those_of_the_log(ai: AI) -> None:
    """Nothing was asked, so nothing is there; afterwards it is what was answered about the CRM: received messages, the whole's forecast."""
    assert (await recent_messages(ai, limit=10), await newest_forecast(ai)) == ([], None)
    (message,) = await ai.crm.highest("Email", "sent_date", [["direction", "=", "inbound"]], limit=1)
    (sent,) = await ai.crm.highest("Email", "sent_date", [["direction", "=", "outbound"]], limit=1)
    for one in (message, sent):
        context = Context(object_type="Email", object_id=one["id"])
        await ai.predict("sentiment-analysis-v1", {"text": "This is wonderful, thank you!"}, context=context)
    whole = Context(object_type="Company", object_id="all")
    await ai.predict("revenue-forecast-v1", {"historical_revenue": [100, 110, 120, 130]}, context=whole)
    of_a_series = Context(object_type="RevenueSeries", object_id="Small / Core")
    await ai.predict("revenue-forecast-v1", {"historical_revenue": [10, 11, 12]}, context=of_a_series)
    await ai.predict("revenue-forecast-v1", {"historical_revenue": [1, 2, 3]})
    await flushed(ai)
    (found,) = await recent_messages(ai, limit=10)
    assert (found.record or {})["id"] == message["id"]
    assert found.sentiment == "positive"
    forecast = await newest_forecast(ai)
    assert forecast is not None
    assert forecast.input_features["historical_revenue"] == [100, 110, 120, 130]


def test_reasons_are_read_from_what_was_written() -> None:
    """The facts of a written explanation come largest first, whichever way they point."""
    text = "Positive factors:\n• Budget: 10,000 (impact: +7%)\n\nNegative factors:\n• Industry: Retail (impact: -12%)"
    assert [(one.words, one.points) for one in read_reasons(text)] == [
        ("Industry: Retail", -12.0),
        ("Budget: 10,000", 7.0),
    ]
    assert read_reasons("No feature moved the prediction noticeably.") == ()


async def test_without_a_fact_the_model_is_really_asked(ai: AI) -> None:
    """The answer without a fact is that of a prediction for the record without it."""
    record = (await ai.crm.find("Lead", (), page=1))[0]
    asked = await ask_about(ai, "Lead", record, model_id="lead-scoring-v1")
    for fact in await without_each_fact(ai, asked):
        rest = {name: value for name, value in asked.features.items() if name != fact.feature}
        alone = await ai.predict("lead-scoring-v1", rest)
        assert fact.answer == pytest.approx(answer_of(alone.prediction))
        assert fact.change == pytest.approx(fact.answer - asked.answer)


async def test_what_would_change_asks_the_model_that_answered(ai: AI) -> None:
    """Under an A/B test the change is searched in the very model whose answer is shown."""
    record = (await ai.crm.find("Lead", (), page=1))[0]
    asked = await ask_about(ai, "Lead", record)
    change = await what_would_change(ai, asked, changeable=["engagement_score"], goal="hot")
    assert change.model_id == asked.model.id
    assert answer_of(change.prediction) == pytest.approx(asked.answer)


async def test_records_alike_ended_as_they_are_grouped(ai: AI) -> None:
    """Of the closed leads the most alike come first, the record itself is left out, and equal facts are wholly alike."""
    twin, other = (await ai.crm.find("Lead", [["converted", "=", 1]], page=1))[:2]
    facts = ("company_size", "industry", "job_title", "engagement_score", "estimated_budget")
    await ai.crm.update("Lead", other["id"], {name: twin[name] for name in facts})
    won, lost = await like_records(ai, await ask_about(ai, "Lead", twin, model_id="lead-scoring-v1"))
    assert won[0].record["id"] == other["id"]
    assert won[0].likeness == pytest.approx(100.0)
    assert [one.likeness for one in won] == sorted((one.likeness for one in won), reverse=True)
    assert all(one.record["converted"] == 1 for one in won)
    assert all(one.record["converted"] == 0 for one in lost)
    assert twin["id"] not in {one.record["id"] for one in won}


async def test_a_record_is_found_by_id_and_by_all_words_of_its_name(ai: AI) -> None:
    """An id finds its record; words find the records that hold all of them, in any order and case."""
    record = (await ai.crm.find("Lead", [["first_name", "is not null", None]], page=1))[0]
    assert [one["id"] for one in await find_records(ai, "Lead", record["id"])] == [record["id"]]
    swapped = f"{record['last_name'].upper()} {record['first_name'].lower()}"
    assert record["id"] in [one["id"] for one in await find_records(ai, "Lead", swapped)]
    assert await find_records(ai, "Lead", f"{swapped} zzzz") == []


async def test_an_object_that_nobody_scores_says_so(ai: AI) -> None:
    """For records that no AI feature scores there is an error that names those that are scored."""
    with pytest.raises(ConfigError, match="Account, Lead"):
        await ask_about(ai, "Ticket", {"id": "1"})
