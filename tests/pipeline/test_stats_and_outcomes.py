"""Stats and health tell what predictions did, of registered models only; outcomes lead back to predictions."""

from __future__ import annotations

from typing import Any

import pytest

from hotcrm_ai.domain.errors import (
    InvalidRequest,
    ModelNotFound,
    PredictionNotFound,
    ProviderTimeout,
    ProviderUnavailable,
)
from hotcrm_ai.domain.performance import Health

MODEL = "lead-scoring-v1"
LEAD = {"company_size": 500}


async def failing(pipeline: Any, times: int, **options: Any) -> None:
    for number in range(times):
        with pytest.raises((ProviderTimeout, ProviderUnavailable)):
            await pipeline.service.predict(MODEL, {"company_size": number + 1}, **options)


async def test_ten_thousand_unknown_ids_make_no_series(pipeline: Any) -> None:
    """Asking for models that do not exist takes no memory in the monitor."""
    for number in range(10_000):
        with pytest.raises(ModelNotFound):
            await pipeline.service.predict(f"model-{number}", LEAD)
    assert await pipeline.service.get_performance_stats() == {}


async def test_stats_and_health_of_an_unknown_model_are_an_error(pipeline: Any) -> None:
    """A model that is not registered has neither stats nor health; a registered one without traffic has none yet."""
    with pytest.raises(ModelNotFound):
        await pipeline.service.get_performance_stats("model-9")
    with pytest.raises(ModelNotFound):
        await pipeline.service.get_model_health("model-9")
    assert await pipeline.service.get_performance_stats(MODEL) is None
    assert await pipeline.service.get_model_health(MODEL) == Health(
        status="unknown", reason="No recent predictions", samples=0
    )


async def test_a_dead_provider_behind_a_warm_cache_is_unhealthy(pipeline: Any) -> None:
    """With 95 % of the answers from the cache the failures of the rest make the model unhealthy within a minute."""
    await pipeline.service.predict(MODEL, LEAD)
    pipeline.clock.advance(301 - 60)
    await pipeline.service.predict(MODEL, LEAD)
    pipeline.clock.advance(60)
    await pipeline.service.predict(MODEL, LEAD)
    pipeline.provider.always = ProviderUnavailable("Nobody is there; try again later.")
    for second in range(60):
        for _ in range(19):
            await pipeline.service.predict(MODEL, LEAD)
        with pytest.raises(ProviderUnavailable):
            await pipeline.service.predict(MODEL, {"company_size": 1000 + second})
        pipeline.clock.advance(1)
    health = await pipeline.service.get_model_health(MODEL)
    assert health.status == "unhealthy"
    assert health.samples == 61


async def test_calls_that_all_hang_are_unhealthy(pipeline: Any) -> None:
    """A call that hangs counts as failed at its deadline, so a silent provider is seen."""
    pipeline.provider.hold()
    await failing(pipeline, 20, timeout=0.001)
    assert (await pipeline.service.get_model_health(MODEL)).status == "unhealthy"


async def test_one_failure_of_one_is_no_alarm(pipeline: Any) -> None:
    """A single failed call makes a model degraded at worst."""
    pipeline.provider.always = ProviderUnavailable("Nobody is there; try again later.")
    await failing(pipeline, 1)
    assert (await pipeline.service.get_model_health(MODEL)).status == "degraded"


async def test_stats_count_fresh_and_cached_answers(pipeline: Any) -> None:
    """Answers are counted once each; cache hits are told apart."""
    for _ in range(4):
        await pipeline.service.predict(MODEL, LEAD)
    stats = await pipeline.service.get_performance_stats(MODEL)
    assert (stats.total_predictions, stats.fresh_predictions, stats.cache_hit_rate) == (4, 1, 75.0)
    assert stats.average_confidence == 80.0
    assert (await pipeline.service.get_cache_stats()).hits == 3


async def test_an_outcome_is_joined_with_its_prediction(pipeline: Any) -> None:
    """What really happened goes to the log's row and into live accuracy; telling it again changes, not adds."""
    response = await pipeline.service.predict(MODEL, LEAD)
    assert await pipeline.service.record_outcome(response.prediction_id, {"score": -1}) == 1
    assert pipeline.log.rows[0].actual_outcome == {"score": -1}
    assert (await pipeline.service.get_performance_stats(MODEL)).live_accuracy == 0.0
    await pipeline.service.record_outcome(response.prediction_id, response.prediction)
    assert (await pipeline.service.get_performance_stats(MODEL)).live_accuracy == 100.0


async def test_an_outcome_is_joined_by_its_record(pipeline: Any) -> None:
    """All predictions of a model for a record get the record's outcome."""
    for _ in range(2):
        await pipeline.service.predict(MODEL, LEAD, context={"object_type": "Lead", "object_id": "42"})
    await pipeline.service.predict(MODEL, LEAD, context={"object_type": "Lead", "object_id": "43"})
    joined = await pipeline.service.record_outcome(object_type="Lead", object_id="42", model_id=MODEL, actual=True)
    assert joined == 2
    assert [row.actual_outcome for row in pipeline.log.rows] == [True, True, None]


async def test_an_outcome_of_nothing_is_an_error(pipeline: Any) -> None:
    """An unknown prediction, and an outcome without address, are typed errors."""
    with pytest.raises(PredictionNotFound):
        await pipeline.service.record_outcome("no-such-id", True)
    with pytest.raises(InvalidRequest):
        await pipeline.service.record_outcome(object_id="42", actual=True)


async def test_what_explanations_need_is_what_predictions_use(pipeline: Any) -> None:
    """`choose`, `fit` and `answer` give the model, features and answer of a prediction, and leave no trace."""
    chosen = await pipeline.service.choose(MODEL, {"companySize": 500})
    output = await pipeline.service.answer(chosen)
    assert chosen.model.id == MODEL
    assert (
        chosen.fitted.values
        == (await pipeline.service.fit(chosen.model, LEAD)).fitted.values
        == {"company_size": 500.0}
    )
    assert pipeline.log.rows == []
    assert (await pipeline.service.predict(MODEL, LEAD)).prediction == output.prediction
