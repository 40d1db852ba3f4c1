"""The sample CRM's own calendar: a fixed today, so that no clock takes part in making it."""

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

TODAY = date(2026, 6, 30)
"""The day on which the sample CRM was, so to speak, exported."""

FIRST_DAY = date(2024, 1, 1)
"""The day on which the first lead came in."""

DAYS_PER_MONTH = 30.4375
"""The mean length of a month, in days."""


def days_after(start: date, days: NDArray[np.int64]) -> list[date]:
    """Return one date for each number of days after `start`."""
    return [start + timedelta(days=int(count)) for count in days]


def add_months(first: date, months: int) -> date:
    """Return the first day of the month that lies `months` after the month of `first`."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)
