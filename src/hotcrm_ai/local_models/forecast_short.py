"""Forecasts from less than two years: between last value, mean and last year's pattern, by what the values themselves show."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from hotcrm_ai.local_models.forecast_state_space import Floats

_USUAL_NOISE: Final = 0.04
"""Standard deviation around the line, relative to the level, at which pattern and chance are taken for equally likely."""

_FLAT_PEAKS: Final = 2.0
_SHARP_PEAKS: Final = 3.5
_MOST_MOVING: Final = 0.7
_LEAST_SPREAD: Final = 0.03
_NORMAL: Final = 1.4826
_LEAST_STEP: Final = 0.01
_LARGEST_SHARE: Final = 100.0
_WIDTH: Final = 0.815
_OWN_POWER: Final = 0.6
_STEP_POWER: Final = 0.3
_TREND_POWER: Final = 0.1
"""The error of a repeated year: from the scatter around the line, the usual step from value to value, and how far the level moves.

The powers of the two sizes add up to less than 1, since a year with much or little scatter is so partly by chance.
"""


class ShortCourse(NamedTuple):
    """A course on the working scale: ``level`` (one number), ``season`` for each step, and ``spread``, one standard error of a step."""

    level: float
    season: Floats
    spread: float


def short_course(values: Floats, horizon: int, period: int) -> ShortCourse:
    """Return the course from the last ``period`` values, or from all where there are fewer; on the log scale for positive values.

    The level lies between the mean and the last value, the nearer to the last the more of the variance a line explains. Last year's
    pattern is repeated in so far as it is larger than usual noise, or has the sharp peaks that a season has and noise has not.
    """
    seen = values[-period:] if period > 1 else values[-12:]
    count = len(seen)
    places = np.arange(count) - (count - 1) / 2.0
    apart = seen - seen.mean()
    slope = float(places @ apart) / max(float(places @ places), 1.0)
    around = apart - slope * places
    total, rest = float(apart @ apart), float(around @ around)
    if total <= 0.0:
        return ShortCourse(float(seen[-1]), np.zeros(horizon), 0.0)
    moving = min((1.0 - rest / total) ** 2, _MOST_MOVING)
    steps = np.diff(seen)
    spread = float(
        np.hypot(np.sqrt(0.5 * total / (count - 1) + 0.5 * float(steps @ steps) / len(steps)), _LEAST_SPREAD)
    )
    if period < 2 or count < period or rest <= 0.0:
        return ShortCourse(float((1.0 - moving) * seen.mean() + moving * seen[-1]), np.zeros(horizon), spread)
    variance = rest / (count - 1)
    peaks = float((around**4).mean() / (around @ around / count) ** 2)
    repeated = max(
        variance / (variance + _USUAL_NOISE**2),
        min(max((peaks - _FLAT_PEAKS) / (_SHARP_PEAKS - _FLAT_PEAKS), 0.0), 1.0),
    )
    level = (1.0 - moving) * seen.mean() + moving * (seen[-1] - repeated * around[-1])
    usual = _NORMAL * float(np.median(np.abs(around - np.median(around))))
    spread = np.sqrt(1.15 * usual**2 + 0.5 * moving * total / (count - 1) + _LEAST_SPREAD**2)
    typical = float(np.median(np.abs(steps))) + _LEAST_STEP
    trending = min(total / rest, _LARGEST_SHARE)
    spread = _WIDTH * spread**_OWN_POWER * typical**_STEP_POWER * trending**_TREND_POWER
    pattern = repeated * ((1.0 - moving) * apart + moving * around)
    return ShortCourse(float(level), pattern[np.arange(horizon) % period], float(spread))
