"""Keeps the one deadline of a request, and runs a provider's call under it without paying for a task or a timer that is not needed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Generator
from typing import Any, Final, TypeVar, cast

from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.ports.clock import Clock

ResultT = TypeVar("ResultT")

FALLBACK_SHARE: Final = 0.25
"""The share of a deadline that a model with a declared fallback leaves to that fallback."""


class Deadline:
    """The moment until which everything of a request must be done."""

    __slots__ = ("_began", "_clock", "_ends_at", "seconds")

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._began = clock.monotonic()
        self._ends_at = self._began + seconds
        self.seconds = seconds

    def allow(self, seconds: float | None) -> None:
        """Let the whole last so many seconds from its beginning on, where that is longer."""
        if seconds is not None and seconds > self.seconds:
            self._ends_at = self._began + seconds
            self.seconds = seconds

    def remaining(self, *, keep_back: float = 0.0) -> float:
        """Return the seconds left, less the share ``keep_back`` of the whole; 0 or less where none are."""
        return self._ends_at - self._clock.monotonic() - keep_back * self.seconds


class DeadlinePassed(Exception):
    """The time given to `run_until` is over; never leaves the pipeline."""


def own_timeout(model: ModelConfig) -> float | None:
    """Return how long a model may take for a request, where its ``provider_config`` says so."""
    return None if model.provider_config is None else model.provider_config.timeout_seconds


async def run_until(call: Awaitable[ResultT], seconds: float) -> ResultT:
    """Return the result of a call, or raise ``DeadlinePassed`` after that many seconds and cancel it.

    A call that never waits for anything is done within its first step: it is answered without timer, task or turn of the event loop.

    Raises:
        DeadlinePassed: the time is over.
    """
    steps = call.__await__()
    try:
        awaited = next(steps)
    except StopIteration as done:
        return cast("ResultT", done.value)
    try:
        async with asyncio.timeout(seconds) as limit:
            return await _Resumed(steps, awaited)
    except TimeoutError as problem:
        if limit.expired():
            raise DeadlinePassed from problem
        raise


class _Resumed(Generator[Any, Any, ResultT]):
    """The rest of a call whose first step has been taken: hands on what it waits for, then goes on with it."""

    def __init__(self, steps: Generator[Any, Any, ResultT], awaited: Any) -> None:
        self._steps = steps
        self._awaited = [awaited]

    def __await__(self) -> Generator[Any, Any, ResultT]:
        return self

    def send(self, value: Any) -> Any:
        """Go on with the call."""
        return self._awaited.pop() if self._awaited else self._steps.send(value)

    def throw(self, *thrown: Any) -> Any:
        """Let the call see a cancellation at the place where it waits."""
        self._awaited.clear()
        return self._steps.throw(*thrown)

    def close(self) -> None:
        """Give the call up."""
        self._steps.close()
