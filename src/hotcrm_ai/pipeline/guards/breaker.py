"""A circuit breaker: stops asking what fails, and finds out with few calls when it is back."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from hotcrm_ai.domain.errors import ProviderError
from hotcrm_ai.domain.faults import FAULT_RULES, MAX_RETRY_AFTER_SECONDS, FaultKind
from hotcrm_ai.pipeline.guards.recent_counts import RecentCounts

SILENT_IN_ROW: Final = 5
ERRORS_IN_ROW: Final = 10
WINDOW_SECONDS: Final = 30
WINDOW_CALLS: Final = 20
WINDOW_SHARE: Final = 0.5
FIRST_PERIOD: Final = 5.0
LONGEST_PERIOD: Final = 60.0
QUIET_SECONDS: Final = 60.0
PROBES: Final = 3

BreakerState = Literal["closed", "open", "half-open"]


class Pass(msgspec.Struct, frozen=True, kw_only=True):
    """The right to make one call, given in one life of the breaker; what it brings counts in that life only."""

    life: int
    is_probe: bool


class Breaker:
    """Opens after 5 connection failures or time-outs in a row, 10 errors in a row, or when half of at least 20 calls in 30 s fail.

    It stays open for 5 s, then twice as long each time up to 60 s, and begins with 5 s again after a minute without trouble. Where a
    provider asks for a longer pause, that counts. Then at most three calls probe whether it is back: one success closes it, one
    failure opens it again. All times are monotonic seconds.
    """

    def __init__(self) -> None:
        self._life = 0
        self._open_until: float | None = None
        self._period = 0.0
        self._closed_at: float | None = None
        self._probes = 0
        self._silent_in_row = 0
        self._errors_in_row = 0.0
        self._recent = RecentCounts(WINDOW_SECONDS)
        self.last_fault: FaultKind | None = None

    def state(self, now: float) -> BreakerState:
        """Return whether calls go through."""
        if self._open_until is None:
            return "closed"
        return "open" if now < self._open_until else "half-open"

    def retry_in(self, now: float) -> float:
        """Return the seconds until the next call may be made."""
        return max(0.0, self._open_until - now) if self._open_until is not None else 0.0

    def counts(self, now: float) -> tuple[int, float]:
        """Return calls and failures of the last 30 seconds."""
        return self._recent.totals(now)

    def refuses(self, now: float) -> bool:
        """Say whether a call would get no pass now."""
        state = self.state(now)
        return state == "open" or (state == "half-open" and self._probes >= PROBES)

    def admit(self, now: float) -> Pass | None:
        """Return a pass for one call, or None where it must not be made; every pass ends in one of the three methods below."""
        if self.refuses(now):
            return None
        is_probe = self._open_until is not None
        self._probes += is_probe
        return Pass(life=self._life, is_probe=is_probe)

    def succeeded(self, given: Pass, now: float) -> None:
        """Count a call that brought an answer, or was rightly refused: the provider works."""
        if given.life != self._life:
            return
        if given.is_probe:
            self._close(now)
        self._silent_in_row = 0
        self._errors_in_row = 0.0
        self._recent.add(now, calls=1)

    def failed(self, given: Pass, error: ProviderError, now: float) -> None:
        """Count a call that failed."""
        rule = FAULT_RULES[error.kind]
        self.last_fault = error.kind
        asked = min(error.retry_after_seconds or 0.0, MAX_RETRY_AFTER_SECONDS)
        if given.life != self._life:
            if self._open_until is not None:
                self._open_until = max(self._open_until, now + asked)
            return
        self._recent.add(now, calls=1, among=rule.weight)
        self._errors_in_row += rule.weight
        self._silent_in_row = self._silent_in_row + 1 if rule.counts_as_silence else 0
        if given.is_probe or rule.opens_at_once or self._is_too_much(now):
            least = LONGEST_PERIOD if rule.opens_at_once and not asked else asked
            self._open(now, least)

    def released(self, given: Pass) -> None:
        """Give back the pass of a call that told nothing: it was given up, or never left."""
        if given.life == self._life and given.is_probe:
            self._probes -= 1

    def _is_too_much(self, now: float) -> bool:
        calls, failures = self._recent.totals(now)
        return (
            self._silent_in_row >= SILENT_IN_ROW
            or self._errors_in_row >= ERRORS_IN_ROW
            or (calls >= WINDOW_CALLS and failures >= WINDOW_SHARE * calls)
        )

    def _open(self, now: float, least_seconds: float) -> None:
        is_quiet = self._closed_at is not None and now - self._closed_at >= QUIET_SECONDS
        self._period = FIRST_PERIOD if is_quiet or not self._period else min(2 * self._period, LONGEST_PERIOD)
        self._open_until = now + max(self._period, least_seconds)
        self._begin_life()

    def _close(self, now: float) -> None:
        self._open_until = None
        self._closed_at = now
        self._begin_life()

    def _begin_life(self) -> None:
        self._life += 1
        self._probes = 0
        self._silent_in_row = 0
        self._errors_in_row = 0.0
        self._recent.clear()
