"""What models are measured at: the names and units that people read, and the scale on which the registry keeps each.

People read one scale on every surface: shares of records in per cent with the sign, and everything else, such as ROC-AUC and losses, as the
number between 0 and 1 (or above) that its definition gives, so that 0.876 and 87.6 % cannot be taken for one another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

KEPT_OF_100: Final = frozenset({"accuracy", "precision", "recall", "f1_score", "auc", "average_precision"})
"""The metrics that the registry and the API keep from 0 to 100; a training report has them from 0 to 1."""

NOT_TOLD: Final = frozenset({"ndcg_shortfall_at_10"})
"""Another metric says the same; this one is there because losses are compared."""

_MEASURED_AS: Final = {"auc": "roc_auc", "f1_score": "f1"}


class Metric(msgspec.Struct, frozen=True):
    """How a metric is told: its name, whether more is better, the factor and the unit for people, and decimals."""

    title: str
    more_is_better: bool
    factor: float = 1.0
    unit: str = ""
    decimals: int = 3

    def text(self, value: float | None, *, decimals: int | None = None) -> str:
        """Return a value of a training report for people, a dash where there is none; ``decimals`` are those of what has no unit."""
        if value is None:
            return "–"
        places = self.decimals if decimals is None or self.unit else decimals
        return f"{self.factor * value:,.{places}f}{self.unit}".replace("-", "−")


METRICS: Final[Mapping[str, Metric]] = {
    "roc_auc": Metric("ROC-AUC", True),
    "accuracy": Metric("Right answers", True, 100.0, " %", 1),
    "precision": Metric("Precision (right among those called)", True, 100.0, " %", 1),
    "recall": Metric("Recall (found of all there are)", True, 100.0, " %", 1),
    "f1": Metric("F1", True),
    "average_precision": Metric("Average precision", True),
    "top_decile_lift": Metric("Lift of the best tenth", True, 1.0, " ×", 2),
    "log_loss": Metric("Log loss", False),
    "brier": Metric("Brier score", False),
    "calibration_error": Metric("Calibration error", False),
    "mase": Metric("Error against the naive guess (MASE)", False, 1.0, "", 2),
    "smape": Metric("Mean error (sMAPE)", False, 1.0, " %", 1),
    "coverage": Metric("Inside the 80 % interval", True, 100.0, " %", 1),
    "ndcg_at_10": Metric("Order of the first ten (NDCG)", True),
    "recall_at_10": Metric("Bought and in the first ten", True, 100.0, " %", 1),
    "hit_rate_at_10": Metric("Baskets with a hit in ten", True, 100.0, " %", 1),
    "coverage_at_10": Metric("Products ever offered", True, 100.0, " %", 1),
}


OF_SERIES_AND_PRODUCTS: Final = (
    "mase", "smape", "coverage", "ndcg_at_10", "recall_at_10", "hit_rate_at_10", "coverage_at_10",
)  # fmt: skip
"""What only forecasts and recommendations are measured at."""


def metric_of(name: str) -> Metric:
    """Return how a metric is told, by its name in a training report; one that is not known has its name in words."""
    return METRICS.get(name) or Metric(name.replace("_", " ").strip().capitalize(), more_is_better=True)


def measured_metrics(kept: Mapping[str, float]) -> dict[str, float]:
    """Return the registry's metrics under the names and on the scale of a training report."""
    return {
        _MEASURED_AS.get(name, name): value / 100.0 if name in KEPT_OF_100 else value for name, value in kept.items()
    }
