"""A batch is many single predictions: the same checks, arms, cache, log and counts, in order, under one deadline."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest

from hotcrm_ai.domain.errors import (
    InvalidFeatures,
    InvalidRequest,
    ModelNotActive,
    ProviderBadAnswer,
    ProviderError,
    ProviderTimeout,
    ProviderUnavailable,
    StorageError,
)
from hotcrm_ai.domain.model import ABTest
from hotcrm_ai.domain.prediction import PredictionError, PredictionOutput, PredictionResponse
from hotcrm_ai.testing import FakeProvider
from hotcrm_ai.testing.provider import score_of

MODEL = "lead-scoring-v1"
HUNDRED = [{"company_size": number + 1, "industry": "Finance", "is_customer": False} for number in range(100)]


def with_three_bad() -> list[dict[str, Any]]:
    batch: list[dict[str, Any]] = [dict(features) for features in HUNDRED]
    for place, bad in ((10, "large"), (55, math.nan), (99, True)):
        batch[place]["company_size"] = bad
    return batch


async def test_collect_gives_97_answers_and_3_errors_in_order(pipeline: Any) -> None:
    """Bad items are errors at their own places, and every other item has the answer to its own features."""
    results = await pipeline.service.batch_predict(MODEL, with_three_bad(), on_error="collect")
    model = await pipeline.models.get_model(MODEL)
    assert [index for index, result in enumerate(results) if isinstance(result, PredictionError)] == [10, 55, 99]
    for index, result in enumerate(results):
        if isinstance(result, PredictionError):
            assert (result.index, result.code) == (index, "invalid_features")
            assert "company_size" in result.details["problems"]
        else:
            row = next(row for row in pipeline.log.rows if row.id == result.prediction_id)
            assert row.input_features["company_size"] == index + 1
            (question,) = [
                asked
                for attempt in pipeline.provider.attempts
                for asked in attempt.questions
                if asked.features["company_size"] == index + 1
            ]
            assert result.prediction == score_of(model, question).prediction
    assert len(pipeline.log.rows) == 97
    assert await pipeline.counts() == (97, 0)


async def test_raise_names_the_first_bad_item_and_does_nothing(pipeline: Any) -> None:
    """The error says which item it was; no provider is asked and nothing is logged."""
    with pytest.raises(InvalidFeatures, match=r"Item 10 of the batch: .*'company_size'") as refused:
        await pipeline.service.batch_predict(MODEL, with_three_bad())
    assert refused.value.details["index"] == 10
    assert refused.value.problems == {"company_size": "expected a number, got 'large' (text)"}
    assert pipeline.provider.attempts == []
    assert pipeline.log.rows == []


async def test_raise_after_a_providers_failure_logs_nothing(pipeline: Any) -> None:
    """When the provider fails for one item the whole batch fails: no item is in the log, all calls are counted."""
    pipeline.providers.by_name["local"] = FakeProvider(
        lambda model, asked: None if asked.features["company_size"] == 8 else score_of(model, asked)
    )
    with pytest.raises(ProviderBadAnswer, match="Item 7 of the batch") as failed:
        await pipeline.service.batch_predict(MODEL, HUNDRED)
    assert failed.value.details["index"] == 7
    assert pipeline.log.rows == []
    assert await pipeline.counts() == (99, 1)


def comparable(response: Any) -> tuple[Any, ...]:
    return (
        response.prediction,
        response.confidence,
        response.model_id,
        response.model_version,
        response.requested_model_id,
        response.cached,
        response.metadata["variant"],
        response.metadata["warnings"],
    )


async def test_a_batch_gives_what_singles_give(make_pipeline: Any, make_model: Any) -> None:
    """Values, arms, cache hits, log rows and counts of a batch are those of single calls, one after another."""
    models = (
        make_model(),
        make_model(id="lead-v2", ab_test=ABTest(champion_model_id=MODEL, traffic_percentage=40.0, seed=3)),
    )
    batch = [*HUNDRED, *HUNDRED[:30]]
    contexts = [{"object_type": "Lead", "object_id": str(number % 45)} for number in range(130)]
    singles, batched = make_pipeline(*models), make_pipeline(*models)
    one_by_one = [
        await singles.service.predict("lead-v2", features, context=context)
        for features, context in zip(batch, contexts, strict=True)
    ]
    together = await batched.service.batch_predict("lead-v2", batch, contexts=contexts)
    for one, other in zip(one_by_one, together, strict=True):
        assert comparable(one)[:5] == comparable(other)[:5]
        assert comparable(one)[6:] == comparable(other)[6:]
    assert {response.metadata["variant"] for response in together} == {"champion", "challenger"}
    for model_id in (MODEL, "lead-v2"):
        assert await singles.counts(model_id) == await batched.counts(model_id)
    rows = [
        [
            (row.id, row.model_id, row.variant, row.object_id, row.input_features, row.prediction_value)
            for row in pipeline.log.rows
        ]
        for pipeline in (singles, batched)
    ]
    assert rows[0] == rows[1]
    again = await batched.service.batch_predict("lead-v2", batch, contexts=contexts)
    assert all(response.cached for response in again)


async def test_an_inactive_model_refuses_a_batch(pipeline: Any) -> None:
    """The status is checked for a batch as for a single request."""
    pipeline.models.change(MODEL, status="testing")
    with pytest.raises(ModelNotActive):
        await pipeline.service.batch_predict(MODEL, HUNDRED)


@pytest.mark.parametrize("change", [-1, 1])
async def test_a_reply_of_another_length_is_an_error_and_shifts_nothing(pipeline: Any, change: int) -> None:
    """One answer too few or too many makes the whole reply unusable: no item gets its neighbour's answer."""

    class Miscounting(FakeProvider):
        async def batch_predict(self, model: Any, inputs: Any) -> list[PredictionOutput]:
            answers = await super().batch_predict(model, inputs)
            return answers[:-1] if change < 0 else [*answers, answers[0]]

    pipeline.providers.by_name["local"] = Miscounting()
    results = await pipeline.service.batch_predict(MODEL, HUNDRED, on_error="collect")
    assert {result.code for result in results} == {"provider_bad_answer"}
    assert pipeline.log.rows == []
    assert (await pipeline.cache.stats()).size == 0


async def test_one_question_that_breaks_the_providers_batch_fails_alone(pipeline: Any) -> None:
    """A plug-in that raises for one item of a batch costs that item only; the others are asked one by one."""

    def answer(model: Any, asked: Any) -> PredictionOutput:
        if asked.features["company_size"] == 8:
            raise ValueError("cannot read this one")
        return score_of(model, asked)

    pipeline.providers.by_name["local"] = FakeProvider(answer)
    results = await pipeline.service.batch_predict(MODEL, HUNDRED, on_error="collect")
    assert [result.index for result in results if isinstance(result, PredictionError)] == [7]
    assert len(pipeline.log.rows) == 99


async def test_an_unreachable_provider_is_not_asked_again_for_every_item(pipeline: Any) -> None:
    """A batch that found nobody to answer does not knock a hundred times more."""
    pipeline.provider.always = ProviderUnavailable("Nobody is there; try again later.")
    results = await pipeline.service.batch_predict(MODEL, HUNDRED, on_error="collect")
    assert {result.code for result in results} == {"provider_unavailable"}
    assert len(pipeline.provider.attempts) == 1


async def test_equal_items_are_asked_once(pipeline: Any) -> None:
    """Identical items of a batch share one question, and each has its own answer and log row."""
    results = await pipeline.service.batch_predict(MODEL, [HUNDRED[0]] * 50)
    assert sum(len(attempt.questions) for attempt in pipeline.provider.attempts) == 1
    assert len({id(result.prediction) for result in results}) == 50
    assert len(pipeline.log.rows) == 50


class Counting(FakeProvider):
    """A provider that knows how many of its calls run at the same time."""

    def __init__(self) -> None:
        super().__init__()
        self.running = 0
        self.most = 0

    async def batch_predict(self, model: Any, inputs: Any) -> list[PredictionOutput]:
        self.running += 1
        self.most = max(self.most, self.running)
        for _ in range(3):
            await asyncio.sleep(0)
        self.running -= 1
        return await super().batch_predict(model, inputs)


async def test_at_most_eight_calls_run_at_a_time(pipeline: Any) -> None:
    """A large batch is asked in chunks, eight at a time and no more, and stays in order."""
    pipeline.providers.by_name["local"] = provider = Counting()
    batch = [{"company_size": number + 1} for number in range(5_000)]
    results = await pipeline.service.batch_predict(MODEL, batch)
    assert provider.most == 8
    assert [row.input_features["company_size"] for row in pipeline.log.rows] == list(range(1, 5_001))
    assert [result.prediction_id for result in results] == [row.id for row in pipeline.log.rows]


async def test_one_deadline_holds_for_the_whole_batch(pipeline: Any) -> None:
    """When the provider hangs all items fail as timeouts at the batch's deadline, and are counted."""
    pipeline.provider.hold()
    results = await pipeline.service.batch_predict(MODEL, HUNDRED, on_error="collect", timeout=0.02)
    assert {result.code for result in results} == {"provider_timeout"}
    assert await pipeline.counts() == (0, 100)
    with pytest.raises(ProviderTimeout, match="Item 0"):
        await pipeline.service.batch_predict(MODEL, HUNDRED, timeout=0.02)


async def test_what_the_log_cannot_take_is_an_error_of_its_item(pipeline: Any) -> None:
    """A storage failure is never hidden behind an answer."""
    pipeline.log.failure = StorageError("The database is away; try again.")
    results = await pipeline.service.batch_predict(MODEL, HUNDRED[:3], on_error="collect")
    assert [result.code for result in results] == ["storage_unavailable"] * 3


async def test_with_raise_what_the_log_cannot_take_is_raised(pipeline: Any) -> None:
    """Who asked for the first error to end all never finds an error among the answers."""
    pipeline.log.failure = StorageError("The database is away; try again.")
    with pytest.raises(StorageError, match="Item 0 of the batch: The database is away"):
        await pipeline.service.batch_predict(MODEL, HUNDRED[:3])


@pytest.mark.parametrize(
    ("features", "options", "words"),
    [
        ([{}] * 10_001, {}, "10001 items"),
        ("text", {}, "list of features"),
        ({"a": 1}, {}, "list of features"),
        ([{}], {"contexts": []}, "0 contexts"),
        ([{}], {"on_error": "ignore"}, "'ignore'"),
    ],
)
async def test_what_is_no_batch_is_refused(pipeline: Any, features: Any, options: Any, words: str) -> None:
    """A batch over the limit, of a wrong type or with contexts that do not fit is an error, and nothing runs."""
    with pytest.raises(InvalidRequest, match=words):
        await pipeline.service.batch_predict(MODEL, features, **options)
    assert pipeline.provider.attempts == []


async def test_an_empty_batch_is_an_empty_list(pipeline: Any) -> None:
    """Nothing asked is nothing answered."""
    assert await pipeline.service.batch_predict(MODEL, []) == []


async def test_items_of_two_arms_go_to_two_models(make_pipeline: Any, make_model: Any) -> None:
    """A batch of both arms is grouped by the model that answers, and one arm's failure leaves the other's answers."""
    pipeline = make_pipeline(
        make_model(),
        make_model(
            id="lead-v2", provider="other", ab_test=ABTest(champion_model_id=MODEL, traffic_percentage=50.0, seed=3)
        ),
    )
    pipeline.other_provider.always = ProviderError("The challenger is broken.")
    contexts = [{"user_id": str(number)} for number in range(100)]
    results = await pipeline.service.batch_predict("lead-v2", HUNDRED, contexts=contexts, on_error="collect")
    answered = [result for result in results if isinstance(result, PredictionResponse)]
    assert {result.model_id for result in answered} == {MODEL}
    assert 30 < len(answered) < 70
    assert await pipeline.counts(MODEL) == (len(answered), 0)
    assert await pipeline.counts("lead-v2") == (0, 100 - len(answered))
