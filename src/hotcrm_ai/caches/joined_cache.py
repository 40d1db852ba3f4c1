"""Joins the cache on a Redis server with memory: while the server is away memory steps in, and nobody waits for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

import msgspec

from hotcrm_ai.caches.memory_cache import MemoryCache
from hotcrm_ai.caches.owed_changes import OwedChanges
from hotcrm_ai.caches.redis_cache import RedisCache
from hotcrm_ai.caches.redis_presence import MOST_SLOW_CALLS, SECONDS_BETWEEN_PROBES, RedisPresence
from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.domain.performance import CacheCounts, CacheStats
from hotcrm_ai.ports.clock import Clock

ResultT = TypeVar("ResultT")


class JoinedCache:
    """A `CacheBackend` and `SharedCache` that never fails.

    The first call that Redis fails, or five slow ones in a row, put it out of use: from then on memory alone is asked, at no cost.
    A probe in the background, at most one a second, brings Redis back once it reads and writes, and after it has forgotten what was
    changed without it. Memory starts empty at each outage. Nothing is probed while nobody asks.
    """

    def __init__(
        self,
        redis: RedisCache,
        memory: MemoryCache,
        *,
        clock: Clock,
        seconds_between_probes: float = SECONDS_BETWEEN_PROBES,
    ) -> None:
        self._redis = redis
        self._memory = memory
        self._owed = OwedChanges()
        self._presence = RedisPresence(self._come_back, clock=clock, seconds_between_probes=seconds_between_probes)

    async def start(self) -> None:
        """Look for Redis once, so that the first request knows whether it is there; it being away is no failure."""
        await self._presence.start()

    async def aclose(self) -> None:
        """Stop probing and close the connections."""
        await self._presence.aclose()
        await self._redis.aclose()

    async def get(self, key: str, *, group: str = "") -> bytes | None:
        """Return the entry, or nothing where there is none or its time is over."""
        found = await self._ask(lambda: self._redis.get_many(((key, group),)))
        return await self._memory.get(key) if found is None else found[0]

    async def get_many(self, keys: Sequence[tuple[str, str]]) -> list[bytes | None]:
        """Return the entries of pairs of key and group, in order."""
        found = await self._ask(lambda: self._redis.get_many(keys))
        return [await self._memory.get(key) for key, _ in keys] if found is None else found

    async def set(self, key: str, value: bytes, *, ttl_seconds: float, group: str = "") -> None:
        """Keep a JSON value for that many seconds; ``group`` is the model id, for clearing."""
        await self.set_many(((key, group, value, ttl_seconds),))

    async def set_many(self, entries: Sequence[tuple[str, str, bytes, float]]) -> None:
        """Keep entries given as key, group, value and seconds."""
        if await self._ask(lambda: _done(self._redis.set_many(entries))):
            return
        for key, group, value, seconds in entries:
            if not group:
                self._owed.forget_key(key)
            await self._memory.set(key, value, ttl_seconds=seconds, group=group)

    async def delete(self, key: str, *, group: str = "") -> bool:
        """Forget an entry; true where a living one was there. While Redis is away, it is told as soon as it is back."""
        deleted = await self._ask(lambda: self._redis.delete(key, group=group))
        if deleted is not None:
            return deleted
        if group:
            self._owed.clear_group(group)
        else:
            self._owed.forget_key(key)
        return await self._memory.delete(key)

    async def clear(self, group: str | None = None) -> int:
        """Forget all entries, or those of one group; return how many. While Redis is away, it is told as soon as it is back."""
        cleared = await self._ask(lambda: self._redis.clear(group))
        if cleared is None:
            self._owed.clear_group(group)
            cleared = 0
        return cleared + await self._memory.clear(group)

    async def stats(self) -> CacheStats:
        """Entries now in the backend that is in use; hits and misses of both since start."""
        memory = await self._memory.stats()
        redis = await self._ask(self._redis.stats)
        counts = msgspec.structs.replace(
            self._redis.counts(), failures=self._presence.failures, evictions=0 if redis is None else redis.evictions
        )
        remembered = CacheCounts(hits=memory.hits, misses=memory.misses, evictions=memory.evictions)
        return CacheStats(
            size=memory.size if redis is None else redis.size,
            hits=memory.hits + counts.hits,
            misses=memory.misses + counts.misses,
            evictions=memory.evictions + counts.evictions,
            backend="memory" if redis is None else "redis",
            degraded=redis is None,
            backends={"redis": counts, "memory": remembered},
        )

    async def claim(self, keys: Sequence[str], *, seconds: float) -> Mapping[str, bool]:
        """Claim the keys that nobody holds; while Redis is away there is nobody to agree with, and all are ours."""
        claimed = await self._ask(lambda: self._redis.claim(keys, seconds=seconds))
        return dict.fromkeys(keys, True) if claimed is None else claimed

    async def renew(self, keys: Sequence[str], *, seconds: float) -> None:
        """Make claims of ours last that many seconds from now."""
        await self._ask(lambda: _done(self._redis.renew(keys, seconds=seconds)))

    async def release(self, keys: Sequence[str]) -> None:
        """Give claims of ours up; while Redis is away they end by themselves."""
        await self._ask(lambda: _done(self._redis.release(keys)))

    async def _ask(self, call: Callable[[], Awaitable[ResultT]]) -> ResultT | None:
        """Return what Redis says, or None where it is out of use or just failed."""
        if not self._presence.in_use:
            self._presence.probe_when_due()
            return None
        try:
            result = await call()
        except StorageError:
            self._presence.lose()
            return None
        if self._redis.slow_calls >= MOST_SLOW_CALLS:
            self._presence.lose()
        return result

    async def _come_back(self) -> bool:
        """Say whether Redis reads and writes fast enough, and has forgotten what was changed without it."""
        await self._redis.probe()
        await self._redis.probe()
        if self._redis.slow_calls:
            return False
        await self._owed.settle(self._redis)
        await self._memory.clear()
        return True


async def _done(call: Awaitable[None]) -> bool:
    await call
    return True
