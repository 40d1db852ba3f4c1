"""Decides what follows an attempt: the answer is there, the request failed, or it is sent again after a pause."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, NoReturn, TypeVar

from hotcrm_ai.client.request import Answer, Request
from hotcrm_ai.client.told_errors import error_of, retry_after_of, server_code
from hotcrm_ai.domain.errors import ServerTimeout, ServerUnavailable
from hotcrm_ai.ports.clock import Clock, SystemClock

ResultT = TypeVar("ResultT")

FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 2.0
_LATER_STATUSES: Final = frozenset({429, 503})
_ALREADY_REPEATED: Final = "provider_"
"""The server has asked a provider again itself before it told of an error; asking once more would only add to its load."""


@dataclass(frozen=True, slots=True)
class Lost:
    """An attempt without an answer; ``was_sent`` says whether the server may have got the request, ``is_late`` that time ran out."""

    problem: Exception
    was_sent: bool
    is_late: bool = False


def jitter() -> float:
    """Return a random number from 0 up to 1, which keeps clients that failed together from coming back together."""
    return secrets.randbelow(1_000_000) / 1_000_000


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a client waits for an answer in all, how often it sends a request again, and the clock that it goes by."""

    seconds: float = 30.0
    retries: int = 2
    clock: Clock = field(default_factory=SystemClock)
    jitter: Callable[[], float] = jitter


class Attempts(Generic[ResultT]):
    """The attempts of one request, all within one deadline and under one Idempotency-Key."""

    def __init__(self, request: Request[ResultT], patience: Patience, *, server: str) -> None:
        self.request = request
        self._patience = patience
        self._server = server
        self._ends = patience.clock.monotonic() + patience.seconds
        self._made = 0
        key = {"idempotency-key": secrets.token_hex(16)} if request.repeats == "under_key" else {}
        self.headers: Mapping[str, str] = {**request.headers, **key}

    def seconds_left(self) -> float:
        """Return the time that is left; raises ``ServerTimeout`` when there is none."""
        left = self._ends - self._patience.clock.monotonic()
        if left <= 0:
            self._give_up(None)
        return left

    def pause_after(self, outcome: Answer | Lost) -> float | None:
        """Return the seconds until the request is to be sent again, None where the outcome is its answer.

        Raises:
            HotCRMAIError: what the server told, where sending again is not safe, is of no use, or would come too late.
            ServerUnavailable: the server could not be reached.
            ServerTimeout: it did not answer in time.
        """
        self._made += 1
        if isinstance(outcome, Answer):
            if outcome.status < 400:
                return None
            return self._pause_after_refusal(outcome)
        if outcome.is_late:
            self._give_up(outcome.problem)
        if outcome.was_sent and self.request.repeats == "never":
            self._tell_lost(outcome)
        pause = self._pause(None)
        if pause is None:
            self._tell_lost(outcome)
        return pause

    def result(self, answer: Answer) -> ResultT:
        """Read the answer."""
        return self.request.read(answer.body)

    def _pause_after_refusal(self, answer: Answer) -> float:
        error = error_of(answer)
        code = server_code(error) or ""
        at_work = code == "idempotency_in_progress"
        later = answer.status in _LATER_STATUSES and not code.startswith(_ALREADY_REPEATED)
        asked = retry_after_of(answer)
        if (at_work or (later and asked is not None)) and self.request.repeats != "never":
            pause = self._pause(asked)
            if pause is not None:
                return pause
        raise error

    def _pause(self, asked: float | None) -> float | None:
        """Return how long to wait, None where no further attempt is left or would come in time."""
        if self._made > self._patience.retries:
            return None
        doubled = FIRST_PAUSE_SECONDS * 2.0 ** (self._made - 1)
        pause = min(doubled, LONGEST_PAUSE_SECONDS) * (0.5 + self._patience.jitter() / 2)
        pause = max(pause, asked or 0.0)
        return pause if pause < self._ends - self._patience.clock.monotonic() else None

    def _tell_lost(self, lost: Lost) -> NoReturn:
        what = "broke off without an answer" if lost.was_sent else "cannot be reached"
        hint = (
            "it is not known whether the request was done, so look before you send it again"
            if lost.was_sent and self.request.repeats == "never"
            else "check the address, and that hotcrm-ai serve runs there"
        )
        raise ServerUnavailable(
            f"The server at {self._server!r} {what} ({type(lost.problem).__name__}); {hint}."
        ) from lost.problem

    def _give_up(self, problem: Exception | None) -> NoReturn:
        raise ServerTimeout(
            f"The server at {self._server!r} did not answer {self.request.method} {self.request.path} within "
            f"{self._patience.seconds:g} seconds; give the client a longer timeout, or ask for less at a time."
        ) from problem
