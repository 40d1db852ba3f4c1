"""Fits the link that makes out-of-fold margins into honest probabilities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize  # type: ignore[import-untyped]  # ships no types

from hotcrm_ai.local_models.calibration import Calibration

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

BEND_DEVIATION: Final = 0.5
"""How far the logarithm of the slope is expected to be from 0 before any row is seen."""
TWIST_DEVIATION: Final = 0.2
"""How far the two ends' slopes are expected to differ, on the same scale."""
SHIFT_DEVIATION: Final = 0.5
MOST_TWIST: Final = 0.7
FEW_ROWS: Final = 2_000
"""Below this many rows held-out folds cannot tell the candidates apart: one slope, kept small by its penalty, is taken."""


def choose_calibration(
    margins: Floats, target: Floats, folds: Sequence[tuple[Indices, Indices]]
) -> tuple[Calibration, Floats]:
    """Return the link that held-out folds prefer, and each row's probability by a link that did not see the row's fold.

    Candidates are no change, one slope for both ends, and a slope for each end. The margins of a fold share the errors of that
    fold's model, so a free link can make margins worse that were honest already; the plainest link wins ties. Of few rows the one
    slope is taken without a choice.
    """
    best: tuple[float, Calibration, Floats] | None = None
    for fit in _CANDIDATES if len(target) >= FEW_ROWS else (_one_slope,):
        probabilities = np.empty(len(target))
        for train, held in folds:
            probabilities[held] = fit(margins[train], target[train])(margins[held])
        clipped = np.clip(probabilities, 1e-15, 1.0 - 1e-15)
        loss = -float(np.mean(np.log(np.where(target > 0.5, clipped, 1.0 - clipped))))
        if best is None or loss < best[0]:
            best = loss, fit(margins, target), probabilities
    if best is None:
        raise ValueError("There is no candidate for the calibration.")
    return best[1], best[2]


def fit_calibration(margins: Floats, target: Floats, *, both_ends_alike: bool = False) -> Calibration:
    """Return the increasing link of highest penalised likelihood.

    The penalty keeps it near the logistic function, so that few rows change little and many rows all that they must.
    """
    twist = 0.0 if both_ends_alike else MOST_TWIST
    clipped = np.clip(margins, -36.0, 36.0)
    low_end, high_end = -np.logaddexp(0.0, -clipped), np.logaddexp(0.0, clipped)
    sign = np.where(target > 0.5, -1.0, 1.0)

    def loss(parameters: Floats) -> tuple[float, Floats]:
        bend, bent_apart, shift = parameters
        lower, upper = np.exp(bend + bent_apart), np.exp(bend - bent_apart)
        log_odds = lower * low_end + upper * high_end + shift
        residual = 1.0 / (1.0 + np.exp(-log_odds)) - (sign < 0)
        by_lower, by_upper = float(residual @ low_end) * lower, float(residual @ high_end) * upper
        scaled = parameters / np.array([BEND_DEVIATION, TWIST_DEVIATION, SHIFT_DEVIATION])
        gradient = np.array([by_lower + by_upper, by_lower - by_upper, residual.sum()])
        gradient = gradient + scaled / np.array([BEND_DEVIATION, TWIST_DEVIATION, SHIFT_DEVIATION])
        return float(np.logaddexp(0.0, sign * log_odds).sum() + 0.5 * scaled @ scaled), gradient

    found = minimize(loss, np.zeros(3), jac=True, method="L-BFGS-B", bounds=[(-4.0, 1.5), (-twist, twist), (-3.0, 3.0)])
    bend, bent_apart, shift = (float(parameter) for parameter in found.x)
    lower, upper = float(np.exp(bend + bent_apart)), float(np.exp(bend - bent_apart))
    return Calibration(lower=float(f"{lower:.10g}"), upper=float(f"{upper:.10g}"), shift=float(f"{shift:.10g}"))


def _no_change(_margins: Floats, _target: Floats) -> Calibration:
    return Calibration()


def _one_slope(margins: Floats, target: Floats) -> Calibration:
    return fit_calibration(margins, target, both_ends_alike=True)


_CANDIDATES: Final[tuple[Callable[[Floats, Floats], Calibration], ...]] = (_no_change, _one_slope, fit_calibration)
