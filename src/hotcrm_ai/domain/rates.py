"""How many requests a caller may send: a steady rate, and how many at once after a pause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BURST_SECONDS: Final = 2.0
"""How many seconds' worth may come at once, where nothing else is said."""

MOST_DEBT_SECONDS: Final = 600.0
"""A batch may use up what comes in the next ten minutes, never more."""

_LEAST: Final = 0.001
_MOST: Final = 1_000_000.0
RATES: Final = f"{_LEAST:g} to {_MOST:,.0f}"
"""What a rate may be, in words."""


def is_rate(per_second: float) -> bool:
    """Whether so many requests a second can be counted; 0 is no limit.

    >>> is_rate(0), is_rate(10), is_rate(1e-9), is_rate(-1), is_rate(float("nan"))
    (True, True, False, False, False)
    """
    return per_second == 0 or _LEAST <= per_second <= _MOST


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests a second, and ``burst`` at once; a caller who paused long enough may send that many again."""

    per_second: float
    burst: float

    @classmethod
    def of(cls, per_second: float, *, burst: float = 0.0) -> Rate | None:
        """Return the rate, with two seconds' worth at once unless told otherwise; None where ``per_second`` is 0: no limit.

        >>> Rate.of(10.0), Rate.of(0.1).burst, Rate.of(0.0)
        (Rate(per_second=10.0, burst=20.0), 1.0, None)
        """
        return cls(per_second, max(1.0, burst or per_second * BURST_SECONDS)) if per_second else None

    def shared_by(self, number: int) -> Rate:
        """Return the share of one of several processes; each lets at least one request through.

        >>> Rate(10.0, 20.0).shared_by(4)
        Rate(per_second=2.5, burst=5.0)
        """
        return Rate(self.per_second / number, max(1.0, self.burst / number))

    @property
    def most_used(self) -> float:
        """How far a caller can be in the red, in requests."""
        return self.burst + self.per_second * MOST_DEBT_SECONDS
