"""Both clients against a real server process with keys, a sample CRM and the models that come with the package."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from hotcrm_ai.client import AsyncClient, Client
from hotcrm_ai.domain import errors
from hotcrm_ai.domain.answers import LeadScore, RecordError
from hotcrm_ai.domain.prediction import PredictionError, PredictionResponse

MODEL = "lead-scoring-v1"
LEAD = {"company_size": 500, "industry": "Technology", "engagement_score": 85, "job_title": "CTO", "budget": 10_000}
COLD = {**LEAD, "engagement_score": 5}


@pytest.fixture
def client(server: Any) -> Iterator[Client]:
    """A client with a key for everything."""
    with Client(server.url, key=server.keys["admin"]) as made:
        yield made


@pytest.fixture
async def waiting(server: Any) -> AsyncIterator[AsyncClient]:
    """Its twin whose answers are awaited."""
    async with AsyncClient(server.url, key=server.keys["admin"]) as made:
        yield made


def test_predictions_reasons_and_outcomes(client: Client) -> None:
    """A record is scored, explained and compared, and what happened is joined with its prediction."""
    response = client.predict(MODEL, LEAD, context={"object_type": "Lead", "object_id": "X-1"}, use_cache=False)
    assert isinstance(response, PredictionResponse)
    assert (response.model_id, response.cached) == (MODEL, False)
    why = client.explain(MODEL, LEAD)
    total = why.base_value + 100 * sum(part.contribution for part in why.feature_contributions)
    assert total == pytest.approx(response.prediction["score"], abs=1e-6)
    both = client.compare(MODEL, COLD, LEAD)
    assert both.differences[0].feature == "engagement_score"
    wish = client.what_if(MODEL, COLD, changeable=["engagement_score"], goal=why.prediction["class"])
    assert (wish.reached, wish.changes[0].feature) == (True, "engagement_score")
    assert client.record_outcome(response.prediction_id, True) == 1
    assert client.record_outcome(actual=True, object_type="Lead", object_id="X-1", model_id=MODEL) == 1
    with pytest.raises(errors.PredictionNotFound):
        client.record_outcome("unknown", True)


async def test_the_awaited_client_says_the_same(client: Client, waiting: AsyncClient) -> None:
    """The same questions have the same answers, except for what belongs to the single call."""
    blocked, awaited = client.predict(MODEL, LEAD), await waiting.predict(MODEL, LEAD)
    assert (blocked.prediction, blocked.confidence) == (awaited.prediction, awaited.confidence)
    assert client.explain(MODEL, LEAD) == await waiting.explain(MODEL, LEAD)
    assert [model.id for model in client.models.list()] == [model.id async for model in waiting.models.list()]
    with pytest.raises(errors.ModelNotFound):
        await waiting.models.get("unknown")


def test_a_batch_keeps_its_order_and_its_failures(client: Client) -> None:
    """With collect a failed record is a PredictionError at its place; with raise the error names it."""
    results = client.batch_predict(MODEL, [LEAD, {"budget": "much"}, COLD], on_error="collect")
    assert [type(result) for result in results] == [PredictionResponse, PredictionError, PredictionResponse]
    failed = results[1]
    assert isinstance(failed, PredictionError)
    assert (failed.index, failed.code) == (1, "invalid_features")
    assert failed.details["model_id"] == MODEL
    assert set(failed.details["problems"]) == {"budget"}
    with pytest.raises(errors.InvalidFeatures) as caught:
        client.batch_predict(MODEL, [LEAD, {"budget": "much"}])
    assert caught.value.details["index"] == 1
    assert set(caught.value.problems) == {"budget"}


def test_leads_are_scored_and_written_back(client: Client) -> None:
    """One lead, and several of which one does not exist."""
    some = [result.id for result in client.batch_score_leads({"filters": [["converted", "is null", None]]})][:2]
    assert len(some) == 2
    one = client.score_lead(some[0])
    assert (one.id, one.model_id) == (some[0], MODEL)
    assert 0 <= one.score <= 100
    assert one.class_ in ("hot", "warm", "cold")
    results = client.batch_score_leads([some[1], "LD-unknown"])
    assert [type(result) for result in results] == [LeadScore, RecordError]
    with pytest.raises(errors.RecordNotFound):
        client.score_lead("LD-unknown")


def test_models_are_changed_under_conditions(client: Client) -> None:
    """A model is registered once, changed at its revision only, rolled back never to nothing, and removed; history tells all."""
    made = client.models.register({"id": "client-model", "provider": "custom", "name": "A"}, if_revision=0)
    with pytest.raises(errors.StaleRevision):
        client.models.register({"id": "client-model", "provider": "custom"}, if_revision=0)
    changed = client.models.update("client-model", name="B", reason="better", if_revision=made.revision)
    with pytest.raises(errors.StaleRevision):
        client.models.update("client-model", name="C", if_revision=made.revision)
    assert client.models.get("client-model") == changed
    again = client.models.register(changed)
    assert (again.name, again.revision > changed.revision) == ("B", True)
    with pytest.raises(errors.ConfigError, match="ended"):
        client.models.update_status("client-model", "ended")  # type: ignore[arg-type]
    assert client.models.unregister("client-model", reason="a test") == "client-model"
    assert [revision.action for revision in client.models.history("client-model")][-1] == "removed"
    with pytest.raises(errors.ModelNotFound):
        client.models.get("client-model")


def test_how_models_do(client: Client) -> None:
    """Stats, health, importance, usage, drift, alerts and the cache are told as records."""
    client.predict(MODEL, LEAD)
    assert client.models.stats(MODEL).total_predictions >= 1
    assert MODEL in {stats.model_id for stats in client.stats()}
    assert client.models.health(MODEL).model_id == MODEL
    assert MODEL in {model.model_id for model in client.health().models}
    assert len(list(client.models.importance(MODEL))) > 3
    assert list(client.models.usage(MODEL)) == list(client.usage(days=2)) == []
    assert client.models.drift(MODEL).model_id == MODEL
    assert list(client.alerts(state="open")) == []
    assert client.cache.stats().size >= 1
    assert client.cache.clear(MODEL) >= 1
    assert list(client.experiments.list()) == []
    with pytest.raises(errors.ModelNotFound):
        client.experiments.report(MODEL)
    assert (client.is_alive(), client.is_ready()) == (True, True)
    assert "hotcrm_ai" in client.metrics()


def test_a_list_goes_on_over_its_pages(client: Client) -> None:
    """More models than a page holds come once each, in order, and only the pages that are needed are asked for."""
    ids = [f"page-{number:03d}" for number in range(103)]
    for model_id in ids:
        client.models.register({"id": model_id, "provider": "custom", "status": "training"})
    found = [model.id for model in client.models.list(status="training")]
    assert found == ids
    assert next(client.models.list(status="training")).id == "page-000"


def test_a_key_opens_what_it_is_for(server: Any) -> None:
    """Without a key NotAuthenticated, without the scope MissingScope, and neither tells the key."""
    with Client(server.url) as nobody, pytest.raises(errors.NotAuthenticated):
        nobody.predict(MODEL, LEAD)
    with Client(server.url, key=server.keys["predict"]) as predictor:
        assert predictor.predict(MODEL, LEAD).model_id == MODEL
        with pytest.raises(errors.MissingScope) as caught:
            next(predictor.models.list())
    assert server.keys["predict"] not in repr(caught.value) + repr(caught.value.details)
