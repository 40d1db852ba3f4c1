"""Names the periods of a forecast: the months that follow the last one of the history, or their number where nobody knows it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from hotcrm_ai.domain.errors import InvalidFeatures

LAST_PERIOD: Final = "last_period"
"""The feature that tells the month of the last value of the history."""

_MONTH: Final = re.compile(r"([0-9]{4})-([0-9]{2})(?:-[0-9]{2})?(?:[T ].*)?")
_MONTHS_OF_A_YEAR: Final = 12
_MONTHS_BETWEEN: Final[Mapping[int, int]] = {12: 1, 4: 3, 1: 12}
_TOLD_BETWEEN: Final[Mapping[str, int | None]] = {"monthly": 1, "quarterly": 3, "weekly": None}

Period = str | int


def coming_periods(last: Any, count: int, *, own_length: int, seasonality: Any) -> tuple[Period, ...]:
    """Return the names of the next periods: ``2026-07`` and so on where the last one was a month, else 1 and so on.

    ``own_length`` is the number of values that make a year of the model, ``seasonality`` what the request says of its own history.

    >>> coming_periods("2026-11", 3, own_length=12, seasonality=None), coming_periods("2026-06", 2, own_length=12, seasonality="quarterly")
    (('2026-12', '2027-01', '2027-02'), ('2026-09', '2026-12'))

    Raises:
        InvalidFeatures: ``last`` is no month.
    """
    step = _TOLD_BETWEEN.get(str(seasonality).strip().lower(), _MONTHS_BETWEEN.get(own_length, 1))
    if last is None or step is None:
        return tuple(range(1, count + 1))
    months = [read_month(last) + step * place for place in range(1, count + 1)]
    return tuple(month_text(month) for month in months)


def read_month(text: Any) -> int:
    """Return a month, counted from the year 0, of text such as ``2026-06`` or ``2026-06-30``.

    Raises:
        InvalidFeatures: it is no month.
    """
    found = _MONTH.fullmatch(str(text).strip())
    if found is None or not 1 <= int(found[2]) <= _MONTHS_OF_A_YEAR:
        raise InvalidFeatures({LAST_PERIOD: f"expected a month such as 2026-06, got {str(text)[:40]!r}"})
    return int(found[1]) * _MONTHS_OF_A_YEAR + int(found[2]) - 1


def month_text(month: int) -> str:
    """Return a month, counted from the year 0, as ``2026-06``."""
    return f"{month // _MONTHS_OF_A_YEAR:04d}-{month % _MONTHS_OF_A_YEAR + 1:02d}"
