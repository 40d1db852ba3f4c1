"""Several processes count one rate on a real Redis server; while it is away each counts its own share, and nobody waits for it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from time import perf_counter
from typing import Any

import pytest
import redis

from hotcrm_ai import Settings
from hotcrm_ai.assembly.caching import open_rates
from hotcrm_ai.domain.rates import Rate
from hotcrm_ai.domain.secret import Secret
from hotcrm_ai.ports.clock import SystemClock
from hotcrm_ai.ports.rate_store import RateStore

pytestmark = pytest.mark.alone  # it measures time, so nothing else may run beside it

SLOW = Rate(0.01, 10.0)
"""Ten at once, and then nothing for as long as a test runs."""


class House:
    """Processes of one or more workspaces over one Redis server; a second is enough for a call on a busy machine."""

    def __init__(self, url: str, opened: AsyncExitStack) -> None:
        self._url = url
        self._opened = opened

    def process(self, *, workspace: str = "ours", workers: int = 2, seconds: float = 1.0) -> RateStore:
        """Return the counts as one process opens them."""
        settings = Settings(redis_url=Secret(self._url), workers=workers, redis_timeout_seconds=seconds)
        return open_rates(settings, workspace, SystemClock(), self._opened)


@pytest.fixture
async def house(redis_server: Any) -> AsyncIterator[House]:
    """A house over a server of the test's own."""
    async with AsyncExitStack() as opened:
        yield House(redis_server.url, opened)


@pytest.fixture
def client(redis_server: Any) -> Iterator[Any]:
    """A client that sees what is on the server."""
    with redis.Redis.from_url(redis_server.url) as opened:
        yield opened


async def taken(rates: RateStore, caller: str, number: int, rate: Rate = SLOW) -> int:
    """Ask so often, and return how often there was something to take."""
    return sum([await rates.take(caller, rate) == 0.0 for _ in range(number)])


async def test_processes_share_one_rate(house: House) -> None:
    """Fifty requests of two processes at the same time: exactly the burst goes through, whoever asked."""
    first, second = house.process(), house.process()
    waits = await asyncio.gather(*(one.take("key:a", SLOW) for one in (first, second) for _ in range(25)))
    assert sum(wait == 0.0 for wait in waits) == 10
    assert all(wait == 0.0 or 90 < wait <= 100 for wait in waits)
    assert not first.is_degraded


async def test_what_is_shared_fills_again(house: House) -> None:
    """The server's own clock lets the rate through after the wait that it told."""
    rates, quick = house.process(), Rate(20.0, 1.0)
    assert await rates.take("key:a", quick) == 0.0
    wait = await rates.take("key:a", quick)
    while await rates.take("key:a", quick):
        assert 0.0 < wait <= 0.05


async def test_a_batch_is_charged_to_all(house: House) -> None:
    """What one process answered in a batch the other counts."""
    first, second = house.process(), house.process()
    await first.charge("key:a", Rate(1.0, 10.0), 99)
    assert 85 < await second.take("key:a", Rate(1.0, 10.0)) <= 90


async def test_workspaces_do_not_meet(house: House, client: Any) -> None:
    """The same key id in two workspaces is two callers, and no key on the server names one."""
    ours, theirs = house.process(), house.process(workspace="theirs")
    assert await taken(ours, "address:10.0.0.7", 12) == 10
    assert await taken(theirs, "address:10.0.0.7", 12) == 10
    names = [name.decode() for name in client.keys("*")]
    assert sorted({name.rpartition(":")[0] for name in names}) == ["hotcrm-ai:ours:rate", "hotcrm-ai:theirs:rate"]
    assert not any("10.0.0.7" in name for name in names)


@pytest.mark.parametrize("kept", ["nonsense", "-5 9", "9e99 1", "1 2 3", ""])
async def test_what_somebody_else_wrote_counts_as_nothing(house: House, client: Any, kept: str) -> None:
    """A value that is not ours is replaced, whatever its type."""
    rates = house.process()
    await rates.take("key:a", SLOW)
    name = next(name for name in client.keys("*:rate:*") if client.pttl(name) > 10_000)
    client.set(name, kept)
    assert await taken(rates, "key:a", 12) == 10
    client.delete(name)
    client.rpush(name, "a list")
    assert await taken(rates, "key:a", 12) == 10


async def test_a_clock_that_was_set_back_locks_nobody_out(house: House, client: Any) -> None:
    """A bucket that was last used in the server's future drains from now on."""
    rates, quick = house.process(), Rate(20.0, 1.0)
    await rates.take("key:a", quick)
    name = max(client.keys("*:rate:*"), key=client.pttl)
    seconds, _ = client.time()
    client.set(name, f"1.000000 {(seconds + 3600) * 1_000_000}", px=3_600_000)
    assert await rates.take("key:a", quick) == pytest.approx(0.05, abs=0.001)
    client.set(name, f"0.000000 {(seconds + 3600) * 1_000_000}", px=3_600_000)
    assert await rates.take("key:a", quick) == 0.0


async def test_while_the_server_is_dead_each_process_gives_its_share(house: House, redis_server: Any) -> None:
    """Nobody is locked out and nobody gets more than the rate; once the server is back, it counts again for all."""
    first, second = house.process(), house.process()
    assert await first.take("key:a", SLOW) == await second.take("key:a", SLOW) == 0.0
    redis_server.signal(signal.SIGKILL)
    assert await taken(first, "key:a", 20) == 5
    assert await taken(second, "key:a", 20) == 5
    assert first.is_degraded
    redis_server.start()

    async def asked_until_both_are_back() -> None:
        while first.is_degraded or second.is_degraded:
            await first.take("key:b", SLOW)
            await second.take("key:b", SLOW)
            await asyncio.sleep(0.01)

    await asyncio.wait_for(asked_until_both_are_back(), 20)
    assert await taken(first, "key:c", 20) + await taken(second, "key:c", 20) == 10


async def test_a_frozen_server_holds_up_one_request(house: House, redis_server: Any) -> None:
    """The first that meets it waits the time of one call; the next hundred ask nobody."""
    rates = house.process(seconds=0.05)
    await rates.take("key:a", SLOW)
    redis_server.signal(signal.SIGSTOP)
    try:
        await rates.take("key:a", SLOW)
        began = perf_counter()
        await taken(rates, "key:a", 100)
        assert rates.is_degraded
        assert perf_counter() - began < 1.0
    finally:
        redis_server.signal(signal.SIGCONT)
