"""The memory cache behaves like a dictionary with a clock, within its bounds."""

from __future__ import annotations

import random

import pytest

from hotcrm_ai.caches import MemoryCache
from hotcrm_ai.ports.cache_backend import CacheBackend
from hotcrm_ai.testing.clock import FakeClock


class DictionaryWithClock:
    """What a cache means: the independent reference of the property test."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.entries: dict[str, tuple[bytes, float, str]] = {}

    def alive(self) -> dict[str, tuple[bytes, float, str]]:
        return {key: entry for key, entry in self.entries.items() if entry[1] > self.clock.monotonic()}


class ForgetfulOfTime(MemoryCache):
    """A deliberately broken twin: its entries never end."""

    async def set(self, key: str, value: bytes, *, ttl_seconds: float, group: str = "") -> None:
        await super().set(key, value, ttl_seconds=1e9, group=group)


class Sharing(MemoryCache):
    """A deliberately broken twin: clearing one group clears all."""

    async def clear(self, group: str | None = None) -> int:
        return await super().clear()


async def check_like_a_dictionary(backend: CacheBackend, clock: FakeClock, seed: int) -> None:
    """Run a random sequence of operations on a backend and on the reference, and compare every result."""
    chance = random.Random(seed)
    model = DictionaryWithClock(clock)
    for step in range(400):
        key, group = f"key-{chance.randrange(8)}", f"group-{chance.randrange(2)}"
        match chance.choice(["get", "get", "set", "set", "delete", "clear", "wait", "stats"]):
            case "get":
                expected = model.alive().get(key)
                assert await backend.get(key) == (expected[0] if expected else None), (seed, step)
            case "set":
                ttl = chance.choice([0.0, 1.0, 5.0, 60.0])
                value = str(step).encode()
                await backend.set(key, value, ttl_seconds=ttl, group=group)
                model.entries[key] = (value, clock.monotonic() + ttl, group)
            case "delete":
                assert await backend.delete(key) == (key in model.alive()), (seed, step)
                model.entries.pop(key, None)
            case "clear" if chance.random() < 0.3:
                chosen = chance.choice([None, group])
                doomed = [name for name, entry in model.alive().items() if chosen in (None, entry[2])]
                assert await backend.clear(chosen) == len(doomed), (seed, step)
                model.entries = {name: entry for name, entry in model.alive().items() if name not in doomed}
            case "wait":
                clock.advance(chance.choice([0.5, 1.0, 4.5]))
            case "stats":
                assert (await backend.stats()).size == len(model.alive()), (seed, step)


@pytest.mark.parametrize("seed", range(20))
async def test_any_sequence_of_operations_is_that_of_a_dictionary_with_a_clock(seed: int) -> None:
    """For random sequences of operations every result equals that of a plain dictionary with a clock."""
    clock = FakeClock()
    await check_like_a_dictionary(MemoryCache(clock=clock), clock, seed)


@pytest.mark.parametrize("twin", [ForgetfulOfTime, Sharing])
async def test_the_dictionary_check_notices_a_broken_cache(twin: type[MemoryCache]) -> None:
    """A cache that forgets time, or clears too much, fails the check."""

    async def check_all() -> None:
        for seed in range(20):
            clock = FakeClock()
            await check_like_a_dictionary(twin(clock=clock), clock, seed)

    with pytest.raises(AssertionError):
        await check_all()


async def test_the_least_recently_used_entry_goes_first() -> None:
    """At the bound of entries the one unused for longest is evicted, and counted."""
    cache = MemoryCache(clock=FakeClock(), max_entries=2)
    await cache.set("a", b"1", ttl_seconds=60)
    await cache.set("b", b"2", ttl_seconds=60)
    await cache.get("a")
    await cache.set("c", b"3", ttl_seconds=60)
    assert [await cache.get(key) for key in "abc"] == [b"1", None, b"3"]
    assert (await cache.stats()).evictions == 1


async def test_bytes_are_bounded_too() -> None:
    """Many large entries never hold more than the bound of bytes; one that is larger alone is not kept."""
    cache = MemoryCache(clock=FakeClock(), max_bytes=10_000)
    for number in range(100):
        await cache.set(f"key-{number}", b"x" * 1_700, ttl_seconds=60)
    assert (await cache.stats()).size == 4
    await cache.set("huge", b"x" * 10_000, ttl_seconds=60)
    assert await cache.get("huge") is None
    assert (await cache.stats()).size == 4


async def test_a_million_distinct_keys_leave_ten_thousand_entries() -> None:
    """Distinct keys beyond the default bound replace old ones instead of growing."""
    cache = MemoryCache(clock=FakeClock())
    for number in range(12_000):
        await cache.set(str(number), b"1", ttl_seconds=60)
    assert (await cache.stats()).size == 10_000


@pytest.mark.parametrize("step", [3600.0, -3600.0])
async def test_a_step_of_the_wall_clock_changes_no_ttl(step: float) -> None:
    """Entries live for seconds that passed, whatever the wall clock is set to."""
    clock = FakeClock()
    cache = MemoryCache(clock=clock)
    await cache.set("key", b"1", ttl_seconds=300)
    clock.advance(299)
    clock.step_wall_clock(step)
    assert await cache.get("key") == b"1"
    clock.advance(1)
    assert await cache.get("key") is None


async def test_hits_and_misses_are_counted_over_all_looks() -> None:
    """A look at a missing or outdated entry is a miss, at a living one a hit."""
    clock = FakeClock()
    cache = MemoryCache(clock=clock)
    await cache.get("key")
    await cache.set("key", b"1", ttl_seconds=1)
    await cache.get("key")
    clock.advance(1)
    await cache.get("key")
    stats = await cache.stats()
    assert (stats.hits, stats.misses, stats.size) == (1, 2, 0)
