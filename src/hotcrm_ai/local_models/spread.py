"""How sure a probability is: the spread of its log-odds among models that other samples of the records would have given."""

from __future__ import annotations

import math
from bisect import bisect_right

import msgspec

from hotcrm_ai.domain.errors import ArtifactIntegrity

Z95 = 1.959964
_MOST_LOG_ODDS = 30.0


class Spread(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The standard deviation of the calibrated log-odds, straight between the points ``log_odds`` and flat beyond.

    >>> low, high = Spread(log_odds=(0.0,), deviations=(0.5,)).interval(0.5)
    >>> round(low, 3), round(high, 3)
    (0.273, 0.727)
    """

    log_odds: tuple[float, ...]
    deviations: tuple[float, ...]

    def interval(self, probability: float) -> tuple[float, float]:
        """Return the 95 % interval of a probability."""
        at = _logit(probability)
        reach = Z95 * self._deviation(at)
        return _logistic(at - reach), _logistic(at + reach)

    def verify(self) -> None:
        """Check order, lengths and signs.

        Raises:
            ArtifactIntegrity: these are no points of a curve of deviations.
        """
        rising = all(low < high for low, high in zip(self.log_odds, self.log_odds[1:], strict=False))
        finite = all(map(math.isfinite, (*self.log_odds, *self.deviations)))
        if not (self.log_odds and len(self.log_odds) == len(self.deviations) and rising and finite) or (
            min(self.deviations) < 0.0
        ):
            raise ArtifactIntegrity("The intervals of a model file are malformed; publish the model again.")

    def _deviation(self, at: float) -> float:
        x, y = self.log_odds, self.deviations
        right = bisect_right(x, at)
        if right == 0:
            return y[0]
        if right == len(x):
            return y[-1]
        share = (at - x[right - 1]) / (x[right] - x[right - 1])
        return y[right - 1] + share * (y[right] - y[right - 1])


def _logit(probability: float) -> float:
    if probability <= 0.0 or probability >= 1.0:
        return math.copysign(_MOST_LOG_ODDS, probability - 0.5)
    return math.log(probability / (1.0 - probability))


def _logistic(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-log_odds)) if log_odds > -700.0 else 0.0
