"""Tells whether the subjects seen in each arm fit the configured split, or something assigns or loses them wrongly."""

from __future__ import annotations

import math
from typing import Final

ALARM_BELOW: Final = 0.001


def mismatch_p_value(*, challengers: int, champions: int, traffic_percentage: float) -> float | None:
    """Return how probable a split at least this uneven is by chance, or None before any subject was seen.

    Pearson's chi-squared test with one degree of freedom, whose survival function is ``erfc(sqrt(x / 2))``. Where an arm is meant to
    be empty, one subject in it cannot be chance.
    """
    total = challengers + champions
    if total == 0:
        return None
    expected = total * traffic_percentage / 100.0
    if expected in (0.0, float(total)):
        return 1.0 if challengers == expected else 0.0
    difference = challengers - expected
    chi_squared = difference**2 / expected + difference**2 / (total - expected)
    return math.erfc(math.sqrt(chi_squared / 2.0))
