"""What a dead upstream of one workspace costs: its own callers an error at once, and a workspace beside it nothing."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest

from hotcrm_ai.domain.errors import ProviderUnavailable
from hotcrm_ai.domain.model import ModelConfig, ProviderConfig
from hotcrm_ai.pipeline.guards import ProviderGuards
from hotcrm_ai.testing import FakeClock, FakeProvider

CALLS_A_SECOND = 20
PLACE = ProviderConfig(
    provider="other", endpoint="https://models.example.com/lead", credentials={"api_key": {"env": "KEY"}}
)
MODEL = ModelConfig(id="lead-v1", status="active", provider="other", provider_config=PLACE)


class Workspace:
    """A prediction service with guards of its own, over a clock that it may share with others."""

    def __init__(self, make_pipeline: Callable[..., Any], name: str, clock: FakeClock) -> None:
        self.clock = clock
        self.guards = ProviderGuards(clock=clock, random=lambda: 0.5, sleep=self._sleep)
        self.pipeline = make_pipeline(MODEL, workspace=name, clock=clock, guards=self.guards)

    @property
    def provider(self) -> FakeProvider:
        return self.pipeline.other_provider  # type: ignore[no-any-return]

    async def ask(self, number: int) -> Any:
        return await self.pipeline.service.predict("lead-v1", {"size": number}, use_cache=False)

    async def _sleep(self, seconds: float) -> None:
        self.clock.advance(seconds)


async def test_a_dead_upstream_of_one_workspace_leaves_its_neighbour_unharmed(make_pipeline: Any) -> None:
    """Dead for a minute at 20 calls a second: the neighbour, which asks the same place with the same key, gets all its answers at once."""
    clock = FakeClock()
    ours, theirs = (Workspace(make_pipeline, name, clock) for name in ("workspace-a", "workspace-b"))
    ours.provider.always = ProviderUnavailable("It is down.", kind="unreachable")
    for number in range(60 * CALLS_A_SECOND):
        with pytest.raises(ProviderUnavailable):
            await ours.ask(number)
        answer = await theirs.ask(number)
        assert [attempt["kind"] for attempt in answer.metadata["attempts"]] == ["ok"]
        clock.advance(1.0 / CALLS_A_SECOND)
    assert 5 <= len(ours.provider.attempts) <= 60
    assert len(theirs.provider.attempts) == 60 * CALLS_A_SECOND
    broken, sound = ours.guards.states()[0], theirs.guards.states()[0]
    assert (broken.provider, broken.endpoint) == (sound.provider, sound.endpoint) == ("other", "models.example.com")
    assert (broken.state != "closed", sound.state, sound.failures) == (True, "closed", 0.0)
    assert theirs.guards.outage_of("lead-v1") is None


async def _open_breaker(workspace: Workspace) -> None:
    workspace.provider.always = ProviderUnavailable("It is down.", kind="unreachable")
    for number in range(5):
        with pytest.raises(ProviderUnavailable):
            await workspace.ask(number)
    assert workspace.guards.states()[0].state == "open"


async def test_an_open_breaker_refuses_without_waiting_for_anything(make_pipeline: Any) -> None:
    """The guards raise before the call gives way to the event loop even once, so no load of others can delay the refusal."""
    workspace = Workspace(make_pipeline, "workspace-a", FakeClock())
    await _open_breaker(workspace)

    async def attempt(left: float) -> str:
        raise AssertionError("it was asked")

    call = workspace.guards.call(workspace.provider, MODEL, attempt, seconds=2.0)
    with pytest.raises(ProviderUnavailable, match="is not asked at the moment"):
        call.send(None)


async def test_an_open_breaker_answers_within_ten_milliseconds(make_pipeline: Any) -> None:
    """A whole prediction is refused in ten milliseconds of work, its record included, and no clock turns meanwhile.

    Counted is the work of this thread, which other processes of the machine do not lengthen.
    """
    workspace = Workspace(make_pipeline, "workspace-a", FakeClock())
    await _open_breaker(workspace)
    asked, moment, spent = len(workspace.provider.attempts), workspace.clock.monotonic(), []
    for number in range(200):
        began = time.thread_time()
        with pytest.raises(ProviderUnavailable, match="is not asked at the moment"):
            await workspace.ask(number)
        spent.append(time.thread_time() - began)
    assert statistics.quantiles(spent, n=100)[98] <= 0.010
    assert (len(workspace.provider.attempts), workspace.clock.monotonic()) == (asked, moment)
