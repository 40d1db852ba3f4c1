"""Forecasts one series: half from the forms that are likely to have made it, half from the mean of several methods."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

import numpy as np

from hotcrm_ai.local_models.forecast_clean import History, clean_history
from hotcrm_ai.local_models.forecast_gaussian import Posterior, gaussian_posterior
from hotcrm_ai.local_models.forecast_members import members_of, weighted
from hotcrm_ai.local_models.forecast_state_space import Floats
from hotcrm_ai.local_models.forecast_width import half_width

SHARE_INSIDE: Final = 0.8
"""The share of coming values that an interval is to hold."""

_LIKELY_SHARE: Final = 0.5
_LARGEST_POWER: Final = 700.0
_LARGEST_NUMBER: Final = 1e305
"""Sums over the longest horizon stay finite."""


class _Parts(NamedTuple):
    """A course around 1 in size and what it is made of; the trend is the rest."""

    value: Floats
    level: Floats
    season: Floats


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
        return _finished(history, _Parts(flat, flat, np.zeros(horizon)), (flat, flat), method="constant")
    likely = gaussian_posterior(values, horizon, period)
    short = len(values) < max(2 * period, 6)
    found = _Parts(likely.value, np.full(horizon, likely.level), likely.season)
    method = "mean of likely forms"
    if not short:
        found, others = _joined(found, values, period, ratio=likely.ratio)
        method = f"mean of likely forms and of {others} methods"
    width = partial(half_width, short=short, period=period)
    return _finished(history, found, _interval(found.value, likely, values, widening, width), method=method)


def _joined(likely: _Parts, values: Floats, period: int, *, ratio: float) -> tuple[_Parts, int]:
    """Return the mean of the likely course and that of the members, part by part, and how many methods the members are."""
    horizon = len(likely.value)
    members = weighted(members_of(values, horizon, period, ratio=ratio), years=len(values) / period)
    means = _Parts(
        value=np.mean([member.course for member in members], axis=0),
        level=np.full(horizon, float(np.mean([member.level for member in members]))),
        season=np.mean([member.season for member in members], axis=0),
    )
    joined = (_LIKELY_SHARE * one + (1.0 - _LIKELY_SHARE) * other for one, other in zip(likely, means, strict=True))
    return _Parts(*joined), len({member.name for member in members})


def _interval(
    value: Floats, likely: Posterior, values: Floats, widening: float, half: Callable[[Floats, Floats], Floats]
) -> tuple[Floats, Floats]:
    """Return both ends: those of ratios and of differences, each as far as it is likely that changes are of its kind."""
    width = widening * half(values, likely.spread)
    lower, upper = value - width, value + width
    if likely.ratio <= 0.0:
        return lower, upper
    ratio_width = widening * half(np.log(values), likely.ratio_spread)
    stretch = np.exp(np.minimum(ratio_width, _LARGEST_POWER))
    plain = 1.0 - likely.ratio
    return likely.ratio * value / stretch + plain * lower, likely.ratio * value * stretch + plain * upper


def _finished(history: History, found: _Parts, interval: tuple[Floats, Floats], *, method: str) -> Course:
    """Bring everything back to the unit of the history; no number is negative where the history has none."""
    floor = -np.inf if history.negative else 0.0
    largest = _LARGEST_NUMBER / max(history.unit, 1.0)
    value, lower, upper = (np.clip(np.maximum(part, floor), -largest, largest) for part in (found.value, *interval))
    unit = history.unit
    return Course(
        value=value * unit,
        lower=np.minimum(lower, value) * unit,
        upper=np.maximum(upper, value) * unit,
        level=found.level * unit,
        trend=(value - found.level - found.season) * unit,
        season=found.season * unit,
        notes=history.notes,
        method=method,
    )
