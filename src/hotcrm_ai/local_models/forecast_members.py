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
_CLEARLY_BETTER: Final = 1.2
"""Ratio of squared one-step errors from which on one scale is clearly better than the other."""

_FAR_OFF: Final = 10.0
"""A member so many times as far from the middle of all as members usually are has run away."""

_YEARS_TO_JUDGE: Final = 3
_SMOOTHED: Final = "smoothed season"
_JUDGES: Final = ("half drift (difference)", "half drift (ratio)")


class Member(NamedTuple):
    """One way of forecasting: its course, the part of it that is season, its level now, and (where known) all earlier courses.

    ``paths[t, j]`` is what it would have said for step t + j + 1 after t values, with the weights chosen on all of them.
    """

    name: str
    course: Floats
    season: Floats
    level: float
    paths: Floats | None


def members_of(values: Floats, horizon: int, period: int) -> list[Member]:
    """Return all members; values are around 1 in size, and those on the log scale need them positive."""
    found = _on_scale(values, horizon, period, log=False)
    positive = bool((values > 0.0).all())
    if positive:
        found += _on_scale(values, horizon, period, log=True)
    found += _by_changes(values, horizon, period, log=positive)
    sound = [member for member in found if np.isfinite(member.course).all()]
    return _on_better_scale(values, sound, period)


def weighted(members: Sequence[Member], *, years: float) -> list[Member]:
    """Return the members as often as they count: none that stands far off; from three years on, a changing season counts twice."""
    middle = np.median([member.course for member in members], axis=0)
    apart = [float(np.abs(member.course - middle).mean()) for member in members]
    usual = float(np.median(apart))
    near = [member for member, far in zip(members, apart, strict=True) if far <= _FAR_OFF * usual]
    if years < _YEARS_TO_JUDGE:
        return near
    return [*near, *(member for member in near if member.name.startswith(_SMOOTHED))]


def _on_better_scale(values: Floats, members: list[Member], period: int) -> list[Member]:
    """Leave out the members of one scale where the same method made clearly smaller errors on the other."""
    paths = {member.name: member.paths for member in members if member.paths is not None}
    if not set(_JUDGES) <= set(paths) or len(values) < _YEARS_TO_JUDGE * period:
        return members
    burn = min(max(period, 3), len(values) // 3)
    difference, ratio = (float(((values[burn:] - paths[name][burn:-1, 0]) ** 2).sum()) for name in _JUDGES)
    if difference > _CLEARLY_BETTER * ratio:
        return [member for member in members if not member.name.endswith("(difference)")]
    if ratio > _CLEARLY_BETTER * difference:
        return [member for member in members if not member.name.endswith("(ratio)")]
    return members


def _on_scale(values: Floats, horizon: int, period: int, *, log: bool) -> list[Member]:
    """Return the members of one scale: differences (season adds) or ratios (season multiplies)."""
    scale = "ratio" if log else "difference"
    seen = np.log(values) if log else values
    count = len(values)
    season = season_of(seen, period)
    every = season[np.arange(count + horizon) % len(season)]
    plain = np.exp(seen - every[:count]) if log else seen - every[:count]
    first, slope = float(plain[:6].mean()), _slope(plain)
    found = [_adjusted(f"theta ({scale})", theta_course(plain, horizon), None, every, log=log)]
    drifting = smooth(
        plain,
        drifting_levels(),
        start=np.array([first, 0.5 * slope]),
        trust=np.array([_FAINT, _FIRM]),
        horizon=horizon,
    )
    found.append(_adjusted(f"half drift ({scale})", drifting.paths[-1], drifting.paths, every, log=log))
    damped = smooth(plain, damped_trends(), start=np.array([first, 0.0]), trust=np.array([0.01, 1.0]), horizon=horizon)
    found.append(_adjusted(f"damped trend ({scale})", damped.paths[-1], damped.paths, every, log=log))
    if 2 <= period <= _LONGEST_SMOOTHED_SEASON and count >= 2 * period + 2:
        found.append(_seasonal(seen, horizon, period, season, log=log))
    return found


def _by_changes(values: Floats, horizon: int, period: int, *, log: bool) -> list[Member]:
    """Return the members that forecast changes, on the log scale where the values are positive."""
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
    return [_adjusted(name, course, None, every, log=log) for name, course in courses.items()]


def _seasonal(seen: Floats, horizon: int, period: int, season: Floats, *, log: bool) -> Member:
    """Return the member that smooths its season along with the level."""
    mean, spread = float(seen.mean()), float(seen.std()) or 1.0
    start = np.concatenate([[float(((seen - mean) / spread)[:period].mean()), 0.0], season / spread])
    trust = np.concatenate([[0.01, 1.0], np.full(period, 2.0)])
    fitted = smooth((seen - mean) / spread, seasonal_levels(period), start=start, trust=trust, horizon=horizon)
    paths = fitted.paths * spread + mean
    pattern = fitted.last[2:][np.arange(horizon) % period] * spread
    level = float(fitted.last[0] * spread + mean)
    if not log:
        return Member("smoothed season (difference)", paths[-1], pattern, level, paths)
    power = np.exp(np.clip(paths, -_LARGEST_POWER, _LARGEST_POWER))
    return Member(
        "smoothed season (ratio)",
        power[-1],
        power[-1] * (1.0 - np.exp(-pattern)),
        float(np.exp(np.clip(level, -_LARGEST_POWER, _LARGEST_POWER))),
        power,
    )


def _adjusted(name: str, plain: Floats, paths: Floats | None, every: Floats, *, log: bool) -> Member:
    """Put the season back on a course without it, and on all earlier courses."""
    horizon = len(plain)
    ahead = every[-horizon:]
    if log:
        plain = np.maximum(plain, _SMALLEST_LEVEL)
        course = plain * np.exp(ahead)
        return Member(name, course, course - plain, float(plain[0]), _seasoned(paths, every, log=True))
    return Member(name, plain + ahead, ahead, float(plain[0]), _seasoned(paths, every, log=False))


def _seasoned(paths: Floats | None, every: Floats, *, log: bool) -> Floats | None:
    if paths is None:
        return None
    rows, horizon = paths.shape
    seasons = np.lib.stride_tricks.sliding_window_view(every, horizon)[:rows]
    return np.maximum(paths, _SMALLEST_LEVEL) * np.exp(seasons) if log else paths + seasons


def _slope(values: Floats) -> float:
    places = np.arange(len(values)) - (len(values) - 1) / 2.0
    return float(places @ (values - values.mean())) / max(float(places @ places), 1.0)
