"""Models that need a look: open alerts, failures, accuracy in real life and drift, each said once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hotcrm_ai.actions.model_concerns import Concern, model_concerns
from hotcrm_ai.assembly import AI
from hotcrm_ai.domain.errors import ProviderError
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import Context
from hotcrm_ai.settings import Settings
from hotcrm_ai.testing import ModelServer, Said

BEFORE = {"industry": "Technology", "lead_source": "Website"}


@pytest.fixture
async def broken() -> AsyncIterator[ModelServer]:
    """A model server that answers nothing but errors."""
    async with ModelServer(lambda _: Said(status=500)) as server:
        yield server


@pytest.fixture
async def ai(tmp_path: Path, broken: ModelServer) -> AsyncIterator[AI]:
    """A workspace with the packaged models, and one model whose server is broken."""
    async with AI.open(Settings(home=tmp_path, provider_hosts=(broken.host,))) as opened:
        await opened.registry.register(
            ModelConfig(id="far", provider="open-inference", endpoint=broken.url, status="active")
        )
        yield opened


async def concerns_of(ai: AI) -> dict[str, list[Concern]]:
    """Return what is wrong, by model, in the order that it is shown in."""
    return dict(await model_concerns(ai, among=await ai.registry.list_models()))


async def fail(ai: AI, times: int) -> None:
    """Ask the broken model so often."""
    for number in range(times):
        with pytest.raises(ProviderError):
            await ai.predict("far", {"x": float(number)})


async def ask(ai: AI, count: int) -> None:
    """Ask about so many leads that are nothing like those of the training."""
    features = [{"engagement_score": float(place % 3), "company_size": 5.0 + place, **BEFORE} for place in range(count)]
    contexts = [Context(object_type="Lead", object_id=f"lead-{place}") for place in range(count)]
    await ai.batch_predict("lead-scoring-v1", features, contexts=contexts)
    await ai._parts.kept.log.flush()


async def test_where_all_is_well_no_model_needs_a_look(ai: AI) -> None:
    """A workspace that nobody asked shows nothing."""
    assert await concerns_of(ai) == {}


async def test_an_open_alert_is_joined_to_what_is_wrong_now(ai: AI) -> None:
    """A model that fails shows once, with the reason and the moment of its alert; without an alert, it shows all the same."""
    await fail(ai, 25)
    (now,) = (await concerns_of(ai))["far"]
    assert (now.kind, now.alerted_at) == ("unhealthy", None)
    (incident,) = await ai.alerts.check()
    (alerted,) = (await concerns_of(ai))["far"]
    assert (alerted.kind, alerted.reason, alerted.alerted_at) == ("unhealthy", incident.reason, incident.opened_at)


async def test_a_model_that_is_less_accurate_than_on_held_out_rows_shows(ai: AI) -> None:
    """Sixty predictions that all ended otherwise are said beside what was measured, also where that rule sends no alerts."""
    await ask(ai, 60)
    for place in range(60):
        context = Context(object_type="Lead", object_id=f"lead-{place}")
        answer = await ai.predict(
            "lead-scoring-v1", {"engagement_score": 1.0, **BEFORE, "website_visits": place}, context=context
        )
        await ai.predictions.record_outcome(answer.prediction_id, answer.prediction["class"] == "cold")
    await ai._parts.kept.log.flush()
    kinds = {one.kind: one.reason for one in (await concerns_of(ai))["lead-scoring-v1"]}
    assert kinds["less accurate"].startswith(
        "0.0 % of 60 predictions with a known outcome were right; on held-out rows "
    )


async def test_a_model_whose_records_moved_shows_the_facts_that_moved_most(ai: AI) -> None:
    """Drift of a model that is asked much is told in the names of its facts."""
    await ask(ai, 300)
    (drifted,) = (await concerns_of(ai))["lead-scoring-v1"]
    assert drifted.kind == "drifted"
    assert drifted.reason.split(", most of all ")[0].endswith("facts moved beyond chance in the newest 300 predictions")
    assert "Engagement Score" in drifted.reason
    assert "engagement_score" not in drifted.reason


async def test_models_with_an_open_alert_come_first(ai: AI) -> None:
    """An open alert comes before what nobody was told of, whatever their names."""
    await ask(ai, 300)
    await fail(ai, 25)
    await ai.alerts.check()
    assert list(await concerns_of(ai)) == ["far", "lead-scoring-v1"]
