"""A declared fallback says that it answered; deadlines hold whatever the provider does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator
from typing import Any

import pytest

from hotcrm_ai.domain.errors import InvalidFeatures, ProviderError, ProviderTimeout
from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.pipeline.deadline import DeadlinePassed, run_until
from hotcrm_ai.testing import FakeProvider

MODEL, FALLBACK = "lead-scoring-v1", "simple-v1"
LEAD = {"company_size": 500}


@pytest.fixture
def pipeline(make_pipeline: Any, make_model: Any) -> Any:
    """A model whose provider can be broken, with a fallback that runs elsewhere."""
    return make_pipeline(
        make_model(provider="other", fallback_model_id=FALLBACK),
        make_model(id=FALLBACK, version="0.9.0", provider="local"),
    )


async def test_the_declared_fallback_answers_and_says_so(pipeline: Any) -> None:
    """Answer and log name the fallback as the model that answered and the failed model as the one it stood in for."""
    pipeline.other_provider.always = ValueError("boom")
    response = await pipeline.service.predict(MODEL, LEAD)
    assert (response.model_id, response.model_version, response.requested_model_id) == (FALLBACK, "0.9.0", MODEL)
    assert response.metadata["fallback"] == MODEL
    assert response.metadata["provider"] == "local"
    assert f"model '{MODEL}' failed; its declared fallback '{FALLBACK}' answered" in response.metadata["warnings"]
    (row,) = pipeline.log.rows
    assert (row.model_id, row.requested_model_id, row.fallback_for, row.provider) == (FALLBACK, MODEL, MODEL, "local")
    assert await pipeline.counts(MODEL) == (0, 1)
    assert await pipeline.counts(FALLBACK) == (1, 0)


async def test_a_fallbacks_answer_is_filed_under_the_fallback_only(pipeline: Any) -> None:
    """After the failed model is back it is asked again; the fallback's own requests find the fallback's answer."""
    pipeline.other_provider.always = ValueError("boom")
    await pipeline.service.predict(MODEL, LEAD)
    assert (await pipeline.service.predict(FALLBACK, LEAD)).cached is True
    pipeline.other_provider.always = None
    healed = await pipeline.service.predict(MODEL, LEAD)
    assert (healed.model_id, healed.cached) == (MODEL, False)
    assert "fallback" not in healed.metadata


async def test_wrong_features_are_not_a_case_for_the_fallback(pipeline: Any) -> None:
    """The caller's mistake is told, not covered."""
    with pytest.raises(InvalidFeatures):
        await pipeline.service.predict(MODEL, {"company_size": "large"})
    assert pipeline.provider.attempts == []


@pytest.mark.parametrize("status", ["testing", "deprecated", "training", None])
async def test_a_fallback_that_is_not_active_does_not_answer(pipeline: Any, status: Any) -> None:
    """Without an active fallback the failure is the answer."""
    if status is None:
        pipeline.models.remove(FALLBACK)
    else:
        pipeline.models.change(FALLBACK, status=status)
    pipeline.other_provider.always = ValueError("boom")
    with pytest.raises(ProviderError, match=f"'{MODEL}'"):
        await pipeline.service.predict(MODEL, LEAD)
    assert pipeline.provider.attempts == []


async def test_when_both_fail_the_first_failure_is_told(pipeline: Any) -> None:
    """The error is that of the model that was asked; both failures are counted, each for its model."""
    pipeline.other_provider.always = pipeline.provider.always = ValueError("boom")
    with pytest.raises(ProviderError, match=f"'{MODEL}'"):
        await pipeline.service.predict(MODEL, LEAD)
    assert (await pipeline.counts(MODEL), await pipeline.counts(FALLBACK)) == ((0, 1), (0, 1))


async def test_a_fallback_whose_signature_does_not_fit_does_not_answer(pipeline: Any) -> None:
    """Features that the fallback cannot take leave the first failure standing."""
    pipeline.models.change(
        FALLBACK, signature=Signature(features=(FeatureSpec(name="budget", type="number", required=True),))
    )
    pipeline.other_provider.always = ValueError("boom")
    with pytest.raises(ProviderError, match=f"'{MODEL}'"):
        await pipeline.service.predict(MODEL, LEAD)


async def test_a_fallback_steps_in_for_a_batch_too(pipeline: Any) -> None:
    """Every item of a batch whose model fails is answered by the fallback, in order."""
    pipeline.other_provider.always = ValueError("boom")
    batch = [{"company_size": number + 1} for number in range(20)]
    responses = await pipeline.service.batch_predict(MODEL, batch)
    assert [response.metadata["fallback"] for response in responses] == [MODEL] * 20
    assert [row.input_features["company_size"] for row in pipeline.log.rows] == list(range(1, 21))


async def test_a_hanging_model_leaves_time_for_its_fallback(pipeline: Any) -> None:
    """A model that hangs is given up early enough for the fallback to answer within the one deadline."""
    pipeline.other_provider.hold()
    began = time.monotonic()
    response = await pipeline.service.predict(MODEL, LEAD, timeout=0.08)
    assert time.monotonic() - began < 0.18
    assert response.metadata["fallback"] == MODEL


async def test_a_hanging_provider_is_a_timeout_and_a_counted_failure(make_pipeline: Any) -> None:
    """A call that hangs ends at its deadline as a typed error, counts as failed, and is cancelled."""
    pipeline = make_pipeline()
    cancelled: list[str] = []

    class Hanging(FakeProvider):
        async def predict(self, model: Any, input: Any) -> PredictionOutput:  # noqa: A002
            try:
                return await asyncio.get_running_loop().create_future()
            finally:
                cancelled.append(input.prediction_id)

    pipeline.providers.by_name["local"] = Hanging()
    began = time.monotonic()
    with pytest.raises(ProviderTimeout, match="deadline"):
        await pipeline.service.predict(MODEL, LEAD, timeout=0.02)
    assert time.monotonic() - began < 0.12
    assert cancelled == ["prediction-1"]
    assert await pipeline.counts() == (0, 1)


async def test_the_provider_is_told_the_seconds_that_are_left(make_pipeline: Any) -> None:
    """The question carries the time that remains, so that a remote call can be bounded by it."""
    pipeline = make_pipeline()
    await pipeline.service.predict(MODEL, LEAD, timeout=1.5)
    assert pipeline.provider.attempts[0].questions[0].timeout_seconds == 1.5


async def test_a_cancelled_caller_cancels_its_call(make_pipeline: Any) -> None:
    """Giving up a prediction passes on to the provider and is neither logged nor counted."""
    pipeline = make_pipeline()
    pipeline.provider.hold()
    call = asyncio.ensure_future(pipeline.service.predict(MODEL, LEAD))
    for _ in range(5):
        await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert pipeline.log.rows == []
    assert await pipeline.counts() == (0, 0)


class Ready:
    """Something awaitable that is no coroutine and never waits."""

    def __await__(self) -> Generator[Any, None, str]:
        return "ready"
        yield


async def test_a_call_that_never_waits_needs_no_turn_of_the_loop() -> None:
    """What answers in its first step is answered before anything else runs."""
    order: list[str] = []
    asyncio.get_running_loop().call_soon(order.append, "the loop turned")
    assert await run_until(Ready(), 1.0) == "ready"
    assert order == []


async def test_a_call_that_waits_several_times_goes_on_until_its_end() -> None:
    """Values, errors and clean-up of a call that waits are those of the call alone."""
    steps: list[int] = []

    async def slow(fails: bool) -> str:
        for number in range(3):
            await asyncio.sleep(0)
            steps.append(number)
        if fails:
            raise ValueError("at the end")
        return "done"

    assert await run_until(slow(fails=False), 1.0) == "done"
    with pytest.raises(ValueError, match="at the end"):
        await run_until(slow(fails=True), 1.0)
    assert steps == [0, 1, 2, 0, 1, 2]


async def test_a_calls_own_timeouts_work_under_the_deadline() -> None:
    """A timeout inside of the call ends what it guards and no more; the call sees it in its own task."""

    async def guarded() -> str:
        task = asyncio.current_task()
        try:
            async with asyncio.timeout(0.005):
                await asyncio.get_running_loop().create_future()
        except TimeoutError:
            await asyncio.sleep(0)
            return "inner timeout" if asyncio.current_task() is task else "another task"
        return "never"

    assert await run_until(guarded(), 1.0) == "inner timeout"


async def test_clean_up_that_waits_is_done_before_the_deadline_is_told() -> None:
    """A call that is given up may still close what it opened, waiting included."""
    closed: list[bool] = []

    async def opens() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await asyncio.sleep(0)
            closed.append(True)

    with pytest.raises(DeadlinePassed):
        await run_until(opens(), 0.005)
    assert closed == [True]
