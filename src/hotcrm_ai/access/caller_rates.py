"""Holds callers to their rate, each key by itself, so that one busy program leaves the others their share."""

from __future__ import annotations

import math
from typing import Final

from hotcrm_ai.domain.access import APIKey
from hotcrm_ai.domain.errors import TooManyRequests
from hotcrm_ai.domain.rates import Rate
from hotcrm_ai.ports.rate_store import RateStore

_FEWEST_SECONDS: Final = 1


class CallerRates:
    """The rates of one workspace: a key's own, else the one for all (None: no limit).

    A caller is a key, or an address where nobody needs one. Who that is was found out before, so an error here opens nothing.
    """

    def __init__(self, store: RateStore, *, default: Rate | None) -> None:
        self._store = store
        self._default = default

    def rate_of(self, key: APIKey | None) -> Rate | None:
        """Return what a caller may send; None: as much as it likes."""
        return self._default if key is None or key.rate is None else Rate.of(key.rate)

    async def take(self, key: APIKey | None, address: str) -> None:
        """Count one request of a caller.

        Raises:
            TooManyRequests: it is one more than its rate allows; ``retry_after_seconds`` says when the next may come.
        """
        rate = self.rate_of(key)
        if rate is None:
            return
        wait = await self._store.take(_caller(key, address), rate)
        if wait > 0:
            seconds = max(_FEWEST_SECONDS, math.ceil(wait))
            who = f"the address {address}" if key is None else f"the API key {key.id!r}"
            raise TooManyRequests(
                f"These are more requests than {who} may send: {rate.per_second:g} a second, {rate.burst:g} at once; "
                f"nothing was done, send this again in {seconds} s.",
                retry_after_seconds=seconds,
            )

    async def charge(self, key: APIKey | None, address: str, records: int) -> None:
        """Count the records of a batch that was answered; the request itself counted as the first."""
        rate = self.rate_of(key)
        if rate is not None and records > 1:
            await self._store.charge(_caller(key, address), rate, records - 1)

    @property
    def is_degraded(self) -> bool:
        """Whether this process counts by itself because Redis is away."""
        return self._store.is_degraded


def _caller(key: APIKey | None, address: str) -> str:
    return f"address:{address}" if key is None else f"key:{key.id}"
