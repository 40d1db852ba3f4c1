"""Forecasts a series by its changes: autoregressions of those from value to value, and of those from year to year."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from hotcrm_ai.local_models.forecast_state_space import Floats

_MOST_LAGS: Final = 6
_VALUES_PER_LAG: Final = 4
_KEPT_DRIFT: Final = 0.5
"""Share of the mean change from value to value that goes on; the whole of it runs too far."""

_YEARLY_LAGS: Final = 3
_FEWEST_YEARLY_CHANGES: Final = 14
_FADINGS: Final = (0.0, 0.3, 0.5, 0.7, 0.85)
"""How much of the chance in a yearly change is taken back a year later."""

_RIDGE: Final = 0.01
_TINY: Final = 1e-12
_SMALLEST: Final = 1e-300


class _Regression(NamedTuple):
    """Weights of the last values, the newest first, and Akaike's corrected criterion of the fit."""

    weights: Floats
    criterion: float


def changes_course(values: Floats, horizon: int) -> Floats:
    """Return the forecasts for 1 to ``horizon`` steps from the changes between neighbours: an ARIMA(p, 1, 0) with half its drift."""
    changes = np.diff(values)
    usual = float(changes.mean())
    apart = changes - usual
    most = min(_MOST_LAGS, len(apart) // _VALUES_PER_LAG)
    fits = [_regression(apart, lags, unused=most, extra=1) for lags in range(most + 1)]
    best = min(fits, key=lambda fit: fit.criterion)
    ahead = _continued(apart, best.weights, horizon)[len(apart) :]
    return np.asarray(values[-1] + np.cumsum(ahead + _KEPT_DRIFT * usual), dtype=np.float64)


def yearly_changes_course(values: Floats, horizon: int, period: int) -> Floats | None:
    """Return the forecasts from the changes over a year, or None where there are too few of them.

    An ARIMA(p, 0, 0)(0, 1, 1) with drift, p from 1 to 3: the seasonal moving average is tried from a grid, the autoregression of what it
    leaves is fitted by least squares.
    """
    if period < 2 or len(values) < period + _FEWEST_YEARLY_CHANGES:
        return None
    changes = values[period:] - values[:-period]
    usual = float(changes.mean())
    best: tuple[float, float, Floats, Floats] | None = None
    for fading in _FADINGS:
        shocks = changes - usual
        for start in range(period, len(shocks), period):
            block = shocks[start : start + period]
            block += fading * shocks[start - period : start - period + len(block)]
        for lags in range(1, _YEARLY_LAGS + 1):
            fit = _regression(shocks, lags, unused=_YEARLY_LAGS, extra=2)
            if best is None or fit.criterion < best[0]:
                best = (fit.criterion, fading, fit.weights, shocks)
    if best is None:
        return None
    _, fading, weights, shocks = best
    run = _continued(shocks, weights, horizon)
    ahead = run[len(shocks) :] + usual
    ahead -= fading * np.concatenate([np.zeros(period), run])[len(shocks) : len(run)]
    course = np.concatenate([values[-period:], np.zeros(horizon)])
    for step in range(horizon):
        course[period + step] = course[step] + ahead[step]
    return course[period:]


def _regression(series: Floats, lags: int, *, unused: int, extra: int) -> _Regression:
    """Regress a series on its own last values; the first ``unused`` values explain only, so that fits compare."""
    count = len(series)
    target = series[unused:]
    rows = np.column_stack(
        [series[unused - lag : count - lag] for lag in range(1, lags + 1)] or [np.zeros((len(target), 0))]
    )
    ridge = (_RIDGE * float(series @ series) / count + _TINY) * np.eye(lags)
    weights: Floats = np.asarray(np.linalg.solve(rows.T @ rows + ridge, rows.T @ target), dtype=np.float64)
    rest = target - rows @ weights
    used, free = len(target), lags + extra
    likelihood = used * np.log(max(float(rest @ rest) / used, _SMALLEST))
    return _Regression(weights, float(likelihood + 2.0 * free * used / max(used - free - 1, 1)))


def _continued(series: Floats, weights: Floats, horizon: int) -> Floats:
    """Return the series and what its autoregression expects of the next steps."""
    count, lags = len(series), len(weights)
    run = np.concatenate([series, np.zeros(horizon)])
    for at in range(count, count + horizon):
        run[at] = float(weights @ run[at - lags : at][::-1])
    return run
