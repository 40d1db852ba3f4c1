"""What stands around every provider: retries within their budget, breakers of their own for each place, a limit, and a record."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from hotcrm_ai.domain.errors import (
    ProviderBadAnswer,
    ProviderError,
    ProviderMisconfigured,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
)
from hotcrm_ai.domain.faults import FAULT_RULES, FaultKind
from hotcrm_ai.domain.model import ModelConfig, ProviderConfig
from hotcrm_ai.domain.performance import ProviderScope
from hotcrm_ai.domain.prediction import PredictionInput
from hotcrm_ai.pipeline.ask_provider import ask_one
from hotcrm_ai.pipeline.guards import ProviderGuards
from hotcrm_ai.pipeline.guards.personal_fields import outgoing_for
from hotcrm_ai.testing import FakeClock, FakeProvider

MODEL = ModelConfig(id="lead-v1", provider="mlflow", endpoint="https://models.example.com/lead", status="active")
OTHER = ModelConfig(id="churn-v1", provider="mlflow", endpoint="https://models.example.com/churn", status="active")


class Guarded:
    """Guards over a clock that sleeping turns, and calls that fail by a list."""

    def __init__(self, **options: Any) -> None:
        self.clock = FakeClock()
        self.slept: list[float] = []
        numbers = random.Random(7)
        self.guards = ProviderGuards(clock=self.clock, random=numbers.random, sleep=self.sleep, **options)
        self.provider = FakeProvider()
        self.attempts = 0

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.advance(seconds)

    async def call(
        self, *failures: ProviderError | None, model: ModelConfig = MODEL, seconds: float = 2.0, **more: Any
    ) -> Any:
        """Make one call whose attempts fail so, the last one for all further attempts."""
        script = list(failures) or [None]

        async def attempt(left: float) -> str:
            self.attempts += 1
            failure = script.pop(0) if len(script) > 1 else script[0]
            if failure is not None:
                raise failure
            return "answer"

        return await self.guards.call(more.pop("provider", self.provider), model, attempt, seconds=seconds, **more)


def error(kind: FaultKind = "overloaded", **more: Any) -> ProviderError:
    return ProviderUnavailable("It failed.", kind=kind, **more)


async def test_two_retries_with_growing_jitter() -> None:
    """A call that fails for the moment is repeated twice, after up to 50 and 100 milliseconds."""
    guarded = Guarded()
    assert await guarded.call(error(), error(), None) == "answer"
    assert guarded.attempts == 3
    assert 0 <= guarded.slept[0] <= 0.05
    assert 0 <= guarded.slept[1] <= 0.1
    guarded.clock.advance(11.0)
    with pytest.raises(ProviderUnavailable):
        await guarded.call(error())
    assert guarded.attempts == 6


@pytest.mark.parametrize(
    ("failure", "attempts"),
    [
        (ProviderRejected("No."), 1),
        (ProviderMisconfigured("No."), 1),
        (ProviderMisconfigured("No.", kind="auth"), 1),
        (ProviderMisconfigured("No.", kind="auth", retryable=True), 2),
        (error("quota_spent"), 1),
        (ProviderBadAnswer("No."), 2),
        (ProviderTimeout("No."), 3),
        (error("unreachable"), 3),
        (error("throttled"), 3),
        (error("not_ready"), 3),
        (error("overloaded", retryable=False), 1),
        (ProviderError("No.", kind="model_bug"), 1),
        (ProviderError("No."), 1),
    ],
)
async def test_what_is_retried_follows_from_the_kind(failure: ProviderError, attempts: int) -> None:
    """Only faults that may pass are met again: a bad answer and a refreshed token once, others of the moment twice, the rest never."""
    guarded = Guarded()
    with pytest.raises(ProviderError):
        await guarded.call(failure, seconds=30.0)
    assert guarded.attempts == attempts


async def test_retry_after_is_kept_inside_the_deadline_only() -> None:
    """A wait that fits is waited; one that does not ends the call at once."""
    guarded = Guarded()
    assert await guarded.call(error("throttled", retry_after_seconds=1.5), None) == "answer"
    assert guarded.slept == [1.5]
    with pytest.raises(ProviderUnavailable) as raised:
        await guarded.call(error("throttled", retry_after_seconds=2.5))
    assert raised.value.retry_after_seconds == 2.5
    assert guarded.slept == [1.5]


async def test_a_model_that_is_loading_is_asked_slowly() -> None:
    """Each of the two waits is half a second to a second, where others wait a tenth at most; no wait goes past the deadline."""
    guarded = Guarded()
    assert await guarded.call(error("not_ready"), error("not_ready"), None, seconds=5.0) == "answer"
    assert len(guarded.slept) == 2
    assert all(0.5 <= wait <= 1.0 for wait in guarded.slept)
    with pytest.raises(ProviderUnavailable):
        await guarded.call(error("not_ready"), seconds=0.5)
    assert len(guarded.slept) == 2
    assert [state.failures for state in guarded.guards.states()] == [0.0]


async def test_retries_stay_within_a_fifth_of_the_calls() -> None:
    """With the breaker off, 1,000 calls to what always answers 503 make at most 1,250 attempts."""
    guarded = Guarded(breaking=False)
    for _ in range(1000):
        with pytest.raises(ProviderUnavailable):
            await guarded.call(error())
        guarded.clock.advance(0.005)
    assert 1000 < guarded.attempts <= 1250


async def test_a_dead_upstream_is_asked_a_few_times_only() -> None:
    """Dead for 60 s at 20 calls a second: at most 60 attempts, and the refusals in between take no time."""
    guarded = Guarded()
    for _ in range(1200):
        with pytest.raises(ProviderUnavailable):
            await guarded.call(error("unreachable"))
        guarded.clock.advance(0.05)
    assert 5 <= guarded.attempts <= 60
    assert len(guarded.slept) <= 20


@pytest.mark.parametrize("step", [3600.0, -3600.0])
async def test_a_step_of_the_wall_clock_changes_no_cool_down(step: float) -> None:
    """An hour forth or back neither ends the five seconds of an open breaker nor prolongs them."""
    guarded = Guarded()
    for _ in range(5):
        with pytest.raises(ProviderUnavailable):
            await guarded.call(error("unreachable"))
    before, left = guarded.attempts, guarded.guards.states()[0].retry_in_seconds
    guarded.clock.step_wall_clock(step)
    with pytest.raises(ProviderUnavailable, match="is not asked at the moment"):
        await guarded.call(None)
    assert (guarded.attempts, guarded.guards.states()[0].retry_in_seconds) == (before, left)
    guarded.clock.advance(5.0)
    assert await guarded.call(None) == "answer"


async def test_an_open_breaker_says_when_to_come_back() -> None:
    """The refusal carries the seconds, the state is visible, and the health of both models there tells of it."""
    guarded = Guarded()
    for model in (OTHER, *[MODEL] * 5):
        with pytest.raises(ProviderUnavailable):
            await guarded.call(error("unreachable"), model=model)
    before = guarded.attempts
    with pytest.raises(ProviderUnavailable, match="is not asked at the moment") as raised:
        await guarded.call(None, model=MODEL)
    assert guarded.attempts == before
    assert raised.value.retry_after_seconds is not None
    assert 0 < raised.value.retry_after_seconds <= 5
    (state, *_) = [one for one in guarded.guards.states() if one.state == "open"]
    assert (state.provider, state.model_id, state.last_fault) == ("mlflow", None, "unreachable")
    assert "breaker of provider 'mlflow' is open" in (guarded.guards.outage_of("lead-v1") or "")
    assert guarded.guards.outage_of("never-asked") is None


class Local(FakeProvider):
    """A provider that answers in this process."""

    in_process = True


async def test_a_model_that_moved_into_this_process_is_no_longer_out() -> None:
    """The open breaker of the provider that a model was taken from says nothing about the model any more."""
    guarded = Guarded()
    for _ in range(5):
        with pytest.raises(ProviderUnavailable):
            await guarded.call(error("unreachable"))
    assert guarded.guards.outage_of("lead-v1") is not None
    moved = ModelConfig(id="lead-v1", provider="local", status="active")
    question = PredictionInput(features={"x": 1.0}, prediction_id="p")
    outgoing = outgoing_for(moved, "ours")
    await ask_one(Local(), moved, question, seconds=1.0, outgoing=outgoing, guards=guarded.guards)
    assert guarded.guards.outage_of("lead-v1") is None


async def test_a_faulty_model_does_not_close_the_door_for_its_neighbours() -> None:
    """Faults of the model open the breaker of that model; another model of the same server is answered."""
    guarded = Guarded()
    for _ in range(10):
        with pytest.raises(ProviderError):
            await guarded.call(ProviderError("Boom.", kind="model_bug"), model=MODEL)
    with pytest.raises(ProviderUnavailable):
        await guarded.call(None, model=MODEL)
    other = ModelConfig(id="churn-v1", provider="mlflow", endpoint=MODEL.endpoint, status="active")
    assert await guarded.call(None, model=other) == "answer"


class Keyed(FakeProvider):
    """A provider that says with which key it asks."""

    def __init__(self) -> None:
        super().__init__()
        self.key = "old"

    def scope(self, model: ModelConfig) -> ProviderScope:
        return ProviderScope(provider="mlflow", endpoint="models.example.com", credential=self.key)


async def test_a_new_key_is_tried_at_once() -> None:
    """The breaker that an old credential opened does not stand in the way of the new one."""
    guarded, provider = Guarded(), Keyed()
    for _ in range(10):
        with pytest.raises(ProviderError):
            await guarded.call(ProviderMisconfigured("No.", kind="auth"), provider=provider)
    with pytest.raises(ProviderUnavailable):
        await guarded.call(None, provider=provider)
    provider.key = "new"
    assert await guarded.call(None, provider=provider) == "answer"


async def test_two_credentials_have_two_breakers() -> None:
    """A neighbour with another reference to a key is unharmed."""
    guarded = Guarded()
    ours, theirs = (
        ModelConfig(
            id=f"m-{name}", provider_config=ProviderConfig(provider="mlflow", credentials={"api_key": {"env": name}})
        )
        for name in ("a", "b")
    )
    for _ in range(5):
        with pytest.raises(ProviderError):
            await guarded.call(error("unreachable"), model=ours)
    with pytest.raises(ProviderUnavailable):
        await guarded.call(None, model=ours)
    assert await guarded.call(None, model=theirs) == "answer"


async def test_every_attempt_is_recorded_and_nothing_else_of_it() -> None:
    """Kind, status where there was one, and milliseconds; the error carries the same list."""
    guarded, made = Guarded(), []
    failed = error("overloaded", status=503)
    await guarded.call(failed, None, attempts=made)
    assert [{name: value for name, value in one.items() if name != "ms"} for one in made] == [
        {"model_id": "lead-v1", "kind": "overloaded", "status": 503},
        {"model_id": "lead-v1", "kind": "ok"},
    ]
    with pytest.raises(ProviderRejected) as raised:
        await guarded.call(ProviderRejected("No.", status=422))
    assert [one["status"] for one in raised.value.details["attempts"]] == [422]


async def test_no_more_calls_at_once_than_allowed() -> None:
    """The third of three calls waits for a place, and fails in time where none becomes free."""
    clock = FakeClock()
    guards = ProviderGuards(clock=clock, random=lambda: 0.0, concurrency=2)
    held, running = asyncio.Event(), []

    async def attempt(left: float) -> str:
        running.append(left)
        await held.wait()
        return "answer"

    calls = [asyncio.create_task(guards.call(FakeProvider(), MODEL, attempt, seconds=5.0)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(ProviderUnavailable, match="2 calls to it were under way"):
        await guards.call(FakeProvider(), MODEL, attempt, seconds=0.01)
    held.set()
    assert [await call for call in calls] == ["answer", "answer"]
    assert len(running) == 2


async def test_a_cancelled_call_frees_its_place_and_tells_nothing() -> None:
    """Whoever gives up a call leaves neither a taken place nor a failure behind."""
    guards = ProviderGuards(clock=FakeClock(), random=lambda: 0.0, concurrency=1)

    async def forever(left: float) -> str:
        await asyncio.Event().wait()
        return "never"

    async def at_once(left: float) -> str:
        return "answer"

    call = asyncio.create_task(guards.call(FakeProvider(), MODEL, forever, seconds=5.0))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert await guards.call(FakeProvider(), MODEL, at_once, seconds=0.1) == "answer"
    assert [state.failures for state in guards.states()] == [0.0]


def test_the_table_of_faults_says_what_was_decided() -> None:
    """Retry, breaker and fallback of every kind, written out."""
    table = {kind: (rule.retries, rule.weight, rule.may_fall_back) for kind, rule in FAULT_RULES.items()}
    assert table == {
        "bad_request": (0, 0.0, False),
        "auth": (0, 1.0, True),
        "quota_spent": (0, 1.0, True),
        "throttled": (2, 0.5, True),
        "overloaded": (2, 1.0, True),
        "unreachable": (2, 1.0, True),
        "not_ready": (2, 0.0, True),
        "timeout": (2, 1.0, True),
        "model_bug": (0, 1.0, True),
        "bad_answer": (1, 1.0, True),
        "misconfigured": (0, 0.0, True),
        "budget_spent": (0, 0.0, True),
        "unknown": (0, 1.0, True),
    }


async def test_a_breaker_that_lets_calls_through_again_is_no_outage() -> None:
    """Once its pause is over the next call tries: a model that nobody asks is not called unhealthy for ever."""
    guarded = Guarded()
    for _ in range(5):
        with pytest.raises(ProviderUnavailable):
            await guarded.call(error("unreachable"))
    assert guarded.guards.outage_of("lead-v1") is not None
    guarded.clock.advance(5.0)
    assert guarded.guards.outage_of("lead-v1") is None
    assert [state.state for state in guarded.guards.states() if state.model_id is None] == ["half-open"]


async def test_a_provider_named_by_the_caller_opens_no_breaker_of_the_models_own() -> None:
    """Its failures count at the place where they happened, and errors name it."""
    guarded = Guarded()
    assert await guarded.call(None) == "answer"
    for _ in range(5):
        with pytest.raises(ProviderUnavailable):
            await guarded.call(error("unreachable"), override="openai")
    with pytest.raises(ProviderUnavailable, match="Provider 'openai' of model 'lead-v1' is not asked at the moment"):
        await guarded.call(None, override="openai")
    assert guarded.guards.outage_of("lead-v1") is None
    assert await guarded.call(None) == "answer"
