"""Says whether each active model can answer now, and how its latency was lately."""

from __future__ import annotations

from typing import Final

import msgspec

from hotcrm_ai.assembly import AI
from hotcrm_ai.assembly.inspection import LoggedStats, logged_stats, verify_files
from hotcrm_ai.domain.errors import HotCRMAIError
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.performance import HealthStatus

_SEVERITY: Final[dict[HealthStatus, int]] = {"unknown": 0, "healthy": 1, "degraded": 2, "unhealthy": 3}


class CheckedModel(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The health of one model; ``samples`` counts its fresh answers in the window."""

    model_id: str
    status: HealthStatus
    reason: str | None
    samples: int


class CheckedModels(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The health of every active model, and the worst of it as ``status``."""

    status: HealthStatus
    models: tuple[CheckedModel, ...]


async def check_models(ai: AI) -> CheckedModels:
    """Ask every active model's provider, check the files of local ones, and judge latency by the prediction log.

    ``unhealthy``: the model cannot answer. ``degraded``: its fresh answers of the health window were slower than the threshold.
    ``unknown``: it could answer, but nobody asked in that window.

    Raises:
        StorageError: the workspace database failed.
    """
    active = await ai.registry.list_models(status="active")
    recent = {
        stats.model_id: stats for stats in await logged_stats(ai, window_seconds=ai.settings.health_window_seconds)
    }
    models = [await _check(ai, model, recent.get(model.id)) for model in active]
    statuses: list[HealthStatus] = [model.status for model in models]
    return CheckedModels(status=max(statuses, key=_SEVERITY.__getitem__, default="unknown"), models=tuple(models))


async def _check(ai: AI, model: ModelConfig, recent: LoggedStats | None) -> CheckedModel:
    samples = recent.fresh_predictions if recent is not None else 0
    problem = await _cannot_answer(ai, model)
    if problem is not None:
        return CheckedModel(model_id=model.id, status="unhealthy", reason=problem, samples=samples)
    if recent is None or recent.fresh_p95_latency is None:
        return CheckedModel(model_id=model.id, status="unknown", reason="No recent predictions", samples=0)
    if recent.fresh_p95_latency > ai.settings.health_degraded_p95_ms:
        reason = f"High latency: P95 = {recent.fresh_p95_latency:.0f}ms"
        return CheckedModel(model_id=model.id, status="degraded", reason=reason, samples=samples)
    return CheckedModel(model_id=model.id, status="healthy", reason=None, samples=samples)


async def _cannot_answer(ai: AI, model: ModelConfig) -> str | None:
    try:
        await verify_files(ai.settings, model)
        provider = ai.providers.for_model(model)
        await provider.validate()
        found = await provider.health_check()
    except HotCRMAIError as problem:
        return problem.message
    return None if found.healthy else found.error or "The provider's own health check failed"
