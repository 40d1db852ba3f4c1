"""Measures probabilities against outcomes, each metric with a bootstrap interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

METRIC_NAMES: Final = (
    "accuracy",
    "precision",
    "recall",
    "f1",
    "roc_auc",
    "average_precision",
    "log_loss",
    "brier",
    "calibration_error",
    "top_decile_lift",
)
BINS: Final = 10
THRESHOLD: Final = 0.5
RESAMPLES: Final = 1_000
_CHUNK_CELLS: Final = 1 << 20
_SMALLEST: Final = 1e-15


@dataclass(frozen=True)
class Measured:
    """Metrics on the 0-1 scale (losses and the lift as they are) with their 95 % bootstrap intervals."""

    values: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]


def measure(target: npt.ArrayLike, probabilities: npt.ArrayLike, *, seed: int, resamples: int = RESAMPLES) -> Measured:
    """Return all metrics with 95 % intervals from resampling rows.

    Accuracy, precision, recall and F1 take a probability of a half as yes. A metric that is not defined on these rows (the AUC of a single
    class) is left out, and so is an interval where most resamples lack the metric.
    """
    ranked = _Ranked.of(np.asarray(target, dtype=np.float64), np.asarray(probabilities, dtype=np.float64))
    n_rows = len(ranked.target)
    values = {
        name: float(found[0])
        for name, found in _weighted_metrics(ranked, np.ones((1, n_rows))).items()
        if np.isfinite(found[0])
    }
    random = np.random.default_rng(seed)
    chunk = max(1, _CHUNK_CELLS // n_rows)
    drawn: dict[str, list[Floats]] = {name: [] for name in values}
    for start in range(0, resamples, chunk):
        size = min(chunk, resamples - start)
        rows = random.integers(n_rows, size=(size, n_rows)) + np.arange(size)[:, None] * n_rows
        weights = np.bincount(rows.ravel(), minlength=size * n_rows).reshape(size, n_rows).astype(np.float64)
        for name, found in _weighted_metrics(ranked, weights).items():
            if name in drawn:
                drawn[name].append(found)
    intervals = {}
    for name, parts in drawn.items():
        finite = np.concatenate(parts)[np.isfinite(np.concatenate(parts))]
        if len(finite) > resamples / 2:
            low, high = np.quantile(finite, [0.025, 0.975])
            intervals[name] = (float(low), float(high))
    return Measured(values=values, intervals=intervals)


def metric_values(target: npt.ArrayLike, probabilities: npt.ArrayLike) -> dict[str, float]:
    """Return all metrics without intervals; those not defined on these rows are left out."""
    ranked = _Ranked.of(np.asarray(target, dtype=np.float64), np.asarray(probabilities, dtype=np.float64))
    found = _weighted_metrics(ranked, np.ones((1, len(ranked.target))))
    return {name: float(value[0]) for name, value in found.items() if np.isfinite(value[0])}


@dataclass(frozen=True)
class _Ranked:
    """Rows from the highest probability down; ``last_of_tie`` marks the last row of each run of equal probabilities."""

    target: Floats
    probabilities: Floats
    last_of_tie: npt.NDArray[np.intp]

    @staticmethod
    def of(target: Floats, probabilities: Floats) -> _Ranked:
        order = np.argsort(-probabilities, kind="stable")
        ranked = probabilities[order]
        return _Ranked(target[order], ranked, np.flatnonzero(np.append(np.diff(ranked) != 0, True)))


def _weighted_metrics(ranked: _Ranked, weights: Floats) -> dict[str, Floats]:
    """Return each metric for each row of weights (how often each ranked row was drawn); NaN where it is not defined."""
    target, stated = ranked.target, ranked.probabilities
    total, positives = weights.sum(axis=1), weights @ target
    called = (stated >= THRESHOLD).astype(np.float64)
    true_calls, calls = weights @ (called * target), weights @ called
    clipped = np.clip(stated, _SMALLEST, 1.0 - _SMALLEST)
    losses = -(target * np.log(clipped) + (1.0 - target) * np.log1p(-clipped))
    bins = np.eye(BINS)[_bin_of(stated)] * (target - stated)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = {
            "accuracy": (weights @ (called == target).astype(np.float64)) / total,
            "precision": true_calls / calls,
            "recall": true_calls / positives,
            "f1": 2.0 * true_calls / (calls + positives),
            "log_loss": weights @ losses / total,
            "brier": weights @ (target - stated) ** 2 / total,
            "calibration_error": np.abs(weights @ bins).sum(axis=1) / total,
        }
        return found | _ranking_metrics(ranked, weights, total, positives)


def _ranking_metrics(ranked: _Ranked, weights: Floats, total: Floats, positives: Floats) -> dict[str, Floats]:
    """Return the metrics that depend on the order alone; rows of equal probability share their places evenly."""
    true_above = np.cumsum(weights * ranked.target, axis=1)[:, ranked.last_of_tie]
    all_above = np.cumsum(weights, axis=1)[:, ranked.last_of_tie]
    true_steps, all_steps = np.diff(true_above, axis=1, prepend=0.0), np.diff(all_above, axis=1, prepend=0.0)
    false_steps = all_steps - true_steps
    pairs = (false_steps * (true_above - 0.5 * true_steps)).sum(axis=1)
    precision = np.divide(true_above, all_above, out=np.zeros_like(true_above), where=all_above > 0)
    top = total / 10.0
    taken = np.clip(top[:, None] - (all_above - all_steps), 0.0, all_steps)
    shares = np.divide(taken, all_steps, out=np.zeros_like(taken), where=all_steps > 0)
    return {
        "roc_auc": pairs / (positives * (total - positives)),
        "average_precision": (precision * true_steps).sum(axis=1) / positives,
        "top_decile_lift": ((shares * true_steps).sum(axis=1) / top) / (positives / total),
    }


def _bin_of(probabilities: Floats) -> npt.NDArray[np.intp]:
    return np.minimum((probabilities * BINS).astype(np.intp), BINS - 1)
