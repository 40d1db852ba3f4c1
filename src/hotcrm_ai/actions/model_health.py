"""Says whether each active model can answer now, and how it did lately."""

from __future__ import annotations

from typing import Final

import msgspec

from hotcrm_ai.assembly import AI
from hotcrm_ai.assembly.inspection import verify_files
from hotcrm_ai.domain.errors import HotCRMAIError
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.performance import HealthStatus

_SEVERITY: Final[dict[HealthStatus, int]] = {"unknown": 0, "healthy": 1, "degraded": 2, "unhealthy": 3}


class CheckedModel(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The health of one model; ``samples`` counts its fresh calls in the window."""

    model_id: str
    status: HealthStatus
    reason: str | None
    samples: int


class CheckedModels(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The health of every active model, and the worst of it as ``status``; ``notes``: what an operator should know of the installation."""

    status: HealthStatus
    models: tuple[CheckedModel, ...]
    notes: tuple[str, ...] = ()


async def check_models(ai: AI) -> CheckedModels:
    """Ask every active model's provider, check the files of local ones, and judge the calls of all processes in the health window.

    ``unhealthy``: the model cannot answer, or too many calls failed. ``degraded``: its fresh answers were slower than the threshold, or
    some calls failed. ``unknown``: it could answer, but nobody asked in that window.

    Raises:
        StorageError: the workspace database failed.
    """
    active = await ai.registry.list_models(status="active")
    models = [await _check(ai, model) for model in active]
    statuses: list[HealthStatus] = [model.status for model in models]
    worst: HealthStatus = max(statuses, key=_SEVERITY.__getitem__, default="unknown")
    return CheckedModels(status=worst, models=tuple(models), notes=ai.notes)


async def _check(ai: AI, model: ModelConfig) -> CheckedModel:
    health = await ai.monitor.get_health_status(model.id)
    problem = await _cannot_answer(ai, model)
    if problem is not None:
        return CheckedModel(model_id=model.id, status="unhealthy", reason=problem, samples=health.samples)
    return CheckedModel(model_id=model.id, status=health.status, reason=health.reason, samples=health.samples)


async def _cannot_answer(ai: AI, model: ModelConfig) -> str | None:
    try:
        await verify_files(ai.settings, model)
        provider = ai.providers.for_model(model)
        await provider.validate()
        found = await provider.health_check()
    except HotCRMAIError as problem:
        return problem.message
    return None if found.healthy else found.error or "The provider's own health check failed"
