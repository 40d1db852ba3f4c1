"""Requests about models and A/B tests: what there is, and changes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from hotcrm_ai.client.request import (
    Request,
    condition_of,
    get,
    given,
    json_bytes,
    pages,
    post,
    record_reader,
    segment,
)
from hotcrm_ai.domain.answers import ModelHealth, Page, Removed
from hotcrm_ai.domain.drift import DriftReport
from hotcrm_ai.domain.experiment import ExperimentReport
from hotcrm_ai.domain.explanation import FeatureImportance
from hotcrm_ai.domain.model import ModelConfig, ModelStatus, ModelType, Revision
from hotcrm_ai.domain.performance import ModelPerformanceStats
from hotcrm_ai.domain.spending import ModelUsage

_KEPT_BY_THE_REGISTRY = frozenset({"revision", "metricsSource", "metrics_source", "promotedAt", "promoted_at"})


def list_models(type: ModelType | None = None, status: ModelStatus | None = None) -> Request[Page[ModelConfig]]:  # noqa: A002
    """Go through the models in order of id, all or those of a type or status."""
    return pages("/v1/models", ModelConfig, type=type, status=status)


def get_model(model_id: str) -> Request[ModelConfig]:
    """Show one model; raises ``ModelNotFound``."""
    return get(_path(model_id), ModelConfig)


def register(
    config: ModelConfig | Mapping[str, Any], *, reason: str | None = None, if_revision: int | None = None
) -> Request[ModelConfig]:
    """Register a model, or replace the one of that id; with ``if_revision`` only that revision (0: only where there is none).

    Of a ``ModelConfig`` what differs from the defaults is sent, and neither its revision nor where its metrics come from.
    """
    fields = _changed_fields(config) if isinstance(config, ModelConfig) else dict(config)
    body = fields | given(reason=reason)
    return post("/v1/models", record_reader(ModelConfig), body, if_revision=if_revision)


def update(
    model_id: str,
    *,
    reason: str | None = None,
    anyway: bool = False,
    if_revision: int | None = None,
    **changes: Any,
) -> Request[ModelConfig]:
    """Change fields of a model; each is replaced as a whole, None empties it.

    Raises:
        StaleRevision: with ``if_revision``, when the model is at another one.
        PromotionRefused: the figures do not speak for letting it answer; ``anyway`` does it in spite of them.
    """
    body = changes | given(reason=reason) | ({"anyway": True} if anyway else {})
    return Request(
        method="PATCH",
        path=_path(model_id),
        read=record_reader(ModelConfig),
        repeats="never",
        body=json_bytes(body),
        headers=condition_of(if_revision),
    )


def update_status(
    model_id: str,
    status: ModelStatus,
    *,
    reason: str | None = None,
    anyway: bool = False,
    if_revision: int | None = None,
) -> Request[ModelConfig]:
    """Give a model another status; the errors are those of ``update``."""
    return update(model_id, status=status, reason=reason, anyway=anyway, if_revision=if_revision)


def unregister(model_id: str, *, reason: str | None = None, if_revision: int | None = None) -> Request[str]:
    """Remove a model, whose history stays, and return its id; raises ``ModelInUse`` where a test or a fallback needs it."""
    read: Callable[[bytes], Removed] = record_reader(Removed)
    return Request(
        method="DELETE",
        path=_path(model_id),
        read=lambda body: read(body).removed,
        repeats="never",
        query={"reason": reason},
        headers=condition_of(if_revision),
    )


def promote_model(
    model_id: str, *, reason: str, anyway: bool = False, if_revision: int | None = None
) -> Request[ModelConfig]:
    """Let a model answer, as the champion of its AI feature; raises ``PromotionRefused`` unless its figures speak for it or ``anyway``."""
    body = {"reason": reason, "anyway": anyway}
    return post(f"{_path(model_id)}/promote", record_reader(ModelConfig), body, if_revision=if_revision)


def roll_back(
    model_id: str, *, reason: str, to: int | None = None, if_revision: int | None = None
) -> Request[ModelConfig]:
    """Make an earlier revision of a model the present one: ``to``, or the newest that was active and answered differently."""
    body = {"reason": reason, **given(revision=to)}
    return post(f"{_path(model_id)}/rollback", record_reader(ModelConfig), body, if_revision=if_revision)


def history(model_id: str) -> Request[Page[Revision]]:
    """Go through the revisions of a model, oldest first; a removed model has them still."""
    return pages(f"{_path(model_id)}/history", Revision)


def importance(model_id: str) -> Request[Page[FeatureImportance]]:
    """Go through the features of a model by how much they matter, the largest first."""
    return pages(f"{_path(model_id)}/importance", FeatureImportance)


def drift(model_id: str, *, window: float | None = None) -> Request[DriftReport]:
    """Say how far what a model was asked in the last ``window`` seconds (a week) has moved from its training."""
    return get(f"{_path(model_id)}/drift", DriftReport, window=window)


def stats_of(model_id: str, *, window: float | None = None) -> Request[ModelPerformanceStats]:
    """Show counts, latencies and rates of one model, since start or over the last ``window`` seconds."""
    return get(f"{_path(model_id)}/stats", ModelPerformanceStats, window=window)


def health_of(model_id: str) -> Request[ModelHealth]:
    """Show the health of one model."""
    return get(f"{_path(model_id)}/health", ModelHealth)


def usage_of(model_id: str, *, days: int = 1) -> Request[Page[ModelUsage]]:
    """Go through the tokens and the money that one language model used, the latest day first."""
    return pages(f"{_path(model_id)}/usage", ModelUsage, days=days)


def list_experiments() -> Request[Page[ExperimentReport]]:
    """Go through the A/B tests in order of id, which is that of the challenger."""
    return pages("/v1/experiments", ExperimentReport)


def report(experiment_id: str) -> Request[ExperimentReport]:
    """Show one A/B test with its arms and what its outcomes say; raises ``ModelNotFound``."""
    return get(f"/v1/experiments/{segment(experiment_id)}", ExperimentReport)


def promote(
    experiment_id: str, *, reason: str, anyway: bool = False, if_revision: int | None = None
) -> Request[ExperimentReport]:
    """End an A/B test in favour of the challenger; raises ``PromotionRefused`` unless the outcomes speak for it or ``anyway`` is said."""
    body = {"reason": reason, "anyway": anyway}
    path = f"/v1/experiments/{segment(experiment_id)}/promote"
    return post(path, record_reader(ExperimentReport), body, if_revision=if_revision)


def stop(experiment_id: str, *, reason: str, if_revision: int | None = None) -> Request[ExperimentReport]:
    """End an A/B test in favour of the champion."""
    path = f"/v1/experiments/{segment(experiment_id)}/stop"
    return post(path, record_reader(ExperimentReport), {"reason": reason}, if_revision=if_revision)


def _path(model_id: str) -> str:
    return f"/v1/models/{segment(model_id)}"


def _changed_fields(config: ModelConfig) -> dict[str, Any]:
    usual: dict[str, Any] = msgspec.to_builtins(ModelConfig(id=config.id))
    fields: dict[str, Any] = msgspec.to_builtins(config)
    return {
        name: value
        for name, value in fields.items()
        if name not in _KEPT_BY_THE_REGISTRY and (name == "id" or value != usual[name])
    }
