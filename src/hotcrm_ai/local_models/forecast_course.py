"""Forecasts one series: the mean of several methods, with the interval that their own earlier errors show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from hotcrm_ai.local_models.forecast_clean import History, clean_history
from hotcrm_ai.local_models.forecast_members import Member, members_of, weighted
from hotcrm_ai.local_models.forecast_short import short_course
from hotcrm_ai.local_models.forecast_state_space import Floats

SHARE_INSIDE: Final = 0.8
"""The share of coming values that an interval is to hold."""

_NORMAL_WIDTH: Final = 1.2816
_FEWEST_ERRORS: Final = 12
_FITTED_TOO_WELL: Final = 1.15
"""How much wider coming errors are than those of the weights that were chosen on the same values."""

_GROWTH_OF_ERRORS: Final = 0.7
"""How far the errors of later steps count beside those of one step: they overlap, so few of them are independent."""

_DISAGREEMENT: Final = 1.5
"""Weight of the members' standard deviation beside their earlier errors."""

_NARROWEST: Final = 0.015
"""The least half width, relative to the level; smaller errors in the past are partly luck."""

_LARGEST_POWER: Final = 700.0
_SMALLEST_LEVEL: Final = 1e-9
_LARGEST_NUMBER: Final = 1e305
"""Sums over the longest horizon stay finite."""


class Course(NamedTuple):
    """The forecast of one series in its own unit; ``level + trend + season`` is ``value``, step by step, before any floor at zero."""

    value: Floats
    lower: Floats
    upper: Floats
    level: Floats
    trend: Floats
    season: Floats
    notes: tuple[str, ...]
    method: str


def forecast_course(given: Sequence[float | None], horizon: int, *, period: int = 12, widening: float = 1.0) -> Course:
    """Forecast ``horizon`` periods after a history; ``period`` is the number of values a year (1: no season).

    ``widening`` multiplies the width of the interval. A history without negative values gives no negative numbers.

    Raises:
        ValueError: the history has fewer than three known values, or one that is not finite.
    """
    history = clean_history(given, period)
    values = history.values
    if float(np.ptp(values)) <= 1e-12 * float(np.abs(values).max(initial=0.0)):
        flat = np.full(horizon, float(values[-1]))
        return _finished(history, flat, np.zeros(horizon), flat, np.zeros(horizon), log=False, method="constant")
    if len(values) >= max(2 * period, 6):
        return _long(history, horizon, period, widening)
    return _short(history, horizon, period, widening)


def _long(history: History, horizon: int, period: int, widening: float) -> Course:
    members = members_of(history.values, horizon, period)
    counted = weighted(members, years=len(history.values) / period)
    value = np.mean([member.course for member in counted], axis=0)
    season = np.mean([member.season for member in counted], axis=0)
    level = np.full(horizon, float(np.mean([member.level for member in counted])))
    log = bool((history.values > 0.0).all())
    apart = np.std([member.course for member in counted], axis=0)
    if log:
        apart = apart / np.maximum(np.abs(value), _SMALLEST_LEVEL)
    errors = _earlier_errors(history.values, counted, horizon, period, log=log)
    width = widening * np.sqrt((_FITTED_TOO_WELL * errors) ** 2 + (_DISAGREEMENT * apart) ** 2 + _NARROWEST**2)
    return _finished(
        history,
        value,
        width,
        level,
        season,
        log=log,
        method=f"mean of {len({member.name for member in counted})} methods",
    )


def _short(history: History, horizon: int, period: int, widening: float) -> Course:
    values = history.values
    log = bool((values > 0.0).all())
    course = short_course(np.log(values) if log else values, horizon, period)
    value = course.level + course.season
    width = _NORMAL_WIDTH * widening * course.spread * np.sqrt(1.0 + np.arange(horizon) / 12.0)
    level = np.full(horizon, course.level)
    season = course.season
    if log:
        value, level = np.exp(value), np.exp(level)
        season = value - level
    return _finished(history, value, width, level, season, log=log, method="blend of last value, mean and last year")


def _earlier_errors(values: Floats, members: Sequence[Member], horizon: int, period: int, *, log: bool) -> Floats:
    """Return for each step the size that 80 per cent of the members' own earlier errors kept to; on the log scale where ``log``.

    The growth over the errors of one step counts in part.
    """
    paths = np.mean([member.paths for member in members if member.paths is not None], axis=0)
    count = len(values)
    burn = min(max(period, 3), count // 3)
    found = np.full(horizon, np.nan)
    for step in range(horizon):
        stated, true = paths[burn : count - step, step], values[burn + step :]
        if len(true) < min(_FEWEST_ERRORS, count - burn):
            break
        errors = np.log(true) - np.log(np.maximum(stated, _SMALLEST_LEVEL)) if log else true - stated
        found[step] = np.quantile(np.abs(errors), SHARE_INSIDE)
    known = int((~np.isnan(found)).sum())
    steps = np.arange(1, horizon + 1)
    found[known:] = found[known - 1] * np.sqrt(steps[known:] / known)
    found = np.maximum.accumulate(found)
    return np.asarray(found[0] ** (1.0 - _GROWTH_OF_ERRORS) * found**_GROWTH_OF_ERRORS, dtype=np.float64)


def _finished(
    history: History, value: Floats, width: Floats, level: Floats, season: Floats, *, log: bool, method: str
) -> Course:
    """Bring everything back to the unit of the history; no number is negative where the history has none."""
    if log:
        stretch = np.exp(np.minimum(width, _LARGEST_POWER))
        lower, upper = value / stretch, value * stretch
    else:
        lower, upper = value - width, value + width
    floor = -np.inf if history.negative else 0.0
    largest = _LARGEST_NUMBER / max(history.unit, 1.0)
    value, lower, upper = (np.clip(np.maximum(part, floor), -largest, largest) for part in (value, lower, upper))
    unit = history.unit
    return Course(
        value=value * unit,
        lower=lower * unit,
        upper=upper * unit,
        level=level * unit,
        trend=(value - level - season) * unit,
        season=season * unit,
        notes=history.notes,
        method=method,
    )
