"""What the demonstration found, as one record for people and machines."""

from __future__ import annotations

from typing import Any

import msgspec

from hotcrm_ai.domain.experiment import ExperimentReport
from hotcrm_ai.domain.explanation import Explanation
from hotcrm_ai.domain.performance import CacheStats, Health, ModelPerformanceStats
from hotcrm_ai.domain.training import TrainingReport


class DemoStage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One step of the demonstration: what was done, and in how many seconds."""

    title: str
    seconds: float


class SampleSummary(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The sample CRM: where it is, whether it was made in this run, rows per table."""

    place: str
    created: bool
    rows: dict[str, int]


class QualitySummary(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Held-out quality beside the best that any model could reach on the same leads, which only the sample's maker knows.

    ``reached`` is the model's part (0-1) of the way from knowing nothing to knowing all that can be known.
    """

    leads: int
    best_possible: dict[str, float]
    reached: dict[str, float]


class ScoredLead(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One lead to call: who it is, and what was written back to its record."""

    id: str
    name: str
    company: str | None
    score: float
    class_: str = msgspec.field(name="class")
    confidence: float | None
    variant: str
    top_features: tuple[dict[str, Any], ...]


class ScoringSummary(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How many open leads were scored and written back, per class; ``again`` were asked a second time, to be met by the cache."""

    open_leads: int
    scored: int
    failed: int
    classes: dict[str, int]
    simulated_outcomes: int
    again: int


class LeadExplanation(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Why one lead has its score, and the files that hold its features and the picture."""

    lead_id: str
    explanation: Explanation
    features_file: str
    picture: str | None


class DemoReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Everything that the demonstration shows."""

    home: str
    crm: SampleSummary
    training: TrainingReport
    quality: QualitySummary | None
    scoring: ScoringSummary
    experiment: ExperimentReport
    call_first: tuple[ScoredLead, ...]
    explained: LeadExplanation
    performance: dict[str, ModelPerformanceStats]
    health: dict[str, Health]
    cache: CacheStats
    stages: tuple[DemoStage, ...]
    titles: dict[str, str]
    seconds: float
