"""The members whose mean is the forecast of a series with two years of history or more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from hotcrm_ai.local_models.forecast_changes import changes_course, yearly_changes_course
from hotcrm_ai.local_models.forecast_families import damped_trends, drifting_levels, seasonal_levels
from hotcrm_ai.local_models.forecast_season import season_of
from hotcrm_ai.local_models.forecast_state_space import Floats, smooth
from hotcrm_ai.local_models.forecast_theta import theta_course

_LONGEST_SMOOTHED_SEASON: Final = 12
_FAINT: Final = 1e-6
_FIRM: Final = 1e12
_LARGEST_POWER: Final = 700.0
_RUNAWAY_POWER: Final = 50.0
_SMALLEST_LEVEL: Final = 1e-9
_UNLIKELY: Final = 0.05
"""The probability below which a scale is left out."""

_FAR_OFF: Final = 10.0
"""A member so many times as far from the middle of all as members usually are has run away."""

_YEARS_TO_JUDGE: Final = 3
_SMOOTHED: Final = "smoothed season"


class Member(NamedTuple):
    """One way of forecasting: its course, the part of it that is season, and its level now."""

    name: str
    course: Floats
    season: Floats
    level: float


def members_of(values: Floats, horizon: int, period: int, *, ratio: float) -> list[Member]:
    """Return all members; values are around 1 in size, and ``ratio`` is the probability that their changes are ratios (0: not positive)."""
    scales = [log for log, likely in ((False, 1.0 - ratio), (True, ratio)) if likely >= _UNLIKELY]
    found = [member for log in scales for member in _on_scale(values, horizon, period, log=log)]
    found += _by_changes(values, horizon, period, log=scales[-1])
    return [member for member in found if np.isfinite(member.course).all()]


def weighted(members: Sequence[Member], *, years: float) -> list[Member]:
    """Return the members as often as they count: none that stands far off; from three years on, a changing season counts twice."""
    middle = np.median([member.course for member in members], axis=0)
    apart = [float(np.abs(member.course - middle).mean()) for member in members]
    usual = float(np.median(apart))
    near = [member for member, far in zip(members, apart, strict=True) if far <= _FAR_OFF * usual]
    if years < _YEARS_TO_JUDGE:
        return near
    return [*near, *(member for member in near if member.name.startswith(_SMOOTHED))]


def _on_scale(values: Floats, horizon: int, period: int, *, log: bool) -> list[Member]:
    """Return the members of one scale: differences (season adds) or ratios (season multiplies)."""
    scale = "ratio" if log else "difference"
    seen = np.log(values) if log else values
    count = len(values)
    season = season_of(seen, period)
    every = season[np.arange(count + horizon) % len(season)]
    plain = np.exp(seen - every[:count]) if log else seen - every[:count]
    first, slope = float(plain[:6].mean()), _slope(plain)
    found = [_adjusted(f"theta ({scale})", theta_course(plain, horizon), every, log=log)]
    drifting = smooth(
        plain,
        drifting_levels(),
        start=np.array([first, 0.5 * slope]),
        trust=np.array([_FAINT, _FIRM]),
        horizon=horizon,
    )
    found.append(_adjusted(f"half drift ({scale})", drifting.course, every, log=log))
    damped = smooth(plain, damped_trends(), start=np.array([first, 0.0]), trust=np.array([0.01, 1.0]), horizon=horizon)
    found.append(_adjusted(f"damped trend ({scale})", damped.course, every, log=log))
    if 2 <= period <= _LONGEST_SMOOTHED_SEASON and count >= 2 * period + 2:
        found.append(_seasonal(seen, horizon, period, season, log=log))
    return found


def _by_changes(values: Floats, horizon: int, period: int, *, log: bool) -> list[Member]:
    """Return the members that forecast changes."""
    seen = np.log(values) if log else values
    count = len(values)
    season = season_of(seen, period)
    every = season[np.arange(count + horizon) % len(season)]
    courses = {"changes": changes_course(seen - every[:count], horizon)}
    yearly = yearly_changes_course(seen, horizon, period)
    if yearly is not None:
        courses["yearly changes"] = yearly - every[count:]
    if log:
        courses = {name: np.exp(np.clip(course, -_RUNAWAY_POWER, _RUNAWAY_POWER)) for name, course in courses.items()}
    return [_adjusted(name, course, every, log=log) for name, course in courses.items()]


def _seasonal(seen: Floats, horizon: int, period: int, season: Floats, *, log: bool) -> Member:
    """Return the member that smooths its season along with the level."""
    mean, spread = float(seen.mean()), float(seen.std()) or 1.0
    start = np.concatenate([[float(((seen - mean) / spread)[:period].mean()), 0.0], season / spread])
    trust = np.concatenate([[0.01, 1.0], np.full(period, 2.0)])
    fitted = smooth((seen - mean) / spread, seasonal_levels(period), start=start, trust=trust, horizon=horizon)
    course = fitted.course * spread + mean
    pattern = fitted.last[2:][np.arange(horizon) % period] * spread
    level = float(fitted.last[0] * spread + mean)
    if not log:
        return Member("smoothed season (difference)", course, pattern, level)
    power = np.exp(np.clip(course, -_LARGEST_POWER, _LARGEST_POWER))
    return Member(
        "smoothed season (ratio)",
        power,
        power * (1.0 - np.exp(-pattern)),
        float(np.exp(np.clip(level, -_LARGEST_POWER, _LARGEST_POWER))),
    )


def _adjusted(name: str, plain: Floats, every: Floats, *, log: bool) -> Member:
    """Put the season back on a course without it."""
    horizon = len(plain)
    ahead = every[-horizon:]
    if log:
        plain = np.maximum(plain, _SMALLEST_LEVEL)
        course = plain * np.exp(ahead)
        return Member(name, course, course - plain, float(plain[0]))
    return Member(name, plain + ahead, ahead, float(plain[0]))


def _slope(values: Floats) -> float:
    places = np.arange(len(values)) - (len(values) - 1) / 2.0
    return float(places @ (values - values.mean())) / max(float(places @ places), 1.0)
