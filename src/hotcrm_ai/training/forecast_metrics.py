"""Measures forecasts: sMAPE, MASE and what intervals held, beside the naive and the seasonal naive forecast."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hotcrm_ai.local_models.forecast_state_space import Floats
from hotcrm_ai.training.forecast_choice import Origin


def measure_forecasts(
    origins: Sequence[Origin], *, period: int
) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Return the means over all series of ``mase``, ``smape`` (per cent) and ``coverage`` (0-1), and those of two baselines.

    MASE divides by the mean absolute difference of the known values at the lag of a year (of one period where less is known).
    """
    rows = [row for one in origins if (row := _row(one, period)) is not None]
    if not rows:
        return {}, {}
    table = np.array(rows)
    means = [float(np.nanmean(column)) for column in table.T]
    own = {"mase": means[0], "smape": means[1], "coverage": means[2]}
    return own, {
        "seasonal_naive": {"mase": means[3], "smape": means[4]},
        "naive": {"mase": means[5], "smape": means[6]},
    }


def usual_change(one: Origin, period: int) -> float:
    """Return the mean absolute difference of the known values at the lag of a year, of one period where less is known."""
    known = np.array([value for value in one.known if value is not None])
    lag = period if len(known) > period else 1
    return float(np.abs(known[lag:] - known[:-lag]).mean())


def _row(one: Origin, period: int) -> tuple[float, ...] | None:
    known = np.array([value for value in one.known if value is not None])
    lag = period if len(known) > period else 1
    scale = usual_change(one, period)
    there = ~np.isnan(one.true)
    if scale <= 0.0 or not there.any():
        return None
    true, steps = one.true[there], len(one.true)
    seasonal = known[-lag:][np.arange(steps) % lag][there]
    naive = np.full(len(true), known[-1])
    inside = float(((true >= one.lower[there]) & (true <= one.upper[there])).mean())
    return (
        *_errors(true, one.value[there], scale),
        inside,
        *_errors(true, seasonal, scale),
        *_errors(true, naive, scale),
    )


def _errors(true: Floats, stated: Floats, scale: float) -> tuple[float, float]:
    total = np.abs(true) + np.abs(stated)
    share = np.divide(200.0 * np.abs(true - stated), total, out=np.zeros_like(total), where=total > 0.0)
    return float(np.abs(true - stated).mean()) / scale, float(share.mean())
