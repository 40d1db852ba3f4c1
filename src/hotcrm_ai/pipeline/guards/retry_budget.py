"""Keeps retries a small share of the calls, so that they never become the load that keeps a provider down."""

from __future__ import annotations

from typing import Final

from hotcrm_ai.pipeline.guards.recent_counts import RecentCounts

WINDOW_SECONDS: Final = 10
MOST_SHARE: Final = 0.2
FLOOR: Final = 3


class RetryBudget:
    """Allows retries up to a fifth of the calls of the last ten seconds, and three in any case."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts = RecentCounts(WINDOW_SECONDS)

    def count_call(self, now: float) -> None:
        """Count the first attempt of a call."""
        self._counts.add(now, calls=1)

    def take(self, now: float) -> bool:
        """Take one retry out of the budget; false where none is left."""
        calls, retries = self._counts.totals(now)
        if retries + 1 > max(FLOOR, MOST_SHARE * calls):
            return False
        self._counts.add(now, among=1)
        return True
