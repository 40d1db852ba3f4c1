"""Where is counted what each caller has used of its rate."""

from __future__ import annotations

from typing import Protocol

from hotcrm_ai.domain.rates import Rate


class RateStore(Protocol):
    """A bucket for each caller, which fills at its rate; none of it is needed to know who a caller is, and it never fails."""

    async def take(self, caller: str, rate: Rate) -> float:
        """Take one request from a caller's bucket; return 0.0 where it was there, else the seconds until it will be."""
        ...

    async def charge(self, caller: str, rate: Rate, requests: int) -> None:
        """Take more from a bucket for something already done; what is not there becomes a debt, of ten minutes at most."""
        ...

    @property
    def is_degraded(self) -> bool:
        """Whether this process counts by itself because what it shares with others is away."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...
