"""Redis killed, frozen, slow or talking nonsense under load: no prediction fails, few wait, and Redis is used again once it is well."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from hotcrm_ai import AI, Settings

MODEL = "lead-scoring-v1"
REQUESTS_A_SECOND = 50
GENEROUS = 3
"""The machine of a test run is shared: a promise of milliseconds is held to thrice its time."""


class Load:
    """Asks for predictions at an even pace, all different, and keeps what became of them."""

    def __init__(self, ai: AI) -> None:
        self.ai = ai
        self.milliseconds: list[float] = []
        self.failures: list[BaseException] = []
        self._numbers = iter(range(1_000_000))

    async def run(self, requests: int) -> None:
        """Send so many requests, 50 a second, whether or not earlier ones are answered."""
        loop = asyncio.get_running_loop()
        starts_at = loop.time()
        calls = []
        for number in range(requests):
            await asyncio.sleep(max(0.0, starts_at + number / REQUESTS_A_SECOND - loop.time()))
            calls.append(asyncio.create_task(self._one(next(self._numbers))))
        await asyncio.gather(*calls)

    async def run_until(self, holds: Callable[[], Awaitable[bool]], *, seconds: float) -> None:
        """Go on asking until something holds; fail after that many seconds."""
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + seconds
        while not await holds():
            assert loop.time() < ends_at
            await self.run(5)

    def slower_than(self, milliseconds: float, *, since: int = 0) -> int:
        """Count the answers that took longer."""
        return sum(time > milliseconds for time in self.milliseconds[since:])

    async def _one(self, number: int) -> None:
        began = perf_counter()
        try:
            await self.ai.predict(MODEL, {"company_size": 10 + number, "engagement_score": 50})
        except BaseException as failure:
            self.failures.append(failure)
            raise
        self.milliseconds.append(1000 * (perf_counter() - began))

    async def is_degraded(self) -> bool:
        return (await self.ai.cache.get_stats()).degraded


@pytest.fixture
async def load(redis_server: Any, tmp_path: Path) -> AsyncIterator[Load]:
    async with AI.open(Settings(home=tmp_path, redis_url=redis_server.url)) as ai:
        load = Load(ai)
        await load.run(10)
        await load.run_until(lambda: _not(load.is_degraded()), seconds=15)
        load.milliseconds.clear()
        yield load


async def _not(truth: Awaitable[bool]) -> bool:
    return not await truth


async def test_a_frozen_redis_delays_few_and_fails_none(load: Load, redis_server: Any) -> None:
    """Frozen under load: no failure, a handful of answers wait their 60 ms, memory serves the rest; after it thaws it is used again."""
    redis_server.signal(signal.SIGSTOP)
    await load.run(100)
    assert await load.is_degraded()
    assert load.slower_than(GENEROUS * 60) == 0
    assert load.slower_than(40) <= GENEROUS * 5
    redis_server.signal(signal.SIGCONT)
    await load.run_until(lambda: _not(load.is_degraded()), seconds=GENEROUS * 5)
    before = (await load.ai.cache.get_stats()).backends["redis"].hits
    first, second = [await load.ai.predict(MODEL, {"company_size": 7, "budget": 9}) for _ in range(2)]
    assert (first.cached, second.cached) == (False, True)
    assert (await load.ai.cache.get_stats()).backends["redis"].hits == before + 1
    assert load.failures == []


async def test_a_killed_redis_comes_back_empty_and_is_used(load: Load, redis_server: Any) -> None:
    """Killed and restarted without its entries: only misses, no failure, the right answers."""
    kept = await load.ai.predict(MODEL, {"company_size": 7, "budget": 9})
    redis_server.signal(signal.SIGKILL)
    await load.run(75)
    assert await load.is_degraded()
    assert load.slower_than(GENEROUS * 60) == 0
    redis_server.start()
    await load.run_until(lambda: _not(load.is_degraded()), seconds=GENEROUS * 5)
    again = await load.ai.predict(MODEL, {"company_size": 7, "budget": 9})
    assert (again.cached, again.prediction) == (False, kept.prediction)
    assert load.failures == []


async def test_a_full_redis_is_not_used(load: Load, redis_server: Any) -> None:
    """A server that reads but takes no more writes counts as away, and memory keeps the answers."""
    redis_server.say("CONFIG", "SET", "maxmemory", "1")
    await load.run(25)
    assert await load.is_degraded()
    first, second = [await load.ai.predict(MODEL, {"company_size": 7, "budget": 9}) for _ in range(2)]
    assert (first.cached, second.cached) == (False, True)
    redis_server.say("CONFIG", "SET", "maxmemory", "0")
    await load.run_until(lambda: _not(load.is_degraded()), seconds=GENEROUS * 5)
    assert load.failures == []


async def test_without_redis_at_start_all_is_ready_at_once(tmp_path: Path) -> None:
    """A Redis that is not there delays the start by no more than its timeout, and predictions not at all."""
    began = perf_counter()
    async with AI.open(Settings(home=tmp_path, redis_url="redis://:hunter2@127.0.0.1:1")) as ai:
        assert perf_counter() - began < GENEROUS * 5
        first, second = [await ai.predict(MODEL, {"company_size": 7}) for _ in range(2)]
        assert (first.cached, second.cached) == (False, True)
        stats = await ai.cache.get_stats()
        assert (stats.backend, stats.degraded, stats.size) == ("memory", True, 1)


async def test_without_fallback_nothing_is_kept_while_redis_is_away(tmp_path: Path) -> None:
    """Where memory may not step in, every request is a miss and is answered."""
    async with AI.open(Settings(home=tmp_path, redis_url="redis://127.0.0.1:1", cache_use_memory_fallback=False)) as ai:
        answers = [await ai.predict(MODEL, {"company_size": 7}) for _ in range(2)]
        assert [answer.cached for answer in answers] == [False, False]


NONSENSE = {
    "closes": [],
    "no reply": [b""],
    "HTTP": [b"HTTP/1.1 400 Bad Request\r\n\r\n"],
    "binary": [bytes(range(256)) * 40],
    "no number": [b"$abc\r\n"],
    "negative": [b"$-7\r\n"],
    "endless": [b"$999999999999\r\nx"],
    "deep": [b"*1\r\n" * 5_000],
    "truncated": [b"$10\r\nabc"],
    "error": [b"-LOADING Redis is loading the dataset in memory\r\n"],
    "wrong types": [b":1\r\n:1\r\n", b"*0\r\n"],
    "others' replies": [b"+OK\r\n$1\r\n1\r\n", b"+OK\r\n$1\r\n1\r\n", b"$5\r\nhello\r\n$5\r\nhello\r\n"],
}


@contextlib.asynccontextmanager
async def scripted_server(replies: list[bytes], *, seconds: float = 0.0) -> AsyncIterator[str]:
    """Give the URL of a server that answers whatever it gets with the next reply, and in the end the last one for ever."""
    remaining = list(replies)
    served: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.add(asyncio.current_task())
        try:
            while remaining and await reader.read(65_536):
                if seconds:
                    await asyncio.sleep(seconds)
                writer.write(remaining.pop(0) if len(remaining) > 1 else remaining[0])
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await asyncio.gather(*served)


@pytest.mark.parametrize("kind", NONSENSE)
async def test_nonsense_fails_no_prediction(kind: str, tmp_path: Path) -> None:
    """Whatever a server says, predictions are right, and memory keeps them."""
    async with scripted_server(NONSENSE[kind]) as url, AI.open(Settings(home=tmp_path, redis_url=url)) as ai:
        answers = [await ai.predict(MODEL, {"company_size": 7}) for _ in range(4)]
        assert len({repr(answer.prediction) for answer in answers}) == 1
        assert [answer.cached for answer in answers[2:]] == [True, True]
        assert (await ai.cache.get_stats()).degraded is True


async def test_a_slow_redis_is_not_waited_for(tmp_path: Path) -> None:
    """A server that takes 200 ms for everything delays no prediction by more than the promise."""
    replies = [b"+OK\r\n$1\r\n1\r\n"]
    async with scripted_server(replies, seconds=0.2) as url, AI.open(Settings(home=tmp_path, redis_url=url)) as ai:
        load = Load(ai)
        await load.run(50)
        assert load.failures == []
        assert load.slower_than(GENEROUS * 60) == 0
        assert await load.is_degraded()
