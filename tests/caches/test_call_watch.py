"""A call that takes too long is ended, and only the other side's time counts."""

from __future__ import annotations

import asyncio
from time import perf_counter

import pytest

from hotcrm_ai.caches.call_watch import CallWatch


async def test_a_call_that_never_ends_is_ended() -> None:
    """After its time a call is cancelled, and the caller gets a TimeoutError."""
    cancelled = []

    async def never() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    watch = CallWatch(slow_seconds=0.005, seconds=0.01)
    with pytest.raises(TimeoutError):
        await watch.run(never())
    assert (cancelled, watch.was_slow) == ([True], True)


async def test_a_slow_call_is_marked_and_answered() -> None:
    """A call that takes longer than quick ones and shorter than its limit is answered and known as slow; a quick one is not."""
    slow, quick = CallWatch(slow_seconds=0.001, seconds=30.0), CallWatch(slow_seconds=10.0, seconds=30.0)
    assert await slow.run(asyncio.sleep(0.05, "late")) == "late"
    assert await quick.run(asyncio.sleep(0, "soon")) == "soon"
    assert (slow.was_slow, quick.was_slow) == (True, False)


async def test_a_process_that_was_busy_itself_does_not_blame_the_call() -> None:
    """What had arrived while this process did something else for longer than the limit still counts as in time."""
    loop = asyncio.get_running_loop()
    arrived = loop.create_future()

    async def read() -> str:
        loop.call_soon(busy)
        return str(await arrived)

    def busy() -> None:
        ends_at = perf_counter() + 0.05
        while perf_counter() < ends_at:
            pass
        loop.call_soon(arrived.set_result, "reply")

    watch = CallWatch(slow_seconds=0.005, seconds=0.01)
    assert await watch.run(read()) == "reply"
    assert watch.was_slow is False


async def test_a_cancelled_caller_is_cancelled() -> None:
    """Cancelling the task that waits is no timeout."""
    watch = CallWatch(slow_seconds=10.0, seconds=30.0)
    task = asyncio.create_task(watch.run(asyncio.sleep(60)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_error_of_the_call_goes_through() -> None:
    """What the call raises reaches the caller as it is."""

    async def fails() -> None:
        raise ValueError("nonsense")

    with pytest.raises(ValueError, match="nonsense"):
        await CallWatch(slow_seconds=1.0, seconds=1.0).run(fails())
