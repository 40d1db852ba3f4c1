"""The answers of the API that only the server builds, and what callers may see of the registry's records."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec

from hotcrm_ai.domain.model import ModelConfig, Revision
from hotcrm_ai.domain.performance import ModelPerformanceStats

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


_LeadItems = msgspec.Meta(
    extra_json_schema={
        "items": {"anyOf": [{"$ref": "#/components/schemas/LeadScore"}, {"$ref": "#/components/schemas/RecordError"}]}
    }
)


class LeadScores(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One result for each lead: its score, or its error."""

    results: Annotated[tuple[Any, ...], _LeadItems]


_RecordItems = msgspec.Meta(
    extra_json_schema={
        "items": {
            "anyOf": [{"$ref": "#/components/schemas/RecordAnswer"}, {"$ref": "#/components/schemas/RecordError"}]
        }
    }
)


class RecordAnswers(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One result for each record: what was answered and written back, or its error."""

    results: Annotated[tuple[Any, ...], _RecordItems]


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
