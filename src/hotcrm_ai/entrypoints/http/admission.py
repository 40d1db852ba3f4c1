"""Decides whether one more request may begin; the rest is refused at once, before its body is read, so that what began stays quick."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final

from hotcrm_ai.ports.clock import SystemClock

MOST_UNDER_WAY: Final = 256
TURN_SECONDS: Final = 0.02
"""How long the work that is admitted together may take the event loop."""
STARTS_AT_ONCE: Final = 24
"""How many of those begin before the event loop looks for arrivals again: so long a refusal may have to wait."""

FEWEST_STARTS: Final = 24
"""How many may begin in any turn. Where other programs hold the loop up, turns are long and full of refusals; with fewer starts in each
the answers dwindle, while the refusals are no quicker for it."""

CALM_SECONDS: Final = 1.0

CallSoon = Callable[[Callable[[], None]], Any]


class Admission:
    """The admission of one process.

    Two bounds hold: on the requests under way, and on how many may begin in one turn of the event loop. The second adapts: where those
    that began in a turn kept the loop at work longer than ``turn_seconds``, fewer may begin in the next, in proportion; where all that
    may begin were done in time, a quarter more. Only the loop's own work counts, not what other threads and programs took from it: a few
    clients on a busy machine are answered slowly, and not refused. A burst on an idle server is therefore taken in whole, while under a
    standing overload the loop stays free to refuse within milliseconds. After a second without refusals everything is as at first.

    What was admitted in a turn begins ``STARTS_AT_ONCE`` at a time, in order; in between the loop looks for arrivals and refuses what
    may not begin, so that even the turn of a burst keeps nobody waiting for a refusal.
    ``refused`` counts since start.
    """

    def __init__(
        self,
        *,
        most: int = MOST_UNDER_WAY,
        turn_seconds: float = TURN_SECONDS,
        seconds: Callable[[], float] | None = None,
        worked: Callable[[], float] | None = None,
    ) -> None:
        self.most = most
        self.starts = most
        self.refused = 0
        self.reading_seconds = 0.0
        """How long the reading of requests (and refusing them) took in this turn; whoever reads adds to it."""
        self._turn_seconds = turn_seconds
        self._seconds = seconds or SystemClock().monotonic
        self.worked = worked or SystemClock().worked
        self._in_turn = False
        self._began = 0.0
        self._worked_before = 0.0
        self._started = 0
        self._begun = 0
        self._held: deque[Callable[[], None]] = deque()
        self._call_soon: CallSoon = lambda callback: callback()
        self._refused_at = float("-inf")

    def admit(self, under_way: int, call_soon: CallSoon) -> bool:
        """Return whether a request may begin while ``under_way`` others run; ``call_soon`` is the event loop's."""
        if not self._in_turn:
            self._in_turn, self._began, self._started, self._begun = True, self._seconds(), 0, 0
            self._worked_before = self.worked()
            self.reading_seconds = 0.0
            self._call_soon = call_soon
            call_soon(lambda: call_soon(self._go_on))
        if self.is_full(under_way):
            self.count_refusal()
            return False
        self._started += 1
        return True

    def begin(self, start: Callable[[], None]) -> None:
        """Begin what was admitted: now, or behind the others of its turn."""
        if self._in_turn and self._begun >= STARTS_AT_ONCE:
            self._held.append(start)
        else:
            self._begun += 1
            start()

    def is_full(self, under_way: int) -> bool:
        """Whether a request would be refused now."""
        return under_way + len(self._held) >= self.most or (self._in_turn and self._started >= self.starts)

    def count_refusal(self) -> None:
        """Note a request that was refused."""
        self.refused += 1
        self._refused_at = self._began

    def _go_on(self) -> None:
        """Begin the next ones of the turn, or end it: called behind everything that began in it so far."""
        if not self._held:
            self._end_turn()
            return
        for _ in range(min(STARTS_AT_ONCE, len(self._held))):
            self._held.popleft()()
        self._call_soon(self._go_on)

    def _end_turn(self) -> None:
        """Learn from the turn."""
        self._in_turn = False
        took = self.worked() - self._worked_before - self.reading_seconds
        if took > self._turn_seconds:
            fitting = int(self._started * self._turn_seconds / took)
            self.starts = min(self.starts, max(FEWEST_STARTS, fitting))
        elif self._started >= self.starts:
            self.starts += self.starts // 4 + 1
        elif self._began - self._refused_at > CALM_SECONDS:
            self.starts = self.most
        self.starts = min(self.starts, self.most)
