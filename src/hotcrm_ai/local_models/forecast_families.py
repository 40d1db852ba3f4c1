"""The candidates of exponential smoothing that a forecast chooses from."""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import Final

import numpy as np

from hotcrm_ai.local_models.forecast_state_space import Family

LEVEL_WEIGHTS: Final = (0.02, 0.05, 0.1, 0.17, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 0.999)
"""How much of each new value the level takes over; dense enough that a finer grid changes forecasts little."""

_TREND_WEIGHTS: Final = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4)
_DAMPINGS: Final = (0.8, 0.9, 0.95, 0.98)
_SEASONAL_LEVEL_WEIGHTS: Final = (0.03, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9)
_SEASONAL_TRENDS: Final = ((0.0, 0.95), (0.02, 0.97), (0.08, 0.95), (0.03, 0.9))
_SEASON_WEIGHTS: Final = (0.0, 0.05, 0.12, 0.25, 0.4)


@lru_cache(maxsize=1)
def drifting_levels() -> Family:
    """Return levels with a constant drift; states: level, drift."""
    count = len(LEVEL_WEIGHTS)
    gain = np.zeros((count, 2))
    gain[:, 0] = LEVEL_WEIGHTS
    return Family(np.tile([[1.0, 1.0], [0.0, 1.0]], (count, 1, 1)), gain, np.ones((count, 2)))


@lru_cache(maxsize=1)
def damped_trends() -> Family:
    """Return levels with a trend that fades; states: level, trend (Gardner and McKenzie, 1985)."""
    grid = np.array([row for row in product(LEVEL_WEIGHTS, _TREND_WEIGHTS, _DAMPINGS) if row[1] <= row[0]])
    transition = np.zeros((len(grid), 2, 2))
    transition[:, 0, 0] = 1.0
    transition[:, :, 1] = grid[:, 2:3]
    output = np.ones((len(grid), 2))
    output[:, 1] = grid[:, 2]
    return Family(transition, grid[:, :2].copy(), output)


@lru_cache(maxsize=4)
def seasonal_levels(period: int) -> Family:
    """Return levels with a fading trend and a season that may change; states: level, trend, the next ``period`` seasons."""
    grid = np.array(
        [
            (level, trend if trend < level else level, damping, season)
            for level, (trend, damping), season in product(_SEASONAL_LEVEL_WEIGHTS, _SEASONAL_TRENDS, _SEASON_WEIGHTS)
            if season <= 1.0 - level
        ]
    )
    count, size = len(grid), period + 2
    transition = np.zeros((count, size, size))
    transition[:, 0, 0] = 1.0
    transition[:, :2, 1] = grid[:, 2:3]
    transition[:, 2:, 2:] = np.roll(np.eye(period), 1, axis=1)
    output = np.zeros((count, size))
    output[:, 0], output[:, 1], output[:, 2] = 1.0, grid[:, 2], 1.0
    gain = np.zeros((count, size))
    gain[:, :2], gain[:, -1] = grid[:, :2], grid[:, 3]
    return Family(transition, gain, output)
