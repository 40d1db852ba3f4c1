"""Counts of the last seconds, second by second, in bounded memory."""

from __future__ import annotations


class RecentCounts:
    """Two counts, of calls and of something among them, over a sliding window."""

    __slots__ = ("_seconds", "_slices")

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._slices: dict[int, list[float]] = {}

    def add(self, now: float, *, calls: int = 0, among: float = 0.0) -> None:
        """Count at the moment ``now`` (monotonic seconds)."""
        counts = self._slices.setdefault(int(now), [0, 0.0])
        counts[0] += calls
        counts[1] += among
        if len(self._slices) > self._seconds + 1:
            self._forget(now)

    def totals(self, now: float) -> tuple[int, float]:
        """Return both counts of the window that ends now."""
        self._forget(now)
        return (
            int(sum(counts[0] for counts in self._slices.values())),
            sum(counts[1] for counts in self._slices.values()),
        )

    def clear(self) -> None:
        """Forget everything."""
        self._slices.clear()

    def _forget(self, now: float) -> None:
        oldest = int(now) - self._seconds
        for second in [second for second in self._slices if second <= oldest]:
            del self._slices[second]
