"""Joins the counts on a Redis server with those in memory: while the server is away each process counts its own share."""

from __future__ import annotations

from hotcrm_ai.caches.memory_rates import MemoryRates
from hotcrm_ai.caches.redis_presence import MOST_SLOW_CALLS, RedisPresence
from hotcrm_ai.caches.redis_rates import RedisRates
from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.domain.rates import Rate
from hotcrm_ai.ports.clock import Clock


class JoinedRates:
    """A `RateStore` that never fails; the first request looks for the server, later ones wait for it only while it is in use."""

    def __init__(self, redis: RedisRates, memory: MemoryRates, *, clock: Clock) -> None:
        self._redis = redis
        self._memory = memory
        self._presence = RedisPresence(self._come_back, clock=clock)

    async def take(self, caller: str, rate: Rate) -> float:
        """Take one request; return 0.0 where it was there, else the seconds until it will be."""
        if await self._is_in_use():
            try:
                wait = await self._redis.take(caller, rate)
            except StorageError:
                self._presence.lose()
            else:
                self._lose_where_slow()
                return wait
        return await self._memory.take(caller, rate)

    async def charge(self, caller: str, rate: Rate, requests: int) -> None:
        """Take more for something already done."""
        if await self._is_in_use():
            try:
                await self._redis.charge(caller, rate, requests)
            except StorageError:
                self._presence.lose()
            else:
                self._lose_where_slow()
                return
        await self._memory.charge(caller, rate, requests)

    @property
    def is_degraded(self) -> bool:
        """Whether the server was looked for and is away."""
        return self._presence.was_probed and not self._presence.in_use

    async def aclose(self) -> None:
        """Stop looking for the server and close the connections."""
        await self._presence.aclose()
        await self._redis.aclose()

    async def _is_in_use(self) -> bool:
        if not self._presence.was_probed:
            await self._presence.start()
        elif not self._presence.in_use:
            self._presence.probe_when_due()
        return self._presence.in_use

    def _lose_where_slow(self) -> None:
        if self._redis.slow_calls >= MOST_SLOW_CALLS:
            self._presence.lose()

    async def _come_back(self) -> bool:
        await self._redis.probe()
        await self._redis.probe()
        return not self._redis.slow_calls
