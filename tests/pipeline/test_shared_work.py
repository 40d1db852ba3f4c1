"""Several processes that miss the same answer: one asks the provider, the others take its answer; a cache that fails changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from hotcrm_ai.caches import MemoryCache
from hotcrm_ai.domain.errors import ProviderTimeout, StorageError
from hotcrm_ai.domain.performance import CacheStats

LEAD = {"company_size": 500, "industry": "Technology", "is_customer": False}
MODEL = "lead-scoring-v1"


class SharedMemory(MemoryCache):
    """A cache that several services share like processes share Redis, with claims that last until released."""

    def __init__(self, *, clock: Any) -> None:
        super().__init__(clock=clock)
        self.claimed: set[str] = set()
        self.exchanges = 0

    async def get_many(self, keys: Sequence[tuple[str, str]]) -> list[bytes | None]:
        self.exchanges += 1
        return [await self.get(key, group=group) for key, group in keys]

    async def set_many(self, entries: Sequence[tuple[str, str, bytes, float]]) -> None:
        self.exchanges += 1
        for key, group, value, seconds in entries:
            await self.set(key, value, ttl_seconds=seconds, group=group)

    async def claim(self, keys: Sequence[str], *, seconds: float) -> Mapping[str, bool]:
        granted = {key: key not in self.claimed for key in keys}
        self.claimed.update(keys)
        return granted

    async def renew(self, keys: Sequence[str], *, seconds: float) -> None:
        assert set(keys) <= self.claimed

    async def release(self, keys: Sequence[str]) -> None:
        self.claimed.difference_update(keys)


@pytest.fixture
def processes(make_pipeline: Any, make_model: Any) -> list[Any]:
    """Two services with one cache, whose model is answered by the same provider elsewhere."""
    first = make_pipeline(make_model(provider="other"))
    shared = SharedMemory(clock=first.clock)
    services = [make_pipeline(make_model(provider="other"), cache=shared, clock=first.clock) for _ in range(2)]
    for service in services:
        service.cache, service.clock = shared, first.clock
    return services


async def until(holds: Any) -> None:
    """Let the event loop turn until something holds."""
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - what it waits for is a list of a fake
            await asyncio.sleep(0)


async def test_two_processes_ask_once_for_the_same(processes: list[Any]) -> None:
    """Of two hundred requests in two processes one reaches the provider; all have its answer, the other process's marked as cached."""
    first, second = processes
    first.other_provider.hold()
    leading = [asyncio.create_task(first.service.predict(MODEL, LEAD)) for _ in range(100)]
    await until(lambda: first.other_provider.attempts)
    following = [asyncio.create_task(second.service.predict(MODEL, LEAD)) for _ in range(100)]
    await asyncio.sleep(0.1)
    first.other_provider.release()
    answers = await asyncio.gather(*leading, *following)
    assert len({repr(answer.prediction) for answer in answers}) == 1
    assert (len(first.other_provider.attempts), len(second.other_provider.attempts)) == (1, 0)
    assert all(answer.cached for answer in answers[100:])
    assert first.cache.claimed == set()


async def test_the_next_takes_over_where_the_first_fails(processes: list[Any]) -> None:
    """When the process that asks gets an error, the one that waits asks for itself."""
    first, second = processes
    first.other_provider.hold()
    first.other_provider.fail_next(ValueError("boom"))
    leading = asyncio.create_task(first.service.predict(MODEL, LEAD))
    await until(lambda: first.other_provider.attempts)
    following = asyncio.create_task(second.service.predict(MODEL, LEAD))
    await asyncio.sleep(0.05)
    first.other_provider.release()
    failed, answer = await asyncio.gather(leading, following, return_exceptions=True)
    assert isinstance(failed, Exception)
    assert (answer.cached, len(second.other_provider.attempts)) == (False, 1)


async def test_nobody_waits_beyond_the_deadline(processes: list[Any]) -> None:
    """A claim whose holder is at work for longer than our deadline is waited for until the deadline, which is then over as ever."""
    _, second = processes
    claims = 0

    async def never_granted(keys: Sequence[str], *, seconds: float) -> Mapping[str, bool]:
        nonlocal claims
        claims += 1
        second.clock.advance(0.5)
        return dict.fromkeys(keys, False)

    second.cache.claim = never_granted
    with pytest.raises(ProviderTimeout):
        await second.service.predict(MODEL, LEAD, timeout=2.0)
    assert claims == 4
    assert second.clock.monotonic() == 2.0


async def test_local_models_are_not_waited_for(make_pipeline: Any) -> None:
    """A model in the process is asked at once, whoever else is asking: no claim is made."""
    pipeline = make_pipeline()
    shared = SharedMemory(clock=pipeline.clock)

    async def refused(keys: Any, *, seconds: float) -> Any:
        raise AssertionError("a claim was made")

    shared.claim = refused
    local = make_pipeline(cache=shared)
    assert (await local.service.predict(MODEL, LEAD)).cached is False
    assert (await local.service.predict(MODEL, LEAD)).cached is True


async def test_a_batch_takes_two_exchanges(processes: list[Any]) -> None:
    """A batch is looked up in one exchange with the shared cache and kept in another, however long it is."""
    first, _ = processes
    leads = [{**LEAD, "company_size": 1 + number} for number in range(200)]
    await first.service.batch_predict(MODEL, leads)
    assert first.cache.exchanges == 2
    again = await first.service.batch_predict(MODEL, leads)
    assert all(answer.cached for answer in again)
    assert first.cache.exchanges == 3


class Broken:
    """A cache of a plug-in that raises whatever it likes at every turn."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure

    async def get(self, key: str, *, group: str = "") -> bytes | None:
        raise self.failure

    async def set(self, key: str, value: bytes, *, ttl_seconds: float, group: str = "") -> None:
        raise self.failure

    async def delete(self, key: str, *, group: str = "") -> bool:
        raise self.failure

    async def clear(self, group: str | None = None) -> int:
        raise self.failure

    async def stats(self) -> CacheStats:
        raise self.failure


class BrokenShared(Broken):
    """The same, shared between processes."""

    async def get_many(self, keys: Any) -> Any:
        raise self.failure

    async def set_many(self, entries: Any) -> None:
        raise self.failure

    async def claim(self, keys: Any, *, seconds: float) -> Any:
        raise self.failure

    async def renew(self, keys: Any, *, seconds: float) -> None:
        raise self.failure

    async def release(self, keys: Any) -> None:
        raise self.failure


@pytest.mark.parametrize("kind", [Broken, BrokenShared])
@pytest.mark.parametrize(
    "failure",
    [
        StorageError("the cache is away"),
        ConnectionResetError(),
        TimeoutError(),
        EOFError(),
        ValueError("nonsense"),
        TypeError("nonsense"),
        KeyError("nonsense"),
        RuntimeError("closed"),
    ],
)
async def test_a_cache_that_fails_is_a_miss(make_pipeline: Any, make_model: Any, kind: Any, failure: Exception) -> None:
    """Whatever a cache raises, singles and batches are answered, and nothing is marked as cached."""
    pipeline = make_pipeline(make_model(provider="other"), cache=kind(failure))
    answers = [await pipeline.service.predict(MODEL, LEAD) for _ in range(2)]
    answers += await pipeline.service.batch_predict(MODEL, [LEAD, {**LEAD, "company_size": 2}])
    assert [answer.cached for answer in answers] == [False] * 4


async def test_an_answer_of_another_bundle_is_a_miss(pipeline: Any) -> None:
    """An answer that was put under our key but names another bundle, key or format is not used, and is replaced."""
    await pipeline.service.predict(MODEL, LEAD)
    (key,) = pipeline.cache._entries
    kept = await pipeline.cache.get(key)
    for odd in (
        kept.replace(b"null", b'"sha256:other"', 1),
        kept.replace(key.encode(), b"0" * 64),
        kept.replace(b"[2,", b"[1,", 1),
        b"[" * 100_000,
    ):
        assert odd != kept
        await pipeline.cache.set(key, odd, ttl_seconds=60)
        assert (await pipeline.service.predict(MODEL, LEAD)).cached is False
        assert (await pipeline.service.predict(MODEL, LEAD)).cached is True


async def test_a_wait_of_a_batch_counts_once(processes: list[Any]) -> None:
    """Each item of a batch has its share of the time that all of them waited together, so that latencies add up to what passed."""
    _, second = processes
    calls = 0

    async def granted_later(keys: Sequence[str], *, seconds: float) -> Mapping[str, bool]:
        nonlocal calls
        calls += 1
        second.clock.advance(0.0 if calls == 1 else 1.0)
        return dict.fromkeys(keys, calls > 1)

    second.cache.claim = granted_later
    answers = await second.service.batch_predict(MODEL, [LEAD, {**LEAD, "company_size": 7}])
    assert [answer.metadata["stages"]["cache"] for answer in answers] == pytest.approx([500.0, 500.0])
