"""Finds the season of a series: how surely there is one, and how far each part of the year lies from the mean."""

from __future__ import annotations

from typing import Final

import numpy as np

from hotcrm_ai.local_models.forecast_state_space import Floats

_SURE: Final = 1.0
"""From this many standard errors of the autocorrelation at the lag of a year on, a season is estimated (and shrunk)."""

_WITHOUT_EXTREMES: Final = 5


def season_of(values: Floats, period: int) -> Floats:
    """Return the deviation from the mean for each place in the period (the first value has place 0), shrunk; zeros without a season.

    Moving averages give the course of the level; what is left is averaged by place, without the extremes where there are five or more. The
    averages are shrunk by the share of them that chance explains (Miller and Williams, 2003), so that a doubtful season does little.
    """
    count = len(values)
    if period < 2 or count < 2 * period or _evidence(values, period) < _SURE:
        return np.zeros(max(period, 1))
    half = period // 2
    width = period + 1 if period % 2 == 0 else period
    window = np.ones(width)
    if period % 2 == 0:
        window[0] = window[-1] = 0.5
    left_over = values[half : count - half] - np.convolve(values, window / period, "valid")
    places = np.arange(half, count - half) % period
    season = np.zeros(period)
    known = np.zeros(period)
    for place in range(period):
        found = left_over[places == place]
        known[place] = len(found)
        season[place] = _middle(found)
    season -= season.mean()
    rest = left_over - season[places]
    freedom = max(len(rest) - period, 1)
    noise = float((rest @ rest) / freedom * (1.0 / np.maximum(known, 1.0)).mean())
    signal = float(season @ season) / max(period - 3, 1)
    return season * max(0.0, 1.0 - noise / signal) if signal > 0.0 else np.zeros(period)


def _evidence(values: Floats, period: int) -> float:
    """Return the autocorrelation at the lag of a period in standard errors (Bartlett)."""
    count = len(values)
    apart = values - values.mean()
    total = float(apart @ apart)
    if count < 2 * period + 1 or total <= 0.0:
        return 0.0
    lags = np.array([apart[lag:] @ apart[:-lag] for lag in range(1, period + 1)]) / total
    return float(lags[-1] / np.sqrt((1.0 + 2.0 * (lags[:-1] @ lags[:-1])) / count))


def _middle(found: Floats) -> float:
    if len(found) >= _WITHOUT_EXTREMES:
        return float((found.sum() - found.min() - found.max()) / (len(found) - 2))
    if len(found) == 0:
        return 0.0
    return float(np.median(found) if len(found) > 2 else found.mean())
