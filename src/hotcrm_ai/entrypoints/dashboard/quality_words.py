"""Names, units and directions of what models are measured at, and the table that puts a model beside its baselines and real life."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from hotcrm_ai.domain.live_quality import LiveQuality
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.entrypoints.dashboard.rendering import number_text
from hotcrm_ai.local_models.manifest import Manifest


class Metric(msgspec.Struct, frozen=True):
    """How a metric is told: its name, whether more is better, the factor and the unit for people, and decimals."""

    title: str
    more_is_better: bool
    factor: float = 1.0
    unit: str = ""
    decimals: int = 3

    def text(self, value: float | None) -> str:
        """Return a value for people."""
        return "–" if value is None else number_text(self.factor * value, self.decimals) + self.unit


METRICS: Final[Mapping[str, Metric]] = {
    "roc_auc": Metric("ROC-AUC", True, 100.0, "", 1),
    "accuracy": Metric("Right answers", True, 100.0, " %", 1),
    "precision": Metric("Right among those called", True, 100.0, " %", 1),
    "recall": Metric("Found of all there are", True, 100.0, " %", 1),
    "f1": Metric("F1", True, 100.0, "", 1),
    "average_precision": Metric("Average precision", True, 100.0, "", 1),
    "top_decile_lift": Metric("Lift of the best tenth", True, 1.0, " ×", 2),
    "log_loss": Metric("Log loss", False),
    "brier": Metric("Brier score", False),
    "calibration_error": Metric("Calibration error", False),
    "mase": Metric("Error against the naive guess (MASE)", False, 1.0, "", 2),
    "smape": Metric("Mean error (sMAPE)", False, 1.0, " %", 1),
    "coverage": Metric("Inside the 80 % interval", True, 100.0, " %", 1),
    "ndcg_at_10": Metric("Order of the first ten (NDCG)", True, 100.0, "", 1),
    "recall_at_10": Metric("Bought and in the first ten", True, 100.0, " %", 1),
    "hit_rate_at_10": Metric("Baskets with a hit in ten", True, 100.0, " %", 1),
    "coverage_at_10": Metric("Products ever offered", True, 100.0, " %", 1),
}
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

_REGISTRY: Final = {"auc": "roc_auc", "f1_score": "f1"}
_PER_CENT: Final = frozenset({"accuracy", "precision", "recall", "f1_score", "auc", "average_precision"})
_HEADLINES: Final = ("auc", "accuracy", "ndcg_at_10", "mase")


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
        values = {_REGISTRY.get(name, name): _share(name, value) for name, value in model.metrics.items()}
        baselines: Mapping[str, Mapping[str, float]] = {}
        intervals: Mapping[str, tuple[float, float]] = {}
    else:
        values, baselines, intervals = manifest.metrics, manifest.baselines, manifest.intervals
    known = [name for name in METRICS if name in values]
    others = sorted(set(values) - set(METRICS) - {"ndcg_shortfall_at_10"})
    rows = tuple(_row(name, values, baselines, intervals, live) for name in (*known, *others))
    return QualityTable(
        rows=rows,
        baselines=tuple(_BASELINES.get(name, words_of(name)) for name in baselines),
        has_live=any(row.live != "–" for row in rows),
    )


def headline_of(model: ModelConfig) -> str:
    """Return the one figure that stands for a model in a list."""
    for name in _HEADLINES:
        if name in model.metrics:
            metric = METRICS[_REGISTRY.get(name, name)]
            return f"{metric.title.split(' (')[0]} {metric.text(_share(name, model.metrics[name]))}"
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
    known = METRICS.get(name)
    metric = known or Metric(words_of(name), more_is_better=True)
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


def _share(name: str, value: float) -> float:
    return value / 100.0 if name in _PER_CENT else value
