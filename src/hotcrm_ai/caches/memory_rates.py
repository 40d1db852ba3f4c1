"""Counts in the memory of one process what each caller has used of its rate."""

from __future__ import annotations

from typing import Final

from hotcrm_ai.domain.rates import Rate
from hotcrm_ai.ports.clock import Clock

_MOST_CALLERS: Final = 10_000
_HAIR: Final = 1e-9
"""What floating point may lose; less than that is missing nowhere."""


class MemoryRates:
    """A `RateStore` of one process among ``processes``, each of which gives its share of every rate.

    At most 10,000 callers are known; beyond that the one that came first is forgotten, which lets it send a burst again.
    """

    is_degraded = False

    def __init__(self, *, clock: Clock, processes: int = 1) -> None:
        self._clock = clock
        self._processes = processes
        self._used: dict[str, tuple[float, float]] = {}

    async def take(self, caller: str, rate: Rate) -> float:
        """Take one request; return 0.0 where it was there, else the seconds until it will be."""
        share = rate.shared_by(self._processes)
        used = self._used_by(caller, share)
        if used + 1.0 > share.burst + _HAIR:
            return (used + 1.0 - share.burst) / share.per_second
        self._keep(caller, used + 1.0)
        return 0.0

    async def charge(self, caller: str, rate: Rate, requests: int) -> None:
        """Take more for something already done."""
        share = rate.shared_by(self._processes)
        self._keep(caller, min(self._used_by(caller, share) + requests, share.most_used))

    async def aclose(self) -> None:
        """Do nothing: memory holds no connections."""

    def _used_by(self, caller: str, rate: Rate) -> float:
        used, at = self._used.get(caller, (0.0, 0.0))
        return max(0.0, used - (self._clock.monotonic() - at) * rate.per_second)

    def _keep(self, caller: str, used: float) -> None:
        if caller not in self._used and len(self._used) >= _MOST_CALLERS:
            del self._used[next(iter(self._used))]
        self._used[caller] = (used, self._clock.monotonic())
