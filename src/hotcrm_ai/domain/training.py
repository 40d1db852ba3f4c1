"""What a training run tells about the model it made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

_REGISTRY_NAMES: Final = {
    "accuracy": "accuracy",
    "precision": "precision",
    "recall": "recall",
    "f1": "f1_score",
    "roc_auc": "auc",
    "average_precision": "average_precision",
}


def registry_metrics(measured: Mapping[str, float]) -> dict[str, float]:
    """Return measured metrics (0-1) as the registry keeps them: rates in per cent under its names, losses as they are."""
    return {
        _REGISTRY_NAMES.get(name, name): round(100.0 * value, 4) if name in _REGISTRY_NAMES else value
        for name, value in measured.items()
    }


class Exclusion(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One column that was kept out of the model, and the evidence."""

    column: str
    kind: str
    reason: str


class TrainingReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The outcome of a training run.

    ``metrics`` are measured on held-out rows, probabilities and rates on the 0-1 scale; ``intervals`` are 95 % bootstrap intervals of
    them; ``baselines`` the same metrics of simpler models on the same rows. ``bundle_digest`` is the SHA-256 that names the
    published bundle. ``reliability`` holds groups of held-out rows of similar probability (``rows, predicted, observed, lower,
    upper``); ``gains`` says which share of all positives (``captured``) is among the best-scored ``share``, and its ``lift``.
    ``band_quality`` gives each band's ``precision`` and ``recall``; ``evidence`` the intervals of answers learned from few outcomes;
    ``champion`` the comparison with the running model on the same held-out rows; ``confusion`` counts of held-out
    rows at a probability of one half; ``partial_dependence`` the mean probability at each ``value`` of a feature, and the ``share`` of
    records there. ``monotone`` names the columns with which the probability may only rise (``+``) or fall (``-``);
    ``segments`` measures the model for each value of ``segment_column``; ``money`` says what the promised sums were worth on held-out
    rows and what ordering by expected value gains, in the unit of the value column.
    """

    model_id: str
    version: str
    feature: str
    metrics: dict[str, float]
    baselines: dict[str, dict[str, float]]
    excluded: tuple[Exclusion, ...]
    bundle_digest: str
    seconds: float
    warnings: tuple[str, ...] = ()
    intervals: dict[str, tuple[float, float]] = msgspec.field(default_factory=dict)
    status: str = "testing"
    chosen: str = ""
    choice: dict[str, float] = msgspec.field(default_factory=dict)
    rows: int = 0
    training_rows: int = 0
    held_out_rows: int = 0
    positives: int = 0
    split: str = ""
    target: str = ""
    data_fingerprint: str = ""
    columns: tuple[dict[str, Any], ...] = ()
    reliability: tuple[dict[str, float], ...] = ()
    gains: tuple[dict[str, float], ...] = ()
    importance: dict[str, float] = msgspec.field(default_factory=dict)
    bands: dict[str, float] = msgspec.field(default_factory=dict)
    band_quality: tuple[dict[str, Any], ...] = ()
    evidence: dict[str, float] = msgspec.field(default_factory=dict)
    champion: dict[str, Any] = msgspec.field(default_factory=dict)
    confusion: dict[str, int] = msgspec.field(default_factory=dict)
    partial_dependence: dict[str, tuple[dict[str, Any], ...]] = msgspec.field(default_factory=dict)
    monotone: dict[str, str] = msgspec.field(default_factory=dict)
    segment_column: str = ""
    segments: tuple[dict[str, Any], ...] = ()
    money: dict[str, Any] = msgspec.field(default_factory=dict)
    files: dict[str, str] = msgspec.field(default_factory=dict)
