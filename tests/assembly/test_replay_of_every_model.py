"""Whatever kind of model answered, its logged request is answered again the same, and a past prediction is explained by its id."""

from __future__ import annotations

import contextlib
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hotcrm_ai import AI, ModelConfig, PredictionResponse, ProviderConfig, Settings
from hotcrm_ai.domain.errors import InvalidRequest
from hotcrm_ai.domain.model import ABTest
from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.testing import Heard, ModelServer, Said

MODEL = "lead-scoring-v1"
LEAD = {"engagement_score": 85, "job_title": "CTO", "nobody_knows": 1}
ASKED: dict[str, dict[str, Any]] = {
    MODEL: LEAD,
    "churn-prediction-v1": {"nps_score": 2},
    "revenue-forecast-v1": {"historical_revenue": [100, 110, 120, 130]},
    "product-recommendation-v1": {"current_products": ["PR-001"]},
}


async def came_back(ai: AI, *answers: PredictionResponse) -> None:
    """Check that each answer, once logged, is given again the same and explained as it was given."""
    for answer in answers:
        found = await ai.predictions.replay(answer.prediction_id)
        assert (found.same, found.difference, found.model_id) == (True, None, answer.model_id)
        assert found.logged_prediction == found.prediction == answer.prediction
        explained = await ai.explainer.explain_past(answer.prediction_id)
        assert (explained.model_id, explained.prediction) == (answer.model_id, answer.prediction)


@pytest.mark.parametrize("model_id", ASKED)
async def test_a_packaged_model_answers_the_same_again(ai: AI, model_id: str) -> None:
    """Fresh and from the cache, single and in a batch; also after the model was replaced by another revision."""
    answers = [await ai.predict(model_id, ASKED[model_id]) for _ in range(2)]
    answers += await ai.batch_predict(model_id, [ASKED[model_id], {}], use_cache=False, on_error="collect")  # type: ignore[arg-type]
    assert [answer.cached for answer in answers[:2]] == [False, True]
    await ai.registry.update(model_id, description="another revision")
    await came_back(ai, *(answer for answer in answers if isinstance(answer, PredictionResponse)))


async def test_text_that_is_kept_as_a_digest_cannot_be_asked_again(ai: AI) -> None:
    """The text of a sentiment is personal: its log row says so instead of an answer to something else."""
    answer = await ai.predict("sentiment-analysis-v1", {"text": "Thank you, this works wonderfully."})
    for again in (ai.predictions.replay, ai.explainer.explain_past):
        with pytest.raises(InvalidRequest, match="personal features 'text' are kept as digests only"):
            await again(answer.prediction_id)


async def test_a_model_trained_on_values_answers_the_same_again(ai: AI) -> None:
    """Also one that was judged by what its outcomes are worth."""
    chance = random.Random(3)
    rows = [{"visits": chance.randint(0, 20), "amount": chance.randint(10, 5_000)} for _ in range(400)]
    table = [{**row, "won": "yes" if chance.random() < 0.1 + 0.03 * row["visits"] else "no"} for row in rows]
    report = await ai.train("lead-scoring", table, target="won", value="amount")
    await ai.registry.update_status(report.model_id, "active")
    await came_back(ai, await ai.predict(report.model_id, {"visits": 18}))


@pytest.mark.parametrize(("traffic", "variant"), [(0.0, "champion"), (100.0, "challenger")])
async def test_an_arm_of_a_test_answers_the_same_again(ai: AI, traffic: float, variant: str) -> None:
    """The model of the arm is asked, not the one that was asked for."""
    champion = await ai.registry.get_model(MODEL)
    assert champion is not None
    test = ABTest(champion_model_id=MODEL, traffic_percentage=traffic)
    await ai.registry.register(msgspec.structs.replace(champion, id="lead-b", ab_test=test))
    answer = await ai.predict("lead-b", LEAD, context={"object_type": "Lead", "object_id": "1"})
    assert (answer.model_id, answer.metadata["variant"]) == (MODEL if variant == "champion" else "lead-b", variant)
    await came_back(ai, answer)


def remote(url: str, **changes: Any) -> ModelConfig:
    """A model at a URL that knows two features."""
    values: dict[str, Any] = {
        "id": "remote-v1",
        "status": "active",
        "provider": "mlflow",
        "feature": "lead-scoring",
        "endpoint": url,
        "provider_config": ProviderConfig(provider="mlflow", endpoint=url),
        "signature": Signature(
            features=(FeatureSpec(name="engagement", type="number"), FeatureSpec(name="size", type="number"))
        ),
        "parameters": {"output": {"as": "probability"}, "background": [{"engagement": 20, "size": 1}]},
    }
    return ModelConfig(**values | changes)


def served(heard: Heard) -> Said:
    """Answer with a hundredth of the engagement."""
    if heard.path == "/ping":
        return Said(body=b"\n")
    table = heard.json()["dataframe_split"]
    return Said(body={"predictions": [row[table["columns"].index("engagement")] / 100.0 for row in table["data"]]})


@pytest.fixture
async def served_ai(tmp_path: Path) -> AsyncIterator[tuple[AI, ModelServer]]:
    """A workspace that knows a remote model, and the server of that."""
    async with contextlib.AsyncExitStack() as opened:
        server = await opened.enter_async_context(ModelServer(served))
        settings = Settings(home=tmp_path / "home", provider_hosts=(server.host, "127.0.0.1:1"))
        ai = await opened.enter_async_context(AI.open(settings))
        await ai.registry.register(remote(server.url))
        yield ai, server


async def test_a_remote_model_is_asked_again(served_ai: tuple[AI, ModelServer]) -> None:
    """The server is asked once more; what it says otherwise by now is the first difference."""
    ai, server = served_ai
    answer = await ai.predict("remote-v1", {"engagement": 40, "size": 3})
    asked = len(server.heard)
    await came_back(ai, answer)
    assert len(server.heard) > asked
    server.reply = lambda heard: Said(body={"predictions": [0.41]})
    found = await ai.predictions.replay(answer.prediction_id)
    assert not found.same
    assert found.difference is not None
    assert (found.difference.place, found.difference.logged, found.difference.replayed) == ("prediction.score", 40, 41)


async def test_a_fallback_is_asked_again_itself(served_ai: tuple[AI, ModelServer]) -> None:
    """The model that stepped in answers, not the one that failed then."""
    ai, _ = served_ai
    await ai.registry.register(remote("http://127.0.0.1:1", id="away-v1", fallback_model_id="remote-v1"))
    answer = await ai.predict("away-v1", {"engagement": 40, "size": 3})
    assert (answer.model_id, answer.metadata["fallback"]) == ("remote-v1", "away-v1")
    await came_back(ai, answer)
