"""Says which arm of an A/B test does better, with an interval and in plain words, and how much is missing until that is clear.

Shares of right answers are compared by Newcombe's hybrid score interval (Statistics in Medicine 17, 1998, method 10), which holds for
small counts and shares near 0 or 1. How many outcomes are missing is the usual sample size for two shares: 95 % confidence, 80 % power.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from hotcrm_ai.domain.experiment import ArmCount, Verdict, VerdictKind

LEAST_OUTCOMES: Final = 30
"""How many subjects with a known outcome each arm needs before anything is said."""

_Z_CONFIDENCE: Final = 1.959964
_Z_POWER: Final = 0.841621
_MOST_NEEDED: Final = 1_000_000


def verdict_of(counts: Sequence[ArmCount]) -> Verdict:
    """Return the verdict on the arms; every subject counts once, with the share of its answers that were right."""
    challengers, challenger_right = _judged(counts, "challenger")
    champions, champion_right = _judged(counts, "champion")
    missing = max(0, LEAST_OUTCOMES - challengers) + max(0, LEAST_OUTCOMES - champions)
    if not challengers or not champions:
        return Verdict(
            kind="too_few_outcomes",
            difference=None,
            low=None,
            high=None,
            outcomes_needed=missing,
            explanation=_few(challengers, champions),
        )
    first, second = challenger_right / challengers, champion_right / champions
    low, high = difference_interval(first, challengers, second, champions)
    kind: VerdictKind = "challenger_better" if low > 0 else "champion_better" if high < 0 else "not_clear"
    needed: int | None = None
    if missing:
        kind, needed, words = "too_few_outcomes", missing, _few(challengers, champions)
    elif kind == "not_clear":
        needed = outcomes_needed(first, challengers, second, champions)
        words = _unclear(first - second, low, high, needed)
    else:
        words = _clear(kind, first, second, low, high)
    return Verdict(
        kind=kind,
        difference=100.0 * (first - second),
        low=100.0 * low,
        high=100.0 * high,
        outcomes_needed=needed,
        explanation=words,
    )


def difference_interval(first: float, n_first: int, second: float, n_second: int) -> tuple[float, float]:
    """Return the 95 % interval of the difference of two shares (0-1) that were seen on so many subjects each.

    >>> low, high = difference_interval(56 / 70, 70, 48 / 80, 80)
    >>> round(low, 4), round(high, 4)
    (0.0524, 0.3339)
    """
    first_low, first_high = _wilson(first, n_first)
    second_low, second_high = _wilson(second, n_second)
    difference = first - second
    below = math.hypot(first - first_low, second_high - second)
    above = math.hypot(first_high - first, second - second_low)
    return difference - below, difference + above


def outcomes_needed(first: float, n_first: int, second: float, n_second: int) -> int | None:
    """Return about how many more outcomes make a difference like the present one clear; None where there is none, or millions."""
    difference = first - second
    if difference == 0.0:
        return None
    share = n_first / (n_first + n_second)
    spread = first * (1.0 - first) / share + second * (1.0 - second) / (1.0 - share)
    wanted = (_Z_CONFIDENCE + _Z_POWER) ** 2 * spread / difference**2
    more = math.ceil(wanted - n_first - n_second)
    return max(1, more) if more <= _MOST_NEEDED else None


def _wilson(share: float, n: int) -> tuple[float, float]:
    z2 = _Z_CONFIDENCE**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = _Z_CONFIDENCE / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return middle - reach, middle + reach


def _judged(counts: Sequence[ArmCount], variant: str) -> tuple[int, float]:
    return next(
        ((count.judged_subjects, count.right_subjects) for count in counts if count.variant == variant), (0, 0.0)
    )


def _few(challengers: int, champions: int) -> str:
    return (
        f"Not enough outcomes to say anything: {challengers} subjects of the challenger and {champions} of the champion have a known "
        f"outcome; each arm needs at least {LEAST_OUTCOMES}."
    )


def _unclear(difference: float, low: float, high: float, needed: int | None) -> str:
    seen = f"{100 * difference:+.1f} points for the challenger, 95 % interval {100 * low:+.1f} to {100 * high:+.1f}"
    if needed is None:
        return f"Not yet clear, and no difference is in sight: {seen}."
    return (
        f"Not yet clear: {seen}. About {_rounded(needed):,} more outcomes are needed if the difference stays like this."
    )


def _clear(kind: VerdictKind, first: float, second: float, low: float, high: float) -> str:
    winner, loser = ("challenger", "champion") if kind == "challenger_better" else ("champion", "challenger")
    return (
        f"The {winner} is right more often than the {loser}: challenger {100 * first:.1f} %, champion {100 * second:.1f} %, "
        f"difference {100 * (first - second):+.1f} points, 95 % interval {100 * low:+.1f} to {100 * high:+.1f}."
    )


def _rounded(count: int) -> int:
    """Round up to two figures, for more would claim a precision that an estimate does not have."""
    step = 10 ** max(0, len(str(count)) - 2)
    return int(-(-count // step) * step)
