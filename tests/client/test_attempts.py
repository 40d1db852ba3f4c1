"""When a request is sent again, when it is given up, and what is then told; with a clock that the tests turn."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from hotcrm_ai.client.attempts import Attempts, Lost, Patience
from hotcrm_ai.client.request import Answer, Repeats, Request
from hotcrm_ai.domain.errors import (
    HotCRMAIError,
    InvalidRequest,
    ProviderUnavailable,
    ServerError,
    ServerTimeout,
    ServerUnavailable,
    StorageError,
)


@dataclass
class TurnedClock:
    """A clock that stands still until it is turned."""

    seconds: float = 100.0

    def monotonic(self) -> float:
        """The seconds that it was turned to."""
        return self.seconds

    def now(self) -> datetime:
        """Always the same moment."""
        return datetime(2026, 1, 1, tzinfo=UTC)


CLOCK = TurnedClock()
PATIENCE = Patience(seconds=10.0, retries=2, clock=CLOCK, jitter=lambda: 0.0)
LOST = Lost(ConnectionError("cut"), was_sent=True)
UNREACHED = Lost(ConnectionError("refused"), was_sent=False)
LATE = Lost(TimeoutError("late"), was_sent=True, is_late=True)


def attempts(repeats: Repeats) -> Attempts[bytes]:
    """The attempts of a request."""
    request = Request(method="POST", path="/v1/x", read=bytes, repeats=repeats)
    return Attempts(request, PATIENCE, server="http://here")


def told(status: int, code: str, retry_after: str | None = None, **more: Any) -> Answer:
    """An answer of the server that tells an error."""
    document = {"type": "x", "title": "x", "status": status, "detail": "It is so.", "code": code, "requestId": "r1"}
    headers = {"content-type": "application/problem+json"} | ({"retry-after": retry_after} if retry_after else {})
    return Answer(status, headers, json.dumps(document | more).encode())


@pytest.mark.parametrize("repeats", ["freely", "under_key"])
def test_a_lost_answer_is_asked_for_twice_more(repeats: Repeats) -> None:
    """Pauses double; after two more attempts the client says that the server broke off."""
    made = attempts(repeats)
    assert made.pause_after(LOST) == 0.05
    assert made.pause_after(LOST) == 0.1
    with pytest.raises(ServerUnavailable, match="'http://here' broke off without an answer"):
        made.pause_after(LOST)


def test_a_change_without_a_key_is_sent_again_only_if_it_never_left() -> None:
    """Where the server may have got it, the caller is told to look first; a refused connection is tried again."""
    assert attempts("never").pause_after(UNREACHED) == 0.05
    with pytest.raises(ServerUnavailable, match="it is not known whether the request was done"):
        attempts("never").pause_after(LOST)


def test_one_key_for_all_attempts_and_another_for_another_request() -> None:
    """The key is made once for a request, and only for one that needs it."""
    first, second = attempts("under_key"), attempts("under_key")
    assert len(first.headers["idempotency-key"]) == 32
    assert first.headers != second.headers
    assert attempts("freely").headers == attempts("never").headers == {}


@pytest.mark.parametrize(
    ("answer", "pause"),
    [
        (told(503, "overloaded", "1"), 1.0),
        (told(503, "storage_unavailable", "5"), 5.0),
        (told(429, "too_many_requests", "2"), 2.0),
        (told(409, "idempotency_in_progress", "1"), 1.0),
    ],
)
def test_what_the_server_asks_to_wait_is_waited(answer: Answer, pause: float) -> None:
    """Retry-After is kept to where it fits into the deadline."""
    assert attempts("under_key").pause_after(answer) == pause


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (told(503, "crm_not_configured", "60"), StorageError),
        (told(503, "stopping"), ServerUnavailable),
        (told(503, "provider_unavailable", "1"), ProviderUnavailable),
        (told(422, "invalid_request"), InvalidRequest),
        (told(409, "idempotency_unknown"), ServerError),
        (told(500, "unexpected_error"), HotCRMAIError),
    ],
)
def test_what_cannot_get_better_in_time_is_told_at_once(answer: Answer, error: type[HotCRMAIError]) -> None:
    """A pause beyond the deadline, a provider that the server asked again already, and what the caller has to mend."""
    with pytest.raises(error):
        attempts("under_key").pause_after(answer)


def test_a_change_without_a_key_is_not_repeated_after_a_refusal() -> None:
    """A PATCH that met an overloaded server is the caller's to send again."""
    with pytest.raises(ServerUnavailable, match="It is so"):
        attempts("never").pause_after(told(503, "overloaded", "1"))


def test_all_attempts_share_one_deadline() -> None:
    """What is left shrinks with the clock; a pause that would end after it is not begun, and at its end the client gives up."""
    clock = TurnedClock()
    request = Request(method="GET", path="/v1/x", read=bytes, repeats="freely")
    made = Attempts(request, Patience(seconds=10.0, clock=clock, jitter=lambda: 0.0), server="http://here")
    clock.seconds += 9.97
    assert made.seconds_left() == pytest.approx(0.03)
    with pytest.raises(ServerUnavailable):
        made.pause_after(LOST)
    clock.seconds += 1.0
    with pytest.raises(ServerTimeout, match="did not answer GET /v1/x within 10 seconds"):
        made.seconds_left()


def test_an_answer_that_comes_too_late_is_not_asked_for_again() -> None:
    """The time of the request is over then."""
    with pytest.raises(ServerTimeout) as caught:
        attempts("freely").pause_after(LATE)
    assert isinstance(caught.value.__cause__, TimeoutError)
