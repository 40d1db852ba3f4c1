"""Puts what a model was measured at beside its baselines and real life, in a table and in one figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from hotcrm_ai.domain.live_quality import LiveQuality
from hotcrm_ai.domain.metric import METRICS, NOT_TOLD, measured_metrics, metric_of
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.local_models.manifest import Manifest

_BASELINES: Final = {
    "majority": "Always the same answer",
    "naive_bayes": "Naive Bayes",
    "naive": "Like the last value",
    "seasonal_naive": "Like a year before",
    "popularity": "Most bought",
    "accounts_alike": "Accounts alike",
    "lexicon": "Word list",
}
_LIVE: Final[Mapping[str, tuple[str, float]]] = {
    "roc_auc": ("auc", 0.01),
    "accuracy": ("accuracy", 0.01),
    "brier": ("brier", 1.0),
    "calibration_error": ("calibration_error", 1.0),
    "top_decile_lift": ("top_decile_lift", 1.0),
}
"""The field of live quality for a metric, and the factor that brings it to the scale of held-out figures."""

_HEADLINES: Final = ("roc_auc", "accuracy", "ndcg_at_10", "mase")


class QualityRow(msgspec.Struct, frozen=True, kw_only=True):
    """One metric: on held-out rows with its interval, on real records, and of each baseline."""

    title: str
    held_out: str
    interval: str | None
    live: str
    baselines: tuple[str, ...]
    more_is_better: bool | None


class QualityTable(msgspec.Struct, frozen=True, kw_only=True):
    """The rows, and the headings of their baselines."""

    rows: tuple[QualityRow, ...]
    baselines: tuple[str, ...]
    has_live: bool


def quality_table(model: ModelConfig, manifest: Manifest | None, live: LiveQuality | None) -> QualityTable:
    """Return what a model is worth: from its files where it has some, else as the registry says."""
    if manifest is None:
        values: Mapping[str, float] = measured_metrics(model.metrics)
        baselines: Mapping[str, Mapping[str, float]] = {}
        intervals: Mapping[str, tuple[float, float]] = {}
    else:
        values, baselines, intervals = manifest.metrics, manifest.baselines, manifest.intervals
    known = [name for name in METRICS if name in values]
    others = sorted(set(values) - set(METRICS) - NOT_TOLD)
    rows = tuple(_row(name, values, baselines, intervals, live) for name in (*known, *others))
    return QualityTable(
        rows=rows,
        baselines=tuple(_BASELINES.get(name, words_of(name)) for name in baselines),
        has_live=any(row.live != "–" for row in rows),
    )


def headline_of(model: ModelConfig) -> str:
    """Return the one figure that stands for a model in a list."""
    values = measured_metrics(model.metrics)
    for name in _HEADLINES:
        if name in values:
            metric = METRICS[name]
            return f"{metric.title.split(' (')[0]} {metric.text(values[name])}"
    return "not measured"


def words_of(name: str) -> str:
    """Return a name of the code as words: ``naive_bayes`` as ``Naive bayes``."""
    return name.replace("_", " ").strip().capitalize()


def _row(
    name: str,
    values: Mapping[str, float],
    baselines: Mapping[str, Mapping[str, float]],
    intervals: Mapping[str, Sequence[float]],
    live: LiveQuality | None,
) -> QualityRow:
    known, metric = METRICS.get(name), metric_of(name)
    bounds = intervals.get(name)
    return QualityRow(
        title=metric.title,
        held_out=metric.text(values[name]),
        interval=None if bounds is None else f"{metric.text(bounds[0])} to {metric.text(bounds[1])}",
        live=metric.text(_live(name, live)),
        baselines=tuple(metric.text(baseline.get(name)) for baseline in baselines.values()),
        more_is_better=None if known is None else known.more_is_better,
    )


def _live(name: str, live: LiveQuality | None) -> float | None:
    if live is None or name not in _LIVE:
        return None
    field, factor = _LIVE[name]
    value = getattr(live, field)
    return None if value is None else factor * float(value)
