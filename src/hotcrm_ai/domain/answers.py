"""What the HTTP server answers where that is no record of its own elsewhere; its clients read the same records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Generic, TypeVar

import msgspec

from hotcrm_ai.domain.performance import HealthStatus

ItemT = TypeVar("ItemT")
_SEVERITY: Final[dict[HealthStatus, int]] = {"unknown": 0, "healthy": 1, "degraded": 2, "unhealthy": 3}


class Page(msgspec.Struct, Generic[ItemT], frozen=True, kw_only=True, rename="camel"):
    """One page of a list; ``next`` is None on the last one."""

    items: tuple[ItemT, ...]
    next: str | None = None


class Accepted(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An outcome was taken, and joined with so many predictions of the log."""

    joined: int


class Cleared(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """So many cached answers were forgotten."""

    cleared: int


class Removed(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A model was removed; its history stays."""

    removed: str


class Alive(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The server can answer at all, or (``ready``) can answer predictions."""

    status: str


class ModelHealth(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Health of one model over the health window (five minutes by default); ``samples`` counts fresh calls."""

    model_id: str
    status: HealthStatus
    reason: str | None
    samples: int


class SystemHealth(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Health of every active model, and the worst of them as ``status``; ``notes`` are what an operator should know of the installation."""

    status: HealthStatus
    models: tuple[ModelHealth, ...]
    notes: tuple[str, ...] = ()

    @classmethod
    def worst_of(cls, models: Iterable[ModelHealth], *, notes: tuple[str, ...]) -> SystemHealth:
        """Join the models' health into one: the worst that any of them has; ``unknown`` only where nothing is known of any."""
        told = tuple(models)
        worst: HealthStatus = max((model.status for model in told), key=_SEVERITY.__getitem__, default="unknown")
        return cls(status=worst, models=told, notes=notes)


class ContributionShown(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One of a score's main reasons."""

    feature: str
    value: Any
    contribution: float


class LeadScore(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A lead's score as it was written back to the CRM, with its reasons."""

    id: str
    score: float
    class_: str = msgspec.field(name="class")
    confidence: float | None
    explanation: str
    top_features: tuple[ContributionShown, ...]
    processing_time: float
    cached: bool
    model_id: str
    model_version: str
    variant: str
    prediction_id: str


class RecordAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a model answered about a record of the CRM, as it was written back to it, with its reasons."""

    id: str
    prediction: dict[str, Any]
    confidence: float | None
    explanation: str
    top_features: tuple[ContributionShown, ...]
    processing_time: float
    cached: bool
    model_id: str
    model_version: str
    variant: str
    prediction_id: str
    warnings: tuple[str, ...] = ()


class RecordFailure(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Why a record could not be answered for; it was left as it was."""

    code: str
    message: str


class RecordError(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A record that could not be answered for."""

    id: str
    error: RecordFailure
