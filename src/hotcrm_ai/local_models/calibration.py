"""Turns a margin (log-odds) of a model into a probability that holds what it promises."""

from __future__ import annotations

import math
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from hotcrm_ai.domain.errors import ArtifactIntegrity

Floats = npt.NDArray[np.float64]

MARGIN_LIMIT: Final = 36.0
"""Margins beyond this size differ from certainty by less than double precision can show."""


class Calibration(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A strictly increasing, smooth link from margins to probabilities.

    With ``p0`` the logistic function of the margin, the calibrated log-odds are ``lower * ln p0 - upper * ln(1 - p0) + shift``
    (beta calibration: Kull, Silva Filho, Flach, AISTATS 2017). ``lower`` bends the low end, ``upper`` the high end; equal values are
    Platt's scaling, and 1, 1, 0 changes nothing.

        >>> round(Calibration(lower=1.0, upper=1.0, shift=0.0).one(0.0), 3)
        0.5
    """

    lower: float = 1.0
    upper: float = 1.0
    shift: float = 0.0

    def __call__(self, margins: Floats) -> Floats:
        """Return the probability of each margin."""
        log_odds = np.clip(self._log_odds(margins), -700.0, None)
        return np.asarray(1.0 / (1.0 + np.exp(-log_odds)), dtype=np.float64)

    def slope(self, margins: Floats) -> Floats:
        """Return the derivative of the probability by the margin, in probability per unit of margin."""
        margins = np.asarray(margins, dtype=np.float64)
        raw = 1.0 / (1.0 + np.exp(-np.clip(margins, -MARGIN_LIMIT, MARGIN_LIMIT)))
        probability = self(margins)
        bend = self.lower * (1.0 - raw) + self.upper * raw
        return np.asarray(probability * (1.0 - probability) * bend, dtype=np.float64)

    def one(self, margin: float) -> float:
        """Return the probability of a single margin."""
        margin = min(max(margin, -MARGIN_LIMIT), MARGIN_LIMIT)
        odds = -self.lower * _softplus(-margin) + self.upper * _softplus(margin) + self.shift
        return 1.0 / (1.0 + math.exp(-odds)) if odds > -700.0 else 1.0 / (1.0 + math.exp(700.0))

    def verify(self) -> None:
        """Check that the link is increasing.

        Raises:
            ArtifactIntegrity: a parameter is not finite, or the link would not increase.
        """
        if not all(np.isfinite([self.lower, self.upper, self.shift])) or min(self.lower, self.upper) <= 0.0:
            raise ArtifactIntegrity(
                f"The calibration {self!r} of a model file does not increase with the margin; publish the model again."
            )

    def _log_odds(self, margins: Floats) -> Floats:
        margins = np.clip(np.asarray(margins, dtype=np.float64), -MARGIN_LIMIT, MARGIN_LIMIT)
        return -self.lower * np.logaddexp(0.0, -margins) + self.upper * np.logaddexp(0.0, margins) + self.shift


def _softplus(value: float) -> float:
    return max(value, 0.0) + math.log1p(math.exp(-abs(value)))
