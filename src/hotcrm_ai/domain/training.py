"""What a training run tells about the model it made."""

from __future__ import annotations

from typing import Any

import msgspec


class Exclusion(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One column that was kept out of the model, and the evidence."""

    column: str
    kind: str
    reason: str


class TrainingReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The outcome of a training run.

    ``metrics`` are measured on held-out rows, probabilities and rates on the 0-1 scale; ``intervals`` are 95 % bootstrap intervals of
    them; ``baselines`` the same metrics of simpler models on the same rows. ``bundle_digest`` is the SHA-256 that names the
    published bundle.
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
    data_fingerprint: str = ""
    columns: tuple[dict[str, Any], ...] = ()
    reliability: tuple[dict[str, float], ...] = ()
    importance: dict[str, float] = msgspec.field(default_factory=dict)
    bands: dict[str, float] = msgspec.field(default_factory=dict)
    files: dict[str, str] = msgspec.field(default_factory=dict)
