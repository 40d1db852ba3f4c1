"""The circuit breaker opens, waits, probes and closes by the promised numbers, on a clock that the test turns."""

from __future__ import annotations

import random

import pytest

from hotcrm_ai.domain.errors import ProviderError, ProviderTimeout, ProviderUnavailable
from hotcrm_ai.domain.faults import FaultKind
from hotcrm_ai.pipeline.guards.breaker import Breaker


def failure(kind: FaultKind = "overloaded", retry_after: float | None = None) -> ProviderError:
    return ProviderUnavailable("It failed.", kind=kind, retry_after_seconds=retry_after)


def fail(breaker: Breaker, times: int, error: ProviderError, now: float = 0.0) -> None:
    for _ in range(times):
        given = breaker.admit(now)
        assert given is not None
        breaker.failed(given, error, now)


def opened(now: float = 0.0) -> Breaker:
    breaker = Breaker()
    fail(breaker, 5, failure("unreachable"), now)
    assert breaker.state(now) == "open"
    return breaker


@pytest.mark.parametrize("kind", ["unreachable", "timeout"])
def test_five_silent_calls_in_a_row_open_it(kind: FaultKind) -> None:
    """Four connection failures or time-outs leave it closed, the fifth opens it for five seconds."""
    breaker = Breaker()
    fail(breaker, 4, failure(kind))
    assert breaker.state(0.0) == "closed"
    fail(breaker, 1, failure(kind))
    assert (breaker.state(4.99), breaker.state(5.0)) == ("open", "half-open")


def test_ten_error_answers_in_a_row_open_it() -> None:
    """Nine do not, and one success in between begins the count anew."""
    breaker = Breaker()
    fail(breaker, 9, failure())
    given = breaker.admit(0.0)
    assert given is not None
    breaker.succeeded(given, 0.0)
    fail(breaker, 9, failure(), 40.0)
    assert breaker.state(40.0) == "closed"
    fail(breaker, 1, failure(), 40.0)
    assert breaker.state(40.0) == "open"


def test_a_throttled_call_counts_half() -> None:
    """Nineteen in a row leave it closed, the twentieth opens it."""
    breaker = Breaker()
    fail(breaker, 19, failure("throttled"))
    assert breaker.state(0.0) == "closed"
    fail(breaker, 1, failure("throttled"))
    assert breaker.state(0.0) == "open"


def test_half_of_twenty_calls_in_thirty_seconds_open_it() -> None:
    """Every second call fails: open at the twentieth; the same spread over minutes leaves it closed."""
    for seconds, state in ((0.5, "open"), (4.0, "closed")):
        breaker = Breaker()
        for number in range(20):
            now = number * seconds
            given = breaker.admit(now)
            assert given is not None
            if number % 2:
                breaker.failed(given, failure(), now)
            else:
                breaker.succeeded(given, now)
        assert breaker.state(20 * seconds - seconds) == state


def test_three_probes_and_one_success_closes() -> None:
    """A half-open breaker lets three calls through at once; the first success closes it."""
    breaker = opened()
    passes = [breaker.admit(5.0) for _ in range(4)]
    assert [given is not None for given in passes] == [True, True, True, False]
    assert passes[0] is not None
    breaker.succeeded(passes[0], 5.1)
    assert breaker.state(5.1) == "closed"


def test_a_probe_that_was_given_up_makes_room_for_another() -> None:
    """A cancelled probe tells nothing and holds no place."""
    breaker = opened()
    passes = [breaker.admit(5.0) for _ in range(3)]
    assert passes[0] is not None
    breaker.released(passes[0])
    assert breaker.admit(5.0) is not None


def test_each_failed_probe_doubles_the_pause_up_to_a_minute() -> None:
    """5, 10, 20, 40, 60 and 60 seconds."""
    breaker, now, pauses = opened(), 0.0, []
    for _ in range(6):
        pauses.append(breaker.retry_in(now))
        now += breaker.retry_in(now)
        fail(breaker, 1, failure("unreachable"), now)
    assert pauses == [5.0, 10.0, 20.0, 40.0, 60.0, 60.0]


@pytest.mark.parametrize(("quiet", "pause"), [(59.0, 10.0), (60.0, 5.0)])
def test_a_quiet_minute_makes_the_pause_short_again(quiet: float, pause: float) -> None:
    """Within a minute of closing the next pause is the doubled one, after it five seconds."""
    breaker = opened()
    given = breaker.admit(5.0)
    assert given is not None
    breaker.succeeded(given, 5.0)
    fail(breaker, 5, failure("unreachable"), 5.0 + quiet)
    assert breaker.retry_in(5.0 + quiet) == pause


def test_the_longest_pause_wins_and_none_is_longer_than_ten_minutes() -> None:
    """Retry-After counts where it is longer than our own pause; an hour becomes ten minutes; a later, shorter one changes nothing."""
    breaker = Breaker()
    late = breaker.admit(0.0)
    later = breaker.admit(0.0)
    assert late is not None
    assert later is not None
    fail(breaker, 10, failure(retry_after=30.0))
    assert breaker.retry_in(0.0) == 30.0
    breaker.failed(late, failure(retry_after=3600.0), 1.0)
    assert breaker.retry_in(1.0) == 600.0
    breaker.failed(later, failure(retry_after=2.0), 1.0)
    assert breaker.retry_in(1.0) == 600.0


def test_a_spent_quota_opens_it_at_once_until_the_reset_named() -> None:
    """One such answer is enough; without a named reset it is a minute."""
    for named, pause in ((120.0, 120.0), (None, 60.0)):
        breaker = Breaker()
        fail(breaker, 1, failure("quota_spent", retry_after=named))
        assert breaker.retry_in(0.0) == pause


def test_a_success_from_before_it_opened_does_not_close_it() -> None:
    """What was asked in an earlier life of the breaker says nothing about now."""
    breaker = Breaker()
    early = breaker.admit(0.0)
    assert early is not None
    fail(breaker, 5, failure("unreachable"))
    breaker.succeeded(early, 0.1)
    assert breaker.state(0.1) == "open"


def test_independent_failures_of_three_in_ten_leave_it_closed() -> None:
    """Twenty calls a second for a minute, of which each fails with 30 %, whatever the order they come in."""
    numbers = random.Random(20261122)
    breaker, opened_at = Breaker(), []
    for number in range(1200):
        now = number / 20
        given = breaker.admit(now)
        if given is None:
            opened_at.append(now)
        elif numbers.random() < 0.3:
            breaker.failed(given, failure(), now)
        else:
            breaker.succeeded(given, now)
    assert opened_at == []


def test_an_upstream_that_comes_and_goes_is_used_again_within_one_pause() -> None:
    """20 s up, 20 s down, for ten minutes: after a return it is used again as soon as the pause that was running is over."""
    breaker, waits, back_at = Breaker(), [], None
    for tick in range(12_000):
        now = tick / 20
        is_up = int(now // 20) % 2 == 0
        if tick and is_up and int((now - 0.05) // 20) % 2 != 0:
            back_at, longest = now, breaker.retry_in(now)
        given = breaker.admit(now)
        if given is None:
            continue
        if is_up:
            breaker.succeeded(given, now)
            if back_at is not None:
                waits.append(now - back_at <= longest + 0.05)
                back_at = None
        else:
            breaker.failed(given, failure("unreachable"), now)
    assert len(waits) > 5
    assert all(waits)


def test_a_timeout_says_of_itself_that_it_is_one() -> None:
    """The class of an error gives its kind where nothing else is said."""
    assert ProviderTimeout("It was late.").kind == "timeout"
