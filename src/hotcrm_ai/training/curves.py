"""Follows how well probabilities held on held-out rows: the reliability groups and the gains of calling the best first."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

_Z95: Final = 1.959964
GROUPS: Final = 10
GAIN_STEPS: Final = 20


def reliability_groups(
    probabilities: NDArray[np.float64], outcomes: NDArray[np.int8], *, groups: int = GROUPS
) -> tuple[dict[str, float], ...]:
    """Part the rows into groups of similar probability and equal size, each with its observed rate and a 95 % interval.

    The interval is Wilson's (1927). Rows of one probability stay together, so there may be fewer groups.
    """
    edges = np.unique(np.quantile(probabilities, np.linspace(0, 1, groups + 1)[1:-1]))
    codes = np.searchsorted(edges, probabilities, side="left")
    found: list[dict[str, float]] = []
    for group in np.unique(codes):
        chosen = codes == group
        rows, wins = int(chosen.sum()), float(outcomes[chosen].sum())
        lower, upper = wilson_interval(wins, rows)
        found.append(
            {
                "rows": float(rows),
                "predicted": float(probabilities[chosen].mean()),
                "observed": wins / rows,
                "lower": lower,
                "upper": upper,
            }
        )
    return tuple(found)


def gains_curve(probabilities: NDArray[np.float64], outcomes: NDArray[np.int8]) -> tuple[dict[str, float], ...]:
    """Return which share of the positives is among the best-scored 5 %, 10 % … of the rows; rows of one score share alike."""
    values, codes, sizes = np.unique(-probabilities, return_inverse=True, return_counts=True)
    wins = np.bincount(codes, weights=outcomes, minlength=len(values))
    called = np.concatenate([[0.0], np.cumsum(sizes) / len(outcomes)])
    captured = np.concatenate([[0.0], np.cumsum(wins) / wins.sum()])
    shares = np.arange(1, GAIN_STEPS + 1) / GAIN_STEPS
    reached = np.interp(shares, called, captured)
    return tuple(
        {"share": float(share), "captured": float(part), "lift": float(part / share)}
        for share, part in zip(shares, reached, strict=True)
    )


def wilson_interval(wins: float, rows: int) -> tuple[float, float]:
    """Return the 95 % interval of a rate (Wilson, 1927)."""
    rate = wins / rows
    scale = 1 + _Z95**2 / rows
    middle = (rate + _Z95**2 / (2 * rows)) / scale
    half = _Z95 * math.sqrt(rate * (1 - rate) / rows + _Z95**2 / (4 * rows**2)) / scale
    return max(0.0, middle - half), min(1.0, middle + half)
