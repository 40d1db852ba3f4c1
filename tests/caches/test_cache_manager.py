"""The cache as users hold it: JSON values, copies, and a time to live that means what it says."""

from __future__ import annotations

import math
from typing import Any

import pytest

from hotcrm_ai.caches import CacheManager, MemoryCache
from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.domain.performance import CacheSettings
from hotcrm_ai.testing.clock import FakeClock


class Cache:
    """A manager over a memory backend with a clock to turn."""

    def __init__(self, **settings: Any) -> None:
        self.clock = FakeClock()
        self.backend = MemoryCache(clock=self.clock)
        self.manager = CacheManager(CacheSettings(**settings), backend=self.backend)


@pytest.fixture
def cache() -> Cache:
    return Cache()


@pytest.mark.parametrize("value", [0, 1.5, "", "text", True, False, [1, [2]], {"a": {"b": [None]}}, []])
async def test_any_json_value_comes_back_as_it_was(cache: Cache, value: Any) -> None:
    """Zero, false and empty are values like any other."""
    await cache.manager.set("key", value)
    found = await cache.manager.get("key")
    assert found == value
    assert type(found) is type(value)


async def test_values_are_copies_both_ways(cache: Cache) -> None:
    """Changing a value after storing it, or one that was got, changes nothing in the cache."""
    stored = {"scores": [1, 2]}
    await cache.manager.set("key", stored)
    stored["scores"].append(3)
    (await cache.manager.get("key"))["scores"].append(4)
    assert await cache.manager.get("key") == {"scores": [1, 2]}


async def test_without_a_ttl_the_default_holds(cache: Cache) -> None:
    """None means the default of 300 seconds, never an entry without end."""
    await cache.manager.set("key", 1, ttl=None)
    cache.clock.advance(299)
    assert await cache.manager.get("key") == 1
    cache.clock.advance(1)
    assert await cache.manager.get("key") is None


async def test_a_ttl_of_zero_keeps_nothing(cache: Cache) -> None:
    """Zero is no default in disguise: nothing is kept, and what was there is gone."""
    await cache.manager.set("key", 1)
    await cache.manager.set("key", 2, ttl=0)
    assert await cache.manager.get("key") is None


@pytest.mark.parametrize("ttl", [-1, math.nan, math.inf, -math.inf, True, "60"])
async def test_a_ttl_that_makes_no_sense_is_refused(cache: Cache, ttl: Any) -> None:
    """A negative, infinite or mistyped time is an error and stores nothing."""
    with pytest.raises(ConfigError, match="cache time"):
        await cache.manager.set("key", 1, ttl=ttl)
    assert await cache.manager.get("key") is None


async def test_a_huge_ttl_is_kept_that_long(cache: Cache) -> None:
    """A time of centuries is accepted and does not overflow."""
    await cache.manager.set("key", 1, ttl=1e12)
    cache.clock.advance(1e9)
    assert await cache.manager.get("key") == 1


@pytest.mark.parametrize("value", [math.nan, [math.inf], object(), {1: "a"}, 2**64, {"deep": b"bytes"}])
async def test_what_json_cannot_carry_is_refused(cache: Cache, value: Any) -> None:
    """A value that would come back as another one is an error instead."""
    with pytest.raises(ConfigError, match="cannot be kept"):
        await cache.manager.set("key", value)


async def test_garbage_in_the_backend_is_a_miss(cache: Cache) -> None:
    """Bytes that are no JSON are forgotten, not raised and not executed."""
    await cache.manager.set("key", 1)
    await cache.backend.set("value:key", b"\x80\x04garbage", ttl_seconds=60)
    assert await cache.manager.get("key") is None
    assert (await cache.manager.get_stats()).size == 0


async def test_delete_and_clear_forget(cache: Cache) -> None:
    """`delete` says whether there was one; `clear` forgets all and says how many."""
    await cache.manager.set("a", 1)
    await cache.manager.set("b", 2)
    assert await cache.manager.delete("a") is True
    assert await cache.manager.delete("a") is False
    assert await cache.manager.clear() == 1
    assert await cache.manager.get("b") is None


async def test_a_disabled_cache_keeps_nothing_and_says_so() -> None:
    """With caching off every look is empty and the stats say that it is off."""
    cache = Cache(enabled=False)
    await cache.manager.set("key", 1)
    assert await cache.manager.get("key") is None
    stats = await cache.manager.get_stats()
    assert (stats.enabled, stats.size) == (False, 0)


def test_a_default_ttl_that_makes_no_sense_is_refused_at_start() -> None:
    """Settings with a negative default time never make a cache."""
    with pytest.raises(ConfigError, match="cache time"):
        Cache(default_ttl=-5.0)
