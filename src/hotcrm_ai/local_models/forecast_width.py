"""Says how far coming values may lie from a forecast: from the likely forms of a series, and with more caution from short ones."""

from __future__ import annotations

from typing import Final

import numpy as np

from hotcrm_ai.local_models.forecast_state_space import Floats

_LONG: Final = 1.25
"""Standard errors on each side that hold 80 per cent; fewer than 1.28, since a mean of many methods errs less than their likely forms."""

_SHORT: Final = 0.77
_OF_STEP: Final = 1.0
_NARROWEST: Final = 0.09
_USUAL_PEAKS: Final = 2.5
_SHARPEST_PEAKS: Final = 5.0
_SURE_OF_PEAKS: Final = 0.12
"""From less than two years the width has three parts: that of the forms, the usual step from value to value, and the least width.

Sharp peaks are a season and no chance, and narrow it.
"""

_UNSEEN_SEASON: Final = 0.7
"""How much wider it would be without any value of the first year; what is known of that year takes it back in proportion."""

_SLIGHT: Final = 1e-12


def half_width(values: Floats, spread: Floats, *, short: bool, period: int) -> Floats:
    """Return the half width of the interval of each step, from the standard errors of the likely forms, on the scale of the values."""
    if not short:
        return _LONG * spread
    step = float(np.median(np.abs(np.diff(values))))
    width = np.sqrt((_SHORT * spread) ** 2 + (_OF_STEP * step) ** 2 + _NARROWEST**2)
    width *= 1.0 + _UNSEEN_SEASON * max(0.0, 1.0 - len(values) / period)
    return np.asarray(width * np.exp(-_SURE_OF_PEAKS * (_peaks(values) - _USUAL_PEAKS)), dtype=np.float64)


def _peaks(values: Floats) -> float:
    """Return the kurtosis around the line, at most that of the sharpest peaks that count."""
    places = np.arange(len(values)) - (len(values) - 1) / 2.0
    apart = values - values.mean()
    around = apart - float(places @ apart) / float(places @ places) * places
    variance = float((around**2).mean())
    if variance <= _SLIGHT:
        return _USUAL_PEAKS
    return min(float((around**4).mean()) / variance**2, _SHARPEST_PEAKS)
