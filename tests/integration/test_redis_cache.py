"""The cache on a real Redis server: a dictionary with a clock, in its own corner, closed to what is odd."""

from __future__ import annotations

import asyncio
import pickle
import random
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hotcrm_ai.caches import RedisCache, RedisConnections, RedisLimits, read_address
from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.domain.secret import Secret

PATIENT = RedisLimits(call_seconds=5.0, connect_seconds=5.0)
"""Limits for tests of what is kept; those of how long things take have limits of their own."""


def connect(url: str, workspace: str = "sales", limits: RedisLimits = PATIENT) -> RedisCache:
    return RedisCache(RedisConnections(read_address(Secret(url)), limits), workspace=workspace)


@pytest.fixture
async def cache(redis_server: Any) -> AsyncIterator[RedisCache]:
    cache = connect(redis_server.url)
    yield cache
    await cache.aclose()


async def test_it_behaves_like_a_dictionary(cache: RedisCache) -> None:
    """A random sequence of operations gives the results of a plain dictionary."""
    seed = 20_261_122
    chance = random.Random(seed)
    expected: dict[tuple[str, str], bytes] = {}
    for step in range(600):
        key, group = f"key-{chance.randrange(8)}", f"group-{chance.randrange(2)}"
        match chance.choice(["get", "get", "set", "set", "delete", "clear", "stats"]):
            case "get":
                assert await cache.get(key, group=group) == expected.get((key, group)), (seed, step)
            case "set":
                seconds = chance.choice([0.0, 60.0, 1e12])
                await cache.set(key, str(step).encode(), ttl_seconds=seconds, group=group)
                expected.pop((key, group), None)
                if seconds:
                    expected[key, group] = str(step).encode()
            case "delete":
                was_there = expected.pop((key, group), None) is not None
                assert await cache.delete(key, group=group) == was_there, (seed, step)
            case "clear" if chance.random() < 0.3:
                chosen = chance.choice([None, group])
                doomed = [place for place in expected if chosen in (None, place[1])]
                assert await cache.clear(chosen) == len(doomed), (seed, step)
                for place in doomed:
                    del expected[place]
            case "stats":
                assert (await cache.stats()).size == len(expected), (seed, step)


async def test_many_entries_go_and_come_in_order(cache: RedisCache) -> None:
    """More entries than one exchange carries are kept and found, each in its place."""
    await cache.set_many([(f"key-{number}", "m", str(number).encode(), 60.0) for number in range(1_000)])
    found = await cache.get_many([(f"key-{number}", "m") for number in range(0, 2_000, 2)])
    assert found == [str(number).encode() for number in range(0, 1_000, 2)] + [None] * 500
    counts = cache.counts()
    assert (counts.hits, counts.misses) == (500, 500)


async def test_redis_ends_entries_by_itself(cache: RedisCache, redis_server: Any) -> None:
    """Every key on the server has a time to live, which is the one that was asked for."""
    await cache.set("key", b"1", ttl_seconds=120, group="m")
    await cache.claim(["key"], seconds=2)
    await cache.probe()
    times = [int(redis_server.say("PTTL", key).strip(b":\r\n")) for key in redis_server.every_key()]
    assert len(times) == 3
    assert all(time > 0 for time in times)
    assert 110_000 < max(times) <= 120_000


async def test_keys_tell_nothing_but_the_workspace(cache: RedisCache, redis_server: Any) -> None:
    """Neither a model's id nor what the key was made of can be read from the server's keys."""
    await cache.set("jane.doe@example.org", b"1", ttl_seconds=60, group="lead-scoring-v1")
    (key,) = redis_server.every_key()
    assert key.startswith(b"hotcrm-ai:sales:entry:")
    assert b"jane" not in key
    assert b"lead" not in key


async def test_clearing_leaves_the_keys_of_others_alone(cache: RedisCache, redis_server: Any) -> None:
    """Other applications, and workspaces whose names begin alike or look like patterns, keep what they have."""
    neighbours = {name: connect(redis_server.url, name) for name in ("sales-2", "service", "s*")}
    for neighbour in neighbours.values():
        await neighbour.set("key", b"1", ttl_seconds=60)
    redis_server.say("SET", "theirs", "1")
    await cache.set_many([(f"key-{number}", "m", b"1", 60.0) for number in range(2_500)])
    await neighbours["s*"].clear()
    assert await cache.clear() == 2_500
    assert (await cache.stats()).size == 0
    assert await neighbours["sales-2"].get("key") == b"1"
    assert await neighbours["service"].get("key") == b"1"
    assert b"theirs" in redis_server.every_key()
    for neighbour in neighbours.values():
        await neighbour.aclose()


async def test_a_value_copied_from_another_workspace_is_not_used(cache: RedisCache, redis_server: Any) -> None:
    """Whoever guesses our key and copies a real value of another workspace under it gains nothing."""
    theirs = connect(redis_server.url, "service")
    await cache.set("key", b"1", ttl_seconds=60)
    (ours,) = redis_server.every_key()
    await theirs.set("key", b"2", ttl_seconds=60)
    (foreign,) = set(redis_server.every_key()) - {ours}
    value = redis_server.say("GET", foreign).split(b"\r\n")[1]
    redis_server.say("SET", ours, value)
    assert await cache.get("key") is None
    await theirs.aclose()


@pytest.mark.parametrize(
    "odd",
    [
        ("SET", b"garbage"),
        ("SET", pickle.dumps(print)),
        ("SET", b"x" * 3_000_000),
        ("LPUSH", b"a list"),
    ],
)
async def test_what_is_odd_is_a_miss_and_is_replaced(cache: RedisCache, redis_server: Any, odd: Any) -> None:
    """Garbage, a pickle, a giant or a key of another type counts as absent; the next answer takes its place."""
    await cache.set("key", b"1", ttl_seconds=60)
    (key,) = redis_server.every_key()
    redis_server.say("DEL", key)
    redis_server.say(odd[0], key, odd[1])
    assert await cache.get("key") is None
    await cache.set("key", b"2", ttl_seconds=60)
    assert await cache.get("key") == b"2"


async def test_replies_are_never_mixed_up_by_cancelled_calls(cache: RedisCache) -> None:
    """Hundreds of calls, half of them cancelled under way: every other one has its own answer, over a bounded number of connections."""
    await cache.set_many([(f"key-{number}", "", str(number).encode(), 60.0) for number in range(50)])
    chance = random.Random(7)

    async def look(number: int) -> bytes | None:
        return await cache.get(f"key-{number}")

    for _ in range(20):
        calls = [asyncio.create_task(look(number)) for number in range(50)]
        for _ in range(chance.randrange(6)):
            await asyncio.sleep(0)
        cancelled = set(chance.sample(range(50), 25))
        for number in cancelled:
            calls[number].cancel()
        results = await asyncio.gather(*calls, return_exceptions=True)
        for number, result in enumerate(results):
            if not isinstance(result, asyncio.CancelledError):
                assert result == str(number).encode()


async def test_no_more_connections_are_made_than_allowed(redis_server: Any) -> None:
    """A thousand calls at once share the connections that the limits allow, and closing gives them back."""
    cache = connect(redis_server.url, limits=RedisLimits(call_seconds=20.0, connect_seconds=20.0, connections=4))
    await asyncio.gather(*(cache.get(f"key-{number}") for number in range(1_000)))
    clients = [line for line in redis_server.say("CLIENT", "LIST").split(b"\n") if b"cmd=client" not in line]
    assert 1 <= len([line for line in clients if line.startswith(b"id=")]) <= 4
    await cache.aclose()
    while b"cmd=getrange" in redis_server.say("CLIENT", "LIST"):
        pass


async def test_closing_ends_calls_under_way(redis_server: Any) -> None:
    """Calls that wait, whether sent or not, fail when the cache is closed; none hangs."""
    redis_server.signal(signal.SIGSTOP)
    cache = connect(redis_server.url)
    calls = [asyncio.create_task(cache.get("key")) for _ in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    calls.append(asyncio.create_task(cache.probe()))
    calls.append(asyncio.create_task(cache.get("key")))
    await asyncio.sleep(0)
    await cache.aclose()
    calls[3].cancel()
    results = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), timeout=60)
    assert [type(result) for result in results] == [StorageError] * 3 + [asyncio.CancelledError, StorageError]


async def test_a_socket_a_user_and_a_database_are_used(redis_server: Any) -> None:
    """The server is reached over its Unix socket, as the user of the URL, in the database of the URL; a wrong password is a failure."""
    redis_server.say("ACL", "SETUSER", "app", "on", ">pass word", "~hotcrm-ai:*", "+@all", "-@dangerous")
    right = f"unix://app:pass%20word@{redis_server.socket_path}?db=3"
    cache = connect(right)
    await cache.set("key", b"1", ttl_seconds=60)
    assert await cache.get("key") == b"1"
    assert await cache.clear() == 1
    await cache.aclose()
    assert redis_server.every_key() == []
    stranger = connect(right.replace("pass%20word", "guessed"))
    with pytest.raises(StorageError) as refused:
        await stranger.get("key")
    assert "guessed" not in str(refused.value)
    await stranger.aclose()


async def test_the_access_list_of_the_guide_is_enough(redis_server: Any) -> None:
    """With the rights that the guide names everything works, and nothing outside of the workspace can be touched."""
    guide = (Path(__file__).parents[2] / "docs" / "how-to" / "redis.md").read_text()
    (rule,) = [line for line in guide.splitlines() if line.startswith("ACL SETUSER")]
    assert redis_server.say(*rule.split()) == b"+OK\r\n"
    url = redis_server.url.replace("://", "://hotcrm:secret@")
    ours, theirs = connect(url, "sales"), connect(url, "service")
    await ours.probe()
    await ours.set("key", b"1", ttl_seconds=60, group="m")
    assert await ours.get("key", group="m") == b"1"
    assert await ours.claim(["key"], seconds=1) == {"key": True}
    await ours.renew(["key"], seconds=1)
    await ours.release(["key"])
    assert (await ours.stats()).size == 1
    assert await ours.delete("other") is False
    assert await ours.clear() == 1
    with pytest.raises(StorageError, match="rights of the user"):
        await theirs.set("key", b"1", ttl_seconds=60)
    for cache in (ours, theirs):
        await cache.aclose()


async def test_a_claim_is_held_by_one_and_ends(redis_server: Any) -> None:
    """Of two that claim the same key one has it, until it is released; another key is another matter."""
    first, second = connect(redis_server.url), connect(redis_server.url)
    assert await first.claim(["a", "b"], seconds=30) == {"a": True, "b": True}
    assert await second.claim(["a", "c"], seconds=30) == {"a": False, "c": True}
    await first.release(["a"])
    assert await second.claim(["a"], seconds=30) == {"a": True}
    await first.renew(["b"], seconds=0.001)
    while not (await second.claim(["b"], seconds=30))["b"]:
        pass
    for cache in (first, second):
        await cache.aclose()
