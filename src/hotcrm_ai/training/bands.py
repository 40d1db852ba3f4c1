"""Sets from which probability on a record counts as hot or warm, so that the words fit any base rate."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hotcrm_ai.training.curves import wilson_interval

TOP_SHARE: Final = 0.2
HOT_ODDS: Final = 2.0


def choose_bands(
    probabilities: NDArray[np.float64], outcomes: NDArray[np.int8], *, names: Sequence[str] = ("hot", "warm")
) -> dict[str, float]:
    """Return the lower probability limit of the upper and of the middle class, from out-of-fold rows.

    The middle class begins at the base rate: such a record is likelier to convert than an average one. The upper class is the best
    fifth of all records, and at least twice the odds of an average one, so that without signal nothing is called hot.
    """
    base = float(outcomes.mean())
    odds = HOT_ODDS * base / (1.0 - base)
    hot = max(float(np.quantile(probabilities, 1.0 - TOP_SHARE)), odds / (1.0 + odds))
    return {names[0]: _rounded(hot, probabilities), names[1]: _rounded(base, probabilities)}


def _rounded(limit: float, probabilities: NDArray[np.float64]) -> float:
    """Return a limit of four digits; it is rounded down where records that share one score at the limit would fall out otherwise."""
    rounded = round(limit, 4)
    left_out = int(((probabilities >= limit) & (probabilities < rounded)).sum())
    return rounded if left_out <= 1 else math.floor(limit * 10_000) / 10_000


def band_quality(
    probabilities: NDArray[np.float64], outcomes: NDArray[np.int8], bands: Mapping[str, float]
) -> tuple[dict[str, Any], ...]:
    """Return for each limit what calling all held-out records from it on is worth.

    ``precision`` is the share of them that turned out positive, with its 95 % interval; ``recall`` the share of all positives that is
    among them. A limit that no record reaches has no precision.
    """
    found: list[dict[str, Any]] = []
    for name, limit in bands.items():
        called = probabilities >= limit
        rows, wins = int(called.sum()), float(outcomes[called].sum())
        quality: dict[str, Any] = {"band": name, "from": limit, "rows": rows, "recall": wins / float(outcomes.sum())}
        if rows:
            lower, upper = wilson_interval(wins, rows)
            quality |= {"precision": wins / rows, "lower": lower, "upper": upper}
        found.append(quality)
    return tuple(found)
