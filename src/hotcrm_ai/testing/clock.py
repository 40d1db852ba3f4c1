"""A clock that only moves when a test turns it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_START: Final = datetime(2026, 1, 1, tzinfo=UTC)


class FakeClock:
    """A `Clock` whose monotonic seconds and UTC stamps stand still until told otherwise.

    >>> clock = FakeClock()
    >>> clock.advance(2.5)
    >>> clock.monotonic()
    2.5
    """

    def __init__(self, *, now: datetime = _START) -> None:
        self._monotonic = 0.0
        self._now = now

    def monotonic(self) -> float:
        """Seconds since this clock was made, as far as it was advanced."""
        return self._monotonic

    def now(self) -> datetime:
        """The moment this clock shows."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass: both the monotonic and the wall clock move on."""
        self._monotonic += seconds
        self._now += timedelta(seconds=seconds)

    def step_wall_clock(self, seconds: float) -> None:
        """Set the wall clock forth or back, as an administrator or NTP would; no time passes."""
        self._now += timedelta(seconds=seconds)
