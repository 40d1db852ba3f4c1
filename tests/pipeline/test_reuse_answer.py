"""An answer is reused only for the same question to the same revision of the same model, and is never shared."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hotcrm_ai.domain.errors import ProviderError
from hotcrm_ai.domain.model import ABTest, ModelConfig
from hotcrm_ai.domain.prediction import Context

MODEL = "lead-scoring-v1"
LEAD = {"company_size": 1, "industry": "Technology", "is_customer": True}


@pytest.mark.parametrize(
    "again",
    [
        {"is_customer": True, "industry": "Technology", "company_size": 1},
        {"company_size": 1.0, "industry": "Technology", "is_customer": True},
        {"companySize": 1, "industry": "Technology", "isCustomer": True},
        {**LEAD, "budget": 5},
    ],
    ids=["other order", "1.0 for 1", "camelCase", "a name that no model knows"],
)
async def test_the_same_question_in_another_spelling_is_reused(pipeline: Any, again: dict[str, Any]) -> None:
    """Order of keys, 1 against 1.0, and the spelling of names do not make another question."""
    fresh = await pipeline.service.predict(MODEL, LEAD)
    reused = await pipeline.service.predict(MODEL, again)
    assert (fresh.cached, reused.cached) == (False, True)
    assert (reused.prediction, reused.confidence) == (fresh.prediction, fresh.confidence)
    assert len(pipeline.provider.attempts) == 1


async def test_one_and_true_and_text_are_different_questions(make_pipeline: Any, make_model: Any) -> None:
    """Without a signature 1, true, "1", null, a list and another number are six questions."""
    pipeline = make_pipeline(make_model(signature=None))
    for value in (1, True, "1", None, [1], 2):
        assert (await pipeline.service.predict(MODEL, {"a": value})).cached is False
    assert (await pipeline.cache.stats()).size == 6


async def test_a_reused_answer_has_its_own_id_time_and_warnings(pipeline: Any) -> None:
    """What belongs to the request and not to the answer is never taken from the cache."""
    await pipeline.service.predict(MODEL, {**LEAD, "shoe_size": 44})
    reused = await pipeline.service.predict(MODEL, {**LEAD, "hat_size": 7})
    assert reused.prediction_id == "prediction-2"
    assert reused.metadata["warnings"] == ["hat_size is not a feature of this model and was ignored"]
    assert "provider" not in reused.metadata["stages"]
    assert reused.metadata["provider"] == "local"


async def test_mutating_an_answer_leaves_the_next_hit_as_it_was(pipeline: Any) -> None:
    """Answers are copies: what a caller does to one changes no other."""
    score = (await pipeline.service.predict(MODEL, LEAD)).prediction["score"]
    for _ in range(3):
        response = await pipeline.service.predict(MODEL, LEAD)
        assert response.prediction == {"score": score}
        response.prediction["score"] = "changed"
        response.metadata.clear()


@pytest.mark.parametrize(
    "change", [{"version": "2.0.0"}, {"bundle_digest": "b" * 64}, {"description": "the next revision"}]
)
async def test_an_older_revisions_answer_is_not_served(pipeline: Any, change: dict[str, Any]) -> None:
    """After any change of the model's registration its kept answers are no longer used."""
    await pipeline.service.predict(MODEL, LEAD)
    pipeline.models.change(MODEL, **change)
    assert (await pipeline.service.predict(MODEL, LEAD)).cached is False


async def test_two_models_and_two_workspaces_never_share(make_pipeline: Any, make_model: Any) -> None:
    """The same features asked of another model, or in another workspace over the same cache, are asked anew."""
    first = make_pipeline(make_model(), make_model(id="lead-scoring-v2"))
    second = make_pipeline(make_model(), cache=first.cache, workspace="workspace-b")
    await first.service.predict(MODEL, LEAD)
    assert (await first.service.predict("lead-scoring-v2", LEAD)).cached is False
    assert (await second.service.predict(MODEL, LEAD)).cached is False


async def test_an_answer_is_filed_under_the_arm_that_gave_it(make_pipeline: Any) -> None:
    """Two arms with the same features keep two answers; the champion's serves a request for the champion too."""
    challenger = ModelConfig(
        id="lead-v2", status="active", ab_test=ABTest(champion_model_id="lead-v1", traffic_percentage=50.0)
    )
    pipeline = make_pipeline(ModelConfig(id="lead-v1", status="active"), challenger)
    answers = [
        await pipeline.service.predict("lead-v2", {"a": 1}, context=Context(user_id=str(number)))
        for number in range(40)
    ]
    assert {(answer.model_id, answer.prediction["score"]) for answer in answers} == {
        (
            attempt.model_id,
            (await pipeline.service.predict(attempt.model_id, {"a": 1}, use_cache=False)).prediction["score"],
        )
        if attempt.model_id == "lead-v1"
        else ("lead-v2", next(one.prediction["score"] for one in answers if one.model_id == "lead-v2"))
        for attempt in pipeline.provider.attempts[:2]
    }
    assert sum(answer.cached for answer in answers) == 38
    assert (await pipeline.service.predict("lead-v1", {"a": 1})).cached is True


async def test_answers_live_as_long_as_their_model_says(make_pipeline: Any, make_model: Any) -> None:
    """A model's own cache time goes before the default, 0 means never, and the wall clock plays no part."""
    pipeline = make_pipeline(
        make_model(), make_model(id="short-v1", cache_ttl=10.0), make_model(id="never-v1", cache_ttl=0.0)
    )

    async def cached(model_id: str) -> bool:
        return bool((await pipeline.service.predict(model_id, LEAD)).cached)

    assert [await cached(model_id) for model_id in (MODEL, "short-v1", "never-v1")] == [False] * 3
    pipeline.clock.step_wall_clock(3600)
    pipeline.clock.advance(9.0)
    assert [await cached(model_id) for model_id in (MODEL, "short-v1", "never-v1")] == [True, True, False]
    pipeline.clock.advance(2.0)
    assert [await cached(model_id) for model_id in (MODEL, "short-v1")] == [True, False]
    pipeline.clock.advance(300.0)
    assert await cached(MODEL) is False


async def test_the_cache_can_be_left_out(make_pipeline: Any, pipeline: Any) -> None:
    """`use_cache=False` neither looks nor keeps; a service without cache says that it is off."""
    await pipeline.service.predict(MODEL, LEAD, use_cache=False)
    assert (await pipeline.service.predict(MODEL, LEAD)).cached is False
    assert (await pipeline.service.predict(MODEL, LEAD, use_cache=False)).cached is False
    uncached = make_pipeline(cache=None)
    assert [(await uncached.service.predict(MODEL, LEAD)).cached for _ in range(2)] == [False, False]
    assert (await uncached.service.get_cache_stats()).enabled is False


@pytest.mark.parametrize(
    "garbage", [b"\x80\x04\x95garbage", b"{}", b'[1,"another key",{"score":100},99.0,{}]', b"null"]
)
async def test_garbage_in_the_cache_is_a_miss_and_is_replaced(pipeline: Any, garbage: bytes) -> None:
    """A value that is unreadable, or belongs to another key, is never served."""
    right = await pipeline.service.predict(MODEL, LEAD)
    (key,) = pipeline.cache._entries
    await pipeline.cache.set(key, garbage, ttl_seconds=300)
    again = await pipeline.service.predict(MODEL, LEAD)
    assert (again.cached, again.prediction) == (False, right.prediction)
    assert (await pipeline.service.predict(MODEL, LEAD)).cached is True


async def test_clearing_forgets_one_model_or_all(make_pipeline: Any, make_model: Any) -> None:
    """`clear_cache` forgets the answers of the named model only, and all without a name."""
    pipeline = make_pipeline(make_model(), make_model(id="lead-scoring-v2"))
    for model_id in (MODEL, "lead-scoring-v2"):
        await pipeline.service.predict(model_id, LEAD)
    assert await pipeline.service.clear_cache(MODEL) == 1
    assert (await pipeline.service.predict("lead-scoring-v2", LEAD)).cached is True
    assert (await pipeline.service.predict(MODEL, LEAD)).cached is False
    assert await pipeline.service.clear_cache() == 2


async def arrived(pipeline: Any, attempts: int) -> None:
    """Let the other tasks go on until they wait for the provider, and check how many calls reached it."""
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(pipeline.provider.attempts) == attempts


async def test_two_hundred_simultaneous_misses_make_one_call(pipeline: Any) -> None:
    """Identical requests at the same time share one call, and each has its own answer, id and log row."""
    pipeline.provider.hold()
    calls = [asyncio.ensure_future(pipeline.service.predict(MODEL, LEAD)) for _ in range(200)]
    await arrived(pipeline, 1)
    pipeline.provider.release()
    responses = await asyncio.gather(*calls)
    assert len(pipeline.provider.attempts) == 1
    assert len({response.prediction_id for response in responses}) == 200
    assert len({id(response.prediction) for response in responses}) == 200
    assert len(pipeline.log.rows) == 200
    assert await pipeline.counts() == (200, 0)


async def test_different_questions_do_not_wait_for_each_other(pipeline: Any) -> None:
    """Only identical requests share a call."""
    pipeline.provider.hold()
    calls = [asyncio.ensure_future(pipeline.service.predict(MODEL, {"company_size": size})) for size in (1, 2, 3)]
    await arrived(pipeline, 3)
    pipeline.provider.release()
    await asyncio.gather(*calls)
    assert len(pipeline.provider.attempts) == 3


async def test_a_cancelled_first_caller_does_not_take_the_others_along(pipeline: Any) -> None:
    """When the caller that leads is cancelled, another one takes the lead and all others are answered."""
    pipeline.provider.hold()
    calls = [asyncio.ensure_future(pipeline.service.predict(MODEL, LEAD)) for _ in range(20)]
    await arrived(pipeline, 1)
    calls[0].cancel()
    await arrived(pipeline, 2)
    pipeline.provider.release()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert len({repr(result.prediction) for result in results[1:]}) == 1
    assert len(pipeline.provider.attempts) == 2


async def test_a_shared_failure_reaches_all_and_is_not_kept(pipeline: Any) -> None:
    """Everybody who waited for a call that failed gets its error; the next request asks again."""
    pipeline.provider.hold()
    pipeline.provider.fail_next(ValueError("boom"))
    calls = [asyncio.ensure_future(pipeline.service.predict(MODEL, LEAD)) for _ in range(20)]
    await arrived(pipeline, 1)
    pipeline.provider.release()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(result, ProviderError) for result in results)
    assert len(pipeline.provider.attempts) == 1
    assert await pipeline.counts() == (0, 20)
    assert (await pipeline.service.predict(MODEL, LEAD)).cached is False
