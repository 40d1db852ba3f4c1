"""The answers of the API that are no records of the domain yet, and what callers may see of those that are."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec

from hotcrm_ai.domain.model import ModelConfig, Revision
from hotcrm_ai.domain.performance import HealthStatus, ModelPerformanceStats

_ResultItems = msgspec.Meta(
    extra_json_schema={
        "items": {
            "anyOf": [
                {"$ref": "#/components/schemas/PredictionResponse"},
                {"$ref": "#/components/schemas/PredictionError"},
            ]
        }
    }
)


class BatchAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One result for each record of a batch, in order; a result with a ``code`` is the error of its record."""

    results: Annotated[tuple[Any, ...], _ResultItems]


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
    """Health of every active model, and the worst of them as ``status``."""

    status: HealthStatus
    models: tuple[ModelHealth, ...]


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


class LeadFailure(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Why a lead could not be scored; it was left as it was."""

    code: str
    message: str


class LeadError(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A lead that could not be scored."""

    id: str
    error: LeadFailure


_LeadItems = msgspec.Meta(
    extra_json_schema={
        "items": {"anyOf": [{"$ref": "#/components/schemas/LeadScore"}, {"$ref": "#/components/schemas/LeadError"}]}
    }
)


class LeadScores(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One result for each lead: its score, or its error."""

    results: Annotated[tuple[Any, ...], _LeadItems]


_SEVERITY = {"unhealthy": 3, "degraded": 2, "healthy": 1, "unknown": 0}


def system_health(models: tuple[ModelHealth, ...]) -> SystemHealth:
    """Join the models' health into one: the worst that any of them has; ``unknown`` only where nothing is known of any."""
    worst: HealthStatus = max((model.status for model in models), key=_SEVERITY.__getitem__, default="unknown")
    return SystemHealth(status=worst, models=models)


def no_predictions(model_id: str) -> ModelPerformanceStats:
    """Return the stats of a model that was not asked yet: zero of everything that is counted, nothing measured."""
    return ModelPerformanceStats(
        model_id=model_id,
        total_predictions=0,
        successful_predictions=0,
        failed_predictions=0,
        average_latency=None,
        median_latency=None,
        p95_latency=None,
        p99_latency=None,
        average_confidence=None,
        cache_hit_rate=0.0,
        error_rate=0.0,
        last_updated=None,
    )


def shown_model(model: ModelConfig) -> ModelConfig:
    """Return a model as callers may see it: of endpoints the host only, of the provider neither credentials nor options."""
    provider = model.provider_config
    shown = provider and msgspec.structs.replace(
        provider, endpoint=_host_only(provider.endpoint), credentials={}, config={}
    )
    return msgspec.structs.replace(model, endpoint=_host_only(model.endpoint), provider_config=shown)


def shown_revision(revision: Revision) -> Revision:
    """Return a revision as callers may see it."""
    return (
        revision if revision.config is None else msgspec.structs.replace(revision, config=shown_model(revision.config))
    )


def _host_only(endpoint: str | None) -> str | None:
    if endpoint is None:
        return None
    try:
        return urlsplit(endpoint).hostname
    except ValueError:
        return None
