"""Only as many requests begin as can be answered in time; how many that are is learnt from what they took."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from hotcrm_ai.entrypoints.http.admission import CALM_SECONDS, FEWEST_STARTS, Admission


class Loop:
    """An event loop and a clock turned by hand: a turn runs what was scheduled, and takes as long as the test says."""

    def __init__(self) -> None:
        self.now = 0.0
        self.lent = 0.0
        self.scheduled: list[Callable[[], None]] = []

    def seconds(self) -> float:
        return self.now

    def worked(self) -> float:
        return self.now - self.lent

    def call_soon(self, callback: Callable[[], None]) -> None:
        self.scheduled.append(callback)

    def turn(self, admission: Admission, arriving: int, *, seconds_each: float, under_way: int = 0) -> int:
        """Let requests arrive together, those that begin take their time, and return how many began."""
        began = sum(admission.admit(under_way, self.call_soon) for _ in range(arriving))
        self.run()
        self.now += began * seconds_each
        self.run()
        return began

    def lend(self, seconds: float) -> None:
        """Let other programs have the processor."""
        self.now += seconds
        self.lent += seconds

    def run(self) -> None:
        scheduled, self.scheduled = self.scheduled, []
        for callback in scheduled:
            callback()


@pytest.fixture
def loop() -> Loop:
    """A loop at second 0."""
    return Loop()


def test_a_burst_on_an_idle_server_is_taken_in_whole(loop: Loop) -> None:
    """As many as may be under way begin together; one more is refused."""
    admission = Admission(most=256, seconds=loop.seconds, worked=loop.worked)
    assert loop.turn(admission, 300, seconds_each=0.0) == 256
    assert admission.refused == 44


def test_no_more_run_than_the_bound(loop: Loop) -> None:
    """Requests under way count, whatever the turn has begun."""
    admission = Admission(most=2, seconds=loop.seconds, worked=loop.worked)
    assert loop.turn(admission, 5, seconds_each=0.0, under_way=1) == 2
    assert loop.turn(admission, 5, seconds_each=0.0, under_way=2) == 0


def test_under_a_standing_overload_a_turn_stays_short(loop: Loop) -> None:
    """Requests of one millisecond and turns of 20 ms: about twenty begin at a time, however many come."""
    admission = Admission(most=256, turn_seconds=0.02, seconds=loop.seconds, worked=loop.worked)
    began = [loop.turn(admission, 400, seconds_each=0.001) for _ in range(40)]
    assert began[0] == 256
    assert all(FEWEST_STARTS <= number <= 26 for number in began[1:])
    assert sum(began[1:]) / 39 >= 16


def test_costly_requests_still_begin_a_few_at_a_time(loop: Loop) -> None:
    """Where each takes 100 ms, a small team's requests are still not refused."""
    admission = Admission(most=256, turn_seconds=0.02, seconds=loop.seconds, worked=loop.worked)
    assert [loop.turn(admission, 50, seconds_each=0.1) for _ in range(3)] == [50, FEWEST_STARTS, FEWEST_STARTS]


def test_what_other_programs_take_lets_no_fewer_begin(loop: Loop) -> None:
    """A turn during which another program had the processor for half a second says nothing about the requests."""
    admission = Admission(most=256, turn_seconds=0.02, seconds=loop.seconds, worked=loop.worked)
    for _ in range(32):
        assert admission.admit(0, loop.call_soon)
    loop.lend(0.5)
    loop.run()
    loop.run()
    assert admission.starts == 256


def test_reading_and_refusing_do_not_count_as_work(loop: Loop) -> None:
    """A turn that was long because thousands had to be refused lets no fewer begin."""
    admission = Admission(most=256, turn_seconds=0.02, seconds=loop.seconds, worked=loop.worked)
    assert admission.admit(0, loop.call_soon)
    loop.now += 0.5
    admission.reading_seconds += 0.5
    loop.run()
    loop.run()
    assert admission.starts == 256


def test_after_a_second_without_refusals_all_is_as_at_first(loop: Loop) -> None:
    """What was learnt in an overload is forgotten once it is over."""
    admission = Admission(most=256, turn_seconds=0.02, seconds=loop.seconds, worked=loop.worked)
    for _ in range(5):
        loop.turn(admission, 400, seconds_each=0.001)
    loop.turn(admission, 1, seconds_each=0.001)
    assert admission.starts < 64
    loop.now += CALM_SECONDS + 0.1
    loop.turn(admission, 1, seconds_each=0.001)
    assert admission.starts == 256


def test_a_burst_begins_in_small_groups(loop: Loop) -> None:
    """Of sixty that are admitted together 24 begin, then 24, then the rest, in order; those that wait count as under way."""
    admission = Admission(most=100, seconds=loop.seconds, worked=loop.worked)
    begun: list[int] = []
    for number in range(60):
        assert admission.admit(0, loop.call_soon)
        admission.begin(partial(begun.append, number))
    assert (admission.is_full(63), admission.is_full(64)) == (False, True)
    counts = [len(begun)]
    while loop.scheduled:
        loop.run()
        counts.append(len(begun))
    assert counts == [24, 24, 48, 60, 60]
    assert begun == list(range(60))
    assert not admission.is_full(99)
