"""Forecasts a series of any length by Gaussian processes: all forms of level, drift and season count that explain the values well."""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import Final, NamedTuple

import numpy as np

from hotcrm_ai.local_models.forecast_state_space import Floats

_LEVELS: Final = ((0.03, 0.03 / 36.0), (0.25, 0.25 / 36.0), (2.0, 2.0 / 36.0), (0.03, 0.1))
"""Variances of the level's step from value to value and of its drift, in units of the variance of noise; the last follows a line."""

_SEASON_SIZES: Final = (1.0, 10.0, 100.0)
_SEASON_STAYS: Final = (0.99, 0.9)
"""How alike the seasons of two neighbouring years are."""

_SMOOTHNESS: Final = 1.5
"""The variance of the k-th wave of a season falls with this power of k."""

_START: Final = 100.0
_USUAL_NOISE: Final = 0.01
"""Standard deviation of noise, relative to the level, that is expected before anything is seen ..."""

_WORTH: Final = 6.0
"""... and the number of values that this expectation is worth."""

_SHARPNESS: Final = 0.5
"""How sharply better forms count for more; 1 would trust that one of them is true."""

_RECENT: Final = 24
"""After so many values an error counts half in the size of coming ones."""

_USUAL_GROWTH: Final = 0.02
"""The growth of a year that is expected before anything is seen, since most series of business grow ..."""

_SHARE_OF_STEP: Final = 0.1
"""... but at each step not more of it than this share of the usual step, since a calm series soon tells its own growth."""

_FEWEST_STEPS_A_YEAR: Final = 12
_LONGEST: Final = 160
_BEYOND_A_YEAR: Final = 60


class Posterior(NamedTuple):
    """What the values make likely: courses and their parts, on the values' own scale.

    ``ratio`` is the probability that changes are ratios rather than differences; ``ratio_spread`` and ``spread`` are the standard errors
    on the log scale and on the plain one.
    """

    value: Floats
    level: float
    season: Floats
    ratio: float
    ratio_spread: Floats
    spread: Floats


class _Forms(NamedTuple):
    """All forms for one number of values, horizon and period: what turns values into errors, courses, seasons and levels."""

    whiten: Floats
    determinant: Floats
    course: Floats
    season: Floats
    level: Floats
    variance: Floats


class _Fit(NamedTuple):
    course: Floats
    level: float
    season: Floats
    spread: Floats
    evidence: float


def gaussian_posterior(values: Floats, horizon: int, period: int) -> Posterior:
    """Return the forecasts for 1 to ``horizon`` steps; values are around 1 in size, and only the newest count where there are many.

    Each form is a random walk with drift, a season that may change, and noise; its weight is its marginal likelihood (Rasmussen and
    Williams, "Gaussian Processes for Machine Learning", 2006, chapter 5), after expectations that keep short series sober (Corani,
    Benavoli and Zaffalon, "Time series forecasting with Gaussian processes needs priors", 2021). Positive values are looked at on the
    log scale too, and the two compared as Box and Cox did (1964).
    """
    positive = bool((values > 0.0).all())
    values = values[-max(_LONGEST, period + _BEYOND_A_YEAR) :]
    known, grown = np.split(_expected_growth(values, horizon, period), [len(values)])
    values = values / known
    forms = _forms(len(values), horizon, period)
    plain = _fit(values, forms)
    if not positive:
        return Posterior(
            plain.course * grown, plain.level, plain.season * grown, 0.0, np.zeros(horizon), plain.spread * grown
        )
    seen = np.log(values)
    log = _fit(seen, forms)
    apart = _SHARPNESS * (plain.evidence - log.evidence + float(seen.sum()))
    ratio = float(1.0 / (1.0 + np.exp(np.clip(apart, -500.0, 500.0))))
    course = np.exp(log.course)
    return Posterior(
        value=(ratio * course + (1.0 - ratio) * plain.course) * grown,
        level=float(ratio * np.exp(log.level) + (1.0 - ratio) * plain.level),
        season=(ratio * (course - np.exp(log.course - log.season)) + (1.0 - ratio) * plain.season) * grown,
        ratio=ratio,
        ratio_spread=log.spread,
        spread=plain.spread * grown,
    )


def _expected_growth(values: Floats, horizon: int, period: int) -> Floats:
    """Return what growth makes of each value and each step to come before anything is seen, the newest value being 1.

    The forms see the values without it, so that it stays only as far as the values do not tell a growth of their own.
    """
    count = len(values)
    if (values < 0.0).any():
        return np.ones(count + horizon)
    step = float(np.median(np.abs(np.diff(values))))
    growth = min(_USUAL_GROWTH / max(period, _FEWEST_STEPS_A_YEAR), _SHARE_OF_STEP * step)
    return np.asarray(np.exp(growth * (np.arange(count + horizon) - (count - 1.0))), dtype=np.float64)


def _fit(values: Floats, forms: _Forms) -> _Fit:
    count = len(values)
    mean = float(values.mean())
    apart = values - mean
    errors = forms.whiten @ apart
    expected = _WORTH * _USUAL_NOISE**2
    likelihood = -0.5 * (count + _WORTH) * np.log((errors**2).sum(axis=1) + expected) - 0.5 * forms.determinant
    weights = np.exp(_SHARPNESS * (likelihood - likelihood.max()))
    evidence = float(likelihood.max() + np.log(weights.mean()) / _SHARPNESS)
    weights /= weights.sum()
    recent = 0.5 ** (np.arange(count)[::-1] / _RECENT)
    noise = ((errors**2) @ recent + expected) / (recent.sum() + _WORTH)
    courses = forms.course @ apart
    course = weights @ courses
    variance = weights @ (noise[:, None] * forms.variance + (courses - course) ** 2)
    return _Fit(
        course=mean + course,
        level=mean + float(weights @ (forms.level @ apart)),
        season=weights @ (forms.season @ apart),
        spread=np.sqrt(variance),
        evidence=evidence,
    )


@lru_cache(maxsize=4)
def _forms(count: int, horizon: int, period: int) -> _Forms:
    """Prepare all forms; only the number of values matters, so that many series of one length share the work."""
    places = np.arange(count + horizon)
    lags = np.abs(places[:, None] - places)
    walk = np.minimum(places[:, None], places) + 1.0
    drift = np.outer(places - (count - 1.0), places - (count - 1.0))
    rows = []
    for (step, slope), season in product(_LEVELS, _seasons(count + horizon, period)):
        level = _START + step * walk + slope * drift
        pattern = season[lags]
        known = np.linalg.cholesky((level + pattern)[:count, :count] + np.eye(count))
        whiten = np.linalg.inv(known)
        seen = whiten @ (level + pattern)[:count, count:]
        rows.append(
            _Forms(
                whiten=whiten,
                determinant=2.0 * np.log(np.diag(known)).sum(),
                course=seen.T @ whiten,
                season=(whiten @ pattern[:count, count:]).T @ whiten,
                level=(whiten @ level[:count, count - 1]) @ whiten,
                variance=1.0 + np.diag(level + pattern)[count:] - (seen * seen).sum(axis=0),
            )
        )
    return _Forms(*(np.array(part) for part in zip(*rows, strict=True)))


def _seasons(count: int, period: int) -> list[Floats]:
    """Return the covariance of two values of a season by their distance in time: none, then all sizes and speeds of change."""
    lags = np.arange(count)
    found = [np.zeros(count)]
    if period < 2:
        return found
    waves = np.arange(1, period // 2 + 1)
    shares = waves**-_SMOOTHNESS / (waves**-_SMOOTHNESS).sum()
    shape = np.cos(2.0 * np.pi * np.outer(lags, waves) / period) @ shares
    return found + [size * shape * stays ** (lags / period) for size, stays in product(_SEASON_SIZES, _SEASON_STAYS)]
