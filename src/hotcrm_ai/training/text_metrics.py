"""Measures the moods that a text model states against those that people gave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from hotcrm_ai.training.metrics import Measured

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.intp]

BINS: Final = 10
_RESAMPLES: Final = 500
_SMALLEST: Final = 1e-15


def mood_metrics(target: Whole, probabilities: Floats, classes: Sequence[str]) -> dict[str, float]:
    """Return accuracy, the means over the moods of precision, recall and F1 (and F1 of each), log loss, Brier score, calibration error.

    The mood that counts is the most probable one; the calibration error compares its probability with how often it is right, in ten
    bins of equal width; the Brier score is the mean over moods.
    """
    rows, width = np.arange(len(target)), probabilities.shape[1]
    called = probabilities.argmax(axis=1)
    confusion = np.bincount(target * width + called, minlength=width * width).reshape(width, width).astype(np.float64)
    hits, given, stated = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    each_f1 = 2.0 * hits / np.maximum(given + stated, 1.0)
    top = probabilities.max(axis=1)
    gaps = np.bincount(
        np.minimum((top * BINS).astype(np.intp), BINS - 1), weights=(called == target) - top, minlength=BINS
    )
    truth = np.zeros_like(probabilities)
    truth[rows, target] = 1.0
    return {
        "accuracy": float(hits.sum() / len(target)),
        "precision": float(np.mean(hits / np.maximum(stated, 1.0))),
        "recall": float(np.mean(hits / np.maximum(given, 1.0))),
        "f1": float(each_f1.mean()),
        **{f"f1_{mood}": float(value) for mood, value in zip(classes, each_f1, strict=True)},
        "log_loss": float(-np.log(np.clip(probabilities[rows, target], _SMALLEST, None)).mean()),
        "brier": float(((probabilities - truth) ** 2).mean()),
        "calibration_error": float(np.abs(gaps).sum() / len(target)),
    }


def measure_moods(target: Whole, probabilities: Floats, classes: Sequence[str], *, seed: int) -> Measured:
    """Return all metrics with 95 % intervals from resampling rows."""
    random = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {}
    for _ in range(_RESAMPLES):
        rows = random.integers(len(target), size=len(target))
        for name, value in mood_metrics(target[rows], probabilities[rows], classes).items():
            drawn.setdefault(name, []).append(value)
    intervals = {name: tuple(np.quantile(values, [0.025, 0.975]).tolist()) for name, values in drawn.items()}
    return Measured(
        values=mood_metrics(target, probabilities, classes),
        intervals={name: (low, high) for name, (low, high) in intervals.items()},
    )
