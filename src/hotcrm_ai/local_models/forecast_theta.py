"""The dynamic theta method: simple smoothing that leans towards a share of the linear trend seen so far."""

from __future__ import annotations

from typing import Final

import numpy as np

from hotcrm_ai.local_models.forecast_families import LEVEL_WEIGHTS
from hotcrm_ai.local_models.forecast_state_space import Floats

_LEANS: Final = (0.0, 0.25, 0.5, 0.67, 0.8)
"""Shares 1 - 1/theta of the trend line; 0.5 is the classic method with theta = 2."""

_WEIGHTS: Final = np.array(LEVEL_WEIGHTS)


class _Line:
    """The regression of all values so far on their number, kept up to date value by value."""

    def __init__(self) -> None:
        self._count, self._mean, self._moment = 0, 0.0, 0.0
        self.start, self.slope = 0.0, 0.0

    def add(self, value: float) -> None:
        count = self._count + 1
        self._mean += (value - self._mean) / count
        self._moment += (count * value - self._moment) / count
        self._count = count
        if count > 1:
            self.slope = 6.0 / (count * count - 1.0) * (2.0 * self._moment - (1.0 + count) * self._mean)
            self.start = self._mean - (count + 1.0) / 2.0 * self.slope


def theta_course(values: Floats, horizon: int) -> Floats:
    """Return the forecasts for 1 to ``horizon`` steps; weight and lean are those with the least squared one-step errors.

    After Fiorucci and others, "Models for optimising the theta method" (2016), the model called DOTM.
    """
    first = 0.5 * (values[0] + values[:6].mean())
    leans = np.array(_LEANS)[:, None]
    weights, kept = _WEIGHTS[None, :], 1.0 - _WEIGHTS[None, :]
    level = np.full((len(_LEANS), len(_WEIGHTS)), first)
    squares = np.zeros_like(level)
    line, faded = _Line(), np.ones_like(kept)
    for at, value in enumerate(values.tolist()):
        shown = level + leans * (faded * line.start + (1.0 - faded * kept) / weights * line.slope)
        if at > 1:
            squares += (value - shown) ** 2
        level = weights * value + kept * level
        faded = faded * kept
        line.add(value)
    lean, weight = np.unravel_index(int(np.argmin(squares)), squares.shape)
    return _ahead(
        float(level[lean, weight]), line, len(values), horizon, lean=_LEANS[lean], weight=float(_WEIGHTS[weight])
    )


def _ahead(level: float, line: _Line, count: int, horizon: int, *, lean: float, weight: float) -> Floats:
    course = np.empty(horizon)
    faded = (1.0 - weight) ** count
    for step in range(horizon):
        shown = level + lean * (faded * line.start + (1.0 - faded * (1.0 - weight)) / weight * line.slope)
        course[step] = shown
        level = weight * shown + (1.0 - weight) * level
        faded *= 1.0 - weight
        line.add(shown)
    return course
