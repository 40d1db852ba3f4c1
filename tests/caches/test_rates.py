"""A caller may send at its rate, and a burst after a pause; what it did beyond that it has to wait for."""

from __future__ import annotations

import pytest

from hotcrm_ai.caches import MemoryRates
from hotcrm_ai.domain.rates import Rate
from hotcrm_ai.testing import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    """A clock that the test turns."""
    return FakeClock()


async def taken(rates: MemoryRates, caller: str, rate: Rate, number: int) -> int:
    """Ask so often, and return how often there was something to take."""
    return sum([await rates.take(caller, rate) == 0.0 for _ in range(number)])


async def test_a_burst_goes_through_and_then_the_rate(clock: FakeClock) -> None:
    """Five at once, then two a second, and never more than five saved up."""
    rates, rate = MemoryRates(clock=clock), Rate(2.0, 5.0)
    assert await taken(rates, "a", rate, 8) == 5
    clock.advance(1.0)
    assert await taken(rates, "a", rate, 8) == 2
    clock.advance(3600.0)
    assert await taken(rates, "a", rate, 8) == 5


async def test_the_wait_that_is_told_is_the_one_that_helps(clock: FakeClock) -> None:
    """A moment before it is over nothing is there yet; at its end there is."""
    rates, rate = MemoryRates(clock=clock), Rate(0.25, 1.0)
    assert await rates.take("a", rate) == 0.0
    assert await rates.take("a", rate) == 4.0
    clock.advance(3.9)
    assert await rates.take("a", rate) == pytest.approx(0.1)
    clock.advance(0.1)
    assert await rates.take("a", rate) == 0.0


async def test_whoever_is_refused_does_not_wait_longer_for_asking(clock: FakeClock) -> None:
    """A refusal takes nothing, however often it is earned."""
    rates, rate = MemoryRates(clock=clock), Rate(1.0, 1.0)
    assert await taken(rates, "a", rate, 1000) == 1
    clock.advance(1.0)
    assert await taken(rates, "a", rate, 1000) == 1


async def test_callers_do_not_know_one_another(clock: FakeClock) -> None:
    """One that sends too much leaves the others theirs."""
    rates, rate = MemoryRates(clock=clock), Rate(1.0, 2.0)
    assert await taken(rates, "a", rate, 100) == 2
    assert await taken(rates, "b", rate, 100) == 2


async def test_a_batch_is_paid_for_afterwards_for_ten_minutes_at_most(clock: FakeClock) -> None:
    """Ninety records at ten a second are nine seconds; ten thousand at one a second no more than ten minutes."""
    rates = MemoryRates(clock=clock)
    await rates.charge("a", Rate(10.0, 1.0), 90)
    assert await rates.take("a", Rate(10.0, 1.0)) == 9.0
    await rates.charge("b", Rate(1.0, 1.0), 10_000)
    assert await rates.take("b", Rate(1.0, 1.0)) == 601.0
    clock.advance(601.0)
    assert await rates.take("b", Rate(1.0, 1.0)) == 0.0


async def test_each_process_gives_its_share(clock: FakeClock) -> None:
    """Of four processes each lets a quarter through, so together they give the rate; at least one request each."""
    processes = [MemoryRates(clock=clock, processes=4) for _ in range(4)]
    assert [await taken(one, "a", Rate(4.0, 20.0), 50) for one in processes] == [5, 5, 5, 5]
    clock.advance(2.0)
    assert [await taken(one, "a", Rate(4.0, 20.0), 50) for one in processes] == [2, 2, 2, 2]
    assert await taken(processes[0], "b", Rate(1.0, 2.0), 50) == 1


async def test_a_step_of_the_wall_clock_gives_and_takes_nothing(clock: FakeClock) -> None:
    """Durations are counted by the monotonic clock."""
    rates, rate = MemoryRates(clock=clock), Rate(1.0, 1.0)
    assert await taken(rates, "a", rate, 3) == 1
    clock.step_wall_clock(3600)
    assert await taken(rates, "a", rate, 3) == 0
    clock.step_wall_clock(-7200)
    clock.advance(1.0)
    assert await taken(rates, "a", rate, 3) == 1


async def test_memory_is_bounded(clock: FakeClock) -> None:
    """Whoever comes under ever new addresses makes no list grow beyond ten thousand."""
    rates, rate = MemoryRates(clock=clock), Rate(1.0, 1.0)
    for number in range(10_050):
        await rates.take(str(number), rate)
    assert len(rates._used) == 10_000
