"""Redis with memory behind it: who is asked, when Redis is looked for again, and what it must forget first."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hotcrm_ai.caches import JoinedCache, MemoryCache
from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.domain.performance import CacheCounts
from hotcrm_ai.testing.clock import FakeClock


class SwitchedRedis:
    """Stands for Redis: keeps entries like it, and fails or is slow when a test says so."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.entries = MemoryCache(clock=clock)
        self.is_away = False
        self.slow_calls = 0
        self.calls: list[str] = []

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.is_away:
            raise StorageError("away")

    async def get_many(self, keys: Any) -> list[bytes | None]:
        self._called("get")
        return [await self.entries.get(key) for key, _ in keys]

    async def set_many(self, entries: Any) -> None:
        self._called("set")
        for key, group, value, seconds in entries:
            await self.entries.set(key, value, ttl_seconds=seconds, group=group)

    async def delete(self, key: str, *, group: str = "") -> bool:
        self._called("delete")
        return await self.entries.delete(key)

    async def forget(self, keys: Any) -> None:
        self._called("forget")
        for key in keys:
            await self.entries.delete(key)

    async def clear(self, group: str | None = None) -> int:
        self._called("clear")
        return await self.entries.clear(group)

    async def claim(self, keys: Any, *, seconds: float) -> dict[str, bool]:
        self._called("claim")
        return dict.fromkeys(keys, False)

    async def stats(self) -> Any:
        self._called("stats")
        return await self.entries.stats()

    def counts(self) -> CacheCounts:
        return CacheCounts(hits=7, misses=8)

    async def probe(self) -> None:
        self._called("probe")

    async def aclose(self) -> None:
        self.calls.append("close")


class Joined:
    """A joined cache over a Redis to switch and a clock to turn."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.redis = SwitchedRedis(self.clock)
        self.memory = MemoryCache(clock=self.clock)
        self.cache = JoinedCache(self.redis, self.memory, clock=self.clock)

    async def heal(self) -> None:
        """Let Redis come back, a second pass, and one request make the cache look for it."""
        self.redis.is_away = False
        self.clock.advance(1.0)
        await self.cache.get("anything")
        await self.cache._presence._probing


@pytest.fixture
async def joined() -> Joined:
    joined = Joined()
    await joined.cache.start()
    return joined


async def keep(joined: Joined, key: str, value: bytes, group: str = "") -> None:
    await joined.cache.set(key, value, ttl_seconds=60, group=group)


async def test_redis_is_used_from_the_start_where_it_is_there(joined: Joined) -> None:
    """What is kept goes to Redis alone."""
    await keep(joined, "key", b"1")
    assert await joined.redis.entries.get("key") == b"1"
    assert await joined.memory.get("key") is None
    assert (await joined.cache.stats()).degraded is False


async def test_without_redis_at_start_memory_serves() -> None:
    """A cache whose Redis is away at start is ready, keeps in memory, and says so."""
    joined = Joined()
    joined.redis.is_away = True
    await joined.cache.start()
    await keep(joined, "key", b"1")
    assert await joined.cache.get("key") == b"1"
    stats = await joined.cache.stats()
    assert (stats.backend, stats.degraded, stats.size) == ("memory", True, 1)


async def test_after_the_first_failure_nobody_asks_redis(joined: Joined) -> None:
    """One failed call puts Redis out of use; a hundred further requests cost it and them nothing but a probe."""
    joined.redis.is_away = True
    await joined.cache.get("key")
    await joined.cache._presence._probing
    joined.redis.calls.clear()
    for _ in range(100):
        assert await joined.cache.get("key") is None
        await keep(joined, "key", b"1")
        assert await joined.cache.get("key") == b"1"
        await joined.cache.delete("key")
    await asyncio.sleep(0)
    assert joined.redis.calls == []


async def test_redis_is_looked_for_once_a_second_at_most(joined: Joined) -> None:
    """While requests come and Redis is away, there is one probe in each second, and the first one that works ends the outage."""
    joined.redis.is_away = True
    await joined.cache.get("key")
    joined.redis.calls.clear()
    for _ in range(20):
        joined.clock.advance(0.25)
        await joined.cache.get("key")
        await joined.cache._presence._probing
    assert joined.redis.calls == ["probe"] * 5
    await joined.heal()
    assert (await joined.cache.stats()).backend == "redis"


async def test_a_step_of_the_wall_clock_changes_nothing(joined: Joined) -> None:
    """An hour forth or back neither ends nor prolongs an outage, nor the time of an entry."""
    joined.redis.is_away = True
    await keep(joined, "key", b"1")
    await joined.cache._presence._probing
    joined.redis.calls.clear()
    for seconds in (3_600, -7_200):
        joined.clock.step_wall_clock(seconds)
        assert await joined.cache.get("key") == b"1"
    assert joined.redis.calls == []


async def test_five_slow_calls_in_a_row_end_the_use(joined: Joined) -> None:
    """Four slow calls in a row are tolerated, five are not, and a Redis that stays slow stays away."""
    joined.redis.slow_calls = 4
    await joined.cache.get("key")
    assert joined.cache._presence.in_use
    joined.redis.slow_calls = 5
    await joined.cache.get("key")
    assert not joined.cache._presence.in_use
    await joined.heal()
    assert not joined.cache._presence.in_use
    joined.redis.slow_calls = 0
    await joined.heal()
    assert joined.cache._presence.in_use


async def test_what_was_written_without_redis_is_forgotten_there(joined: Joined) -> None:
    """A value overwritten or deleted during an outage does not come back with Redis."""
    for key in ("overwritten", "deleted", "untouched"):
        await keep(joined, key, b"old")
    joined.redis.is_away = True
    await keep(joined, "overwritten", b"new")
    await joined.cache.delete("deleted")
    await joined.heal()
    assert await joined.cache.get("overwritten") is None
    assert await joined.cache.get("deleted") is None
    assert await joined.cache.get("untouched") == b"old"


async def test_a_group_cleared_without_redis_is_cleared_there_before_it_is_used(joined: Joined) -> None:
    """Answers of a model that were cleared during an outage are gone when Redis is back; those of other models are not."""
    await keep(joined, "a", b"1", group="lead-scoring-v1")
    await keep(joined, "b", b"2", group="churn-prediction-v1")
    joined.redis.is_away = True
    await joined.cache.clear("lead-scoring-v1")
    await joined.heal()
    assert await joined.cache.get("a", group="lead-scoring-v1") is None
    assert await joined.cache.get("b", group="churn-prediction-v1") == b"2"


async def test_what_could_not_be_forgotten_is_still_owed(joined: Joined) -> None:
    """Where Redis fails again while it forgets, it stays out of use until it has forgotten."""
    await keep(joined, "key", b"old")
    joined.redis.is_away = True
    await joined.cache.clear()
    await joined.cache._presence._probing
    joined.redis.is_away = False

    async def failing(group: str | None = None) -> int:
        raise StorageError("away again")

    working, joined.redis.clear = joined.redis.clear, failing
    await joined.heal()
    assert not joined.cache._presence.in_use
    joined.redis.clear = working
    await joined.heal()
    assert joined.cache._presence.in_use
    assert await joined.cache.get("key") is None


async def test_too_much_to_remember_becomes_everything(joined: Joined) -> None:
    """After more changes than are remembered all of Redis's entries of this workspace are forgotten."""
    await keep(joined, "old", b"1")
    joined.redis.is_away = True
    for number in range(10_001):
        await keep(joined, f"key-{number}", b"1")
    await joined.heal()
    assert (await joined.cache.stats()).size == 0


async def test_memory_starts_empty_at_each_outage(joined: Joined) -> None:
    """What memory held in one outage is not served in the next, for others may have changed it meanwhile."""
    joined.redis.is_away = True
    await keep(joined, "key", b"1")
    await joined.heal()
    joined.redis.is_away = True
    assert await joined.cache.get("key") is None


async def test_without_redis_every_claim_is_granted(joined: Joined) -> None:
    """Where nobody can be asked, nobody waits."""
    assert await joined.cache.claim(["key"], seconds=1) == {"key": False}
    joined.redis.is_away = True
    assert await joined.cache.claim(["key"], seconds=1) == {"key": True}


async def test_each_backend_is_counted_apart(joined: Joined) -> None:
    """Stats add up both backends and show each, failures of Redis among them."""
    joined.redis.is_away = True
    await keep(joined, "key", b"1")
    await joined.cache.get("key")
    await joined.cache.get("other")
    await joined.cache._presence._probing
    stats = await joined.cache.stats()
    assert (stats.hits, stats.misses) == (8, 9)
    assert stats.backends["memory"] == CacheCounts(hits=1, misses=1)
    assert stats.backends["redis"] == CacheCounts(hits=7, misses=8, failures=1)
