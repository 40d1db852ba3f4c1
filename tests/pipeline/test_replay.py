"""A logged request is answered again by the revision that answered it, and the first difference is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hotcrm_ai.domain.errors import ConfigError, InvalidRequest, ModelNotFound, PredictionNotFound
from hotcrm_ai.domain.model import ProviderConfig
from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.domain.replay import Difference, first_difference
from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.testing import FakeProvider

MODEL = "lead-scoring-v1"


def by_version(model: Any, asked: Any) -> PredictionOutput:
    """Answer with the version of the model and a number of the features."""
    return PredictionOutput(prediction={"version": model.version, "size": asked.features["company_size"]})


async def test_the_revision_of_then_answers_again(make_pipeline: Callable[..., Any]) -> None:
    """After the model was replaced, deprecated and removed, a replay asks the revision and bundle that answered, and says same."""
    pipeline = make_pipeline()
    pipeline.providers.by_name["local"] = FakeProvider(by_version)
    pipeline.models.change(MODEL, bundle_digest="b" * 64)
    answered = await pipeline.service.predict(MODEL, {"company_size": 500, "nonsense": 1})
    pipeline.models.change(MODEL, version="2.0.0", bundle_digest="c" * 64, status="deprecated")
    pipeline.models.remove(MODEL)
    found = await pipeline.service.replay(answered.prediction_id)
    assert (found.same, found.difference) == (True, None)
    assert found.prediction == {"version": "1.0.0", "size": 500.0}
    assert (found.model_revision, found.bundle_digest) == (2, "b" * 64)
    assert len(pipeline.log.rows) == 1


async def test_the_first_difference_is_named(make_pipeline: Callable[..., Any]) -> None:
    """A model that answers otherwise now is different, with the place and both values."""
    pipeline = make_pipeline()
    scores = iter((90.0, 91.0))
    pipeline.providers.by_name["local"] = FakeProvider(
        lambda model, asked: PredictionOutput(prediction={"score": next(scores)})
    )
    answered = await pipeline.service.predict(MODEL, {"company_size": 500})
    found = await pipeline.service.replay(answered.prediction_id)
    assert not found.same
    assert found.difference == Difference(place="prediction.score", logged=90.0, replayed=91.0)


async def test_what_cannot_be_replayed_says_why(make_pipeline: Callable[..., Any], make_model: Any) -> None:
    """An unknown id, hidden personal features, and a revision that no history knows are errors, never a guess."""
    signature = Signature(features=(FeatureSpec(name="email", type="category", personal=True),))
    sends = ProviderConfig(provider="local", personal_fields="send")
    pipeline = make_pipeline(make_model(signature=signature, provider_config=sends))
    with pytest.raises(PredictionNotFound, match="'nowhere'"):
        await pipeline.service.replay("nowhere")
    hidden = await pipeline.service.predict(MODEL, {"email": "erin@example.org"})
    with pytest.raises(InvalidRequest, match="'email' are kept as digests only"):
        await pipeline.service.replay(hidden.prediction_id)
    pipeline.models._history.clear()
    with pytest.raises(ModelNotFound, match="Revision 1 of model"):
        await pipeline.service.replay(hidden.prediction_id)


@pytest.mark.parametrize(
    ("logged", "replayed", "place"),
    [
        ({"a": 1}, {"a": 1.0}, None),
        ({"a": 1}, {"a": True}, "p.a"),
        ({"items": [{"id": "x"}, {"id": "y"}]}, {"items": [{"id": "x"}, {"id": "z"}]}, "p.items[1].id"),
        ({"items": [1, 2]}, {"items": [1]}, "p.items.length"),
        ({"a": None}, {}, "p.a"),
        ({}, {"b": 0}, "p.b"),
        (0.1 + 0.2, 0.3, "p"),
        ([], {}, "p"),
    ],
)
def test_where_two_answers_differ(logged: Any, replayed: Any, place: str | None) -> None:
    """Differences of value, kind, length and key are found, to the last bit of a number."""
    found = first_difference(logged, replayed, place="p")
    assert (None if found is None else found.place) == place


async def test_live_quality_is_asked_of_known_models_and_lengths_of_time(pipeline: Any) -> None:
    """An unknown model and a length of time of 0 are errors; a model without outcomes has no quality yet."""
    with pytest.raises(ModelNotFound):
        await pipeline.service.get_live_quality("nowhere")
    for wrong in ({"window": 0.0}, {"period": float("nan")}):
        with pytest.raises(ConfigError):
            await pipeline.service.get_live_quality(MODEL, **wrong)
    assert await pipeline.service.get_live_quality(MODEL) == []
