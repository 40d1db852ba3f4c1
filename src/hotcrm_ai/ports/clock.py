"""Time, passed in so that tests can turn it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Monotonic seconds for durations, UTC for stamps."""

    def monotonic(self) -> float:
        """Seconds that never go back; only differences mean anything."""
        ...

    def now(self) -> datetime:
        """The present moment in UTC."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def monotonic(self) -> float:
        """Seconds of the monotonic clock."""
        return time.monotonic()

    def worked(self) -> float:
        """Seconds that the processor worked for the calling thread; what other threads and programs take from it does not count."""
        return time.thread_time()

    def now(self) -> datetime:
        """The wall clock in UTC."""
        return datetime.now(UTC)
