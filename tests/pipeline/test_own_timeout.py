"""A model that takes longer than others may be given its own time, within the deadline of each request."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from hotcrm_ai.domain.errors import ConfigError, ProviderTimeout
from hotcrm_ai.domain.model import ProviderConfig
from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.registry.config_rules import check_config

LEAD = {"company_size": 500}


def own(seconds: float | None) -> ProviderConfig:
    return ProviderConfig(provider="other", timeout_seconds=seconds)


def seconds_given(pipeline: Any) -> list[float]:
    return [question.timeout_seconds for attempt in pipeline.other_provider.attempts for question in attempt.questions]


@pytest.mark.parametrize(
    ("own_seconds", "asked_for", "given"),
    [(None, None, 2.0), (20.0, None, 20.0), (20.0, 5.0, 5.0), (0.5, None, 0.5), (0.5, 5.0, 0.5), (20.0, 30.0, 20.0)],
)
async def test_the_models_own_time_and_the_requests_deadline_both_hold(
    make_pipeline: Any, make_model: Any, own_seconds: float | None, asked_for: float | None, given: float
) -> None:
    """Without a timeout of the request the model's own may be longer than the usual 2 s; with one, the shorter of both counts."""
    pipeline = make_pipeline(make_model(provider="other", provider_config=own(own_seconds)))
    await pipeline.service.predict("lead-scoring-v1", LEAD, timeout=asked_for)
    await pipeline.service.batch_predict(
        "lead-scoring-v1", [LEAD, {"company_size": 7}], timeout=asked_for, use_cache=False
    )
    assert seconds_given(pipeline) == [given] * 3


async def test_a_short_own_time_leaves_the_rest_to_the_fallback(make_pipeline: Any, make_model: Any) -> None:
    """The model is given up after its own time, and its fallback answers well within the deadline."""
    pipeline = make_pipeline(
        make_model(provider="other", provider_config=own(0.05), fallback_model_id="simple-v1"),
        make_model(id="simple-v1", provider="local"),
    )
    pipeline.other_provider.hold()
    began = time.monotonic()
    answer = await pipeline.service.predict("lead-scoring-v1", LEAD)
    assert (answer.model_id, answer.metadata["fallback"]) == ("simple-v1", "lead-scoring-v1")
    assert time.monotonic() - began < 0.5


async def test_a_slow_model_answers_within_its_own_time_and_never_after_it(make_pipeline: Any, make_model: Any) -> None:
    """The workspace allows 0.05 s, the model 5 s: an answer after 0.1 s is one; a model without own time is given up."""

    class Slow:
        async def predict(self, model: Any, input: Any) -> PredictionOutput:  # noqa: A002 - the port's name
            await asyncio.sleep(0.1)
            return PredictionOutput(prediction={"score": 1})

    pipeline = make_pipeline(
        make_model(provider="other", provider_config=own(5.0)),
        make_model(id="hasty", provider="other"),
        default_timeout_seconds=0.05,
    )
    assert (await pipeline.service.predict("lead-scoring-v1", LEAD, provider=Slow())).prediction == {"score": 1}
    with pytest.raises(ProviderTimeout):
        await pipeline.service.predict("hasty", LEAD, provider=Slow())


@pytest.mark.parametrize("wrong", [0, -1.0, float("nan"), float("inf"), 3601.0])
def test_an_own_time_that_makes_no_sense_is_refused(make_model: Any, wrong: float) -> None:
    """Registration says what a time is."""
    with pytest.raises(ConfigError, match="timeout_seconds is a number of seconds above 0 and up to 3600"):
        check_config(make_model(provider="other", provider_config=own(wrong)))
