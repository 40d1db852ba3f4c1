"""Fits the link that makes out-of-fold margins into honest probabilities."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from hotcrm_ai.local_models.calibration import Calibration

Floats = npt.NDArray[np.float64]

BEND_DEVIATION: Final = 0.5
"""How far the logarithm of the slope is expected to be from 0 before any row is seen."""
TWIST_DEVIATION: Final = 0.2
"""How far the two ends' slopes are expected to differ, on the same scale."""
SHIFT_DEVIATION: Final = 0.5


def fit_calibration(margins: Floats, target: Floats) -> Calibration:
    """Return the increasing link of highest penalised likelihood.

    The penalty keeps it near the logistic function, so that few rows change little and many rows all that they must.
    """
    clipped = np.clip(margins, -36.0, 36.0)
    low_end, high_end = -np.logaddexp(0.0, -clipped), np.logaddexp(0.0, clipped)
    sign = np.where(target > 0.5, -1.0, 1.0)

    def loss(parameters: Floats) -> tuple[float, Floats]:
        bend, twist, shift = parameters
        lower, upper = np.exp(bend + twist), np.exp(bend - twist)
        log_odds = lower * low_end + upper * high_end + shift
        residual = 1.0 / (1.0 + np.exp(-log_odds)) - (sign < 0)
        by_lower, by_upper = float(residual @ low_end) * lower, float(residual @ high_end) * upper
        scaled = parameters / np.array([BEND_DEVIATION, TWIST_DEVIATION, SHIFT_DEVIATION])
        gradient = np.array([by_lower + by_upper, by_lower - by_upper, residual.sum()])
        gradient = gradient + scaled / np.array([BEND_DEVIATION, TWIST_DEVIATION, SHIFT_DEVIATION])
        return float(np.logaddexp(0.0, sign * log_odds).sum() + 0.5 * scaled @ scaled), gradient

    found = minimize(loss, np.zeros(3), jac=True, method="L-BFGS-B", bounds=[(-4.0, 1.5), (-0.7, 0.7), (-3.0, 3.0)])
    bend, twist, shift = (float(parameter) for parameter in found.x)
    lower, upper = float(np.exp(bend + twist)), float(np.exp(bend - twist))
    return Calibration(lower=float(f"{lower:.10g}"), upper=float(f"{upper:.10g}"), shift=float(f"{shift:.10g}"))
