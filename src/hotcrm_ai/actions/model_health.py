"""Says whether each active model can answer now, and how it did lately."""

from __future__ import annotations

from hotcrm_ai.assembly import AI
from hotcrm_ai.assembly.inspection import verify_files
from hotcrm_ai.domain.answers import ModelHealth, SystemHealth
from hotcrm_ai.domain.errors import HotCRMAIError
from hotcrm_ai.domain.model import ModelConfig


async def check_models(ai: AI) -> SystemHealth:
    """Ask every active model's provider, check the files of local ones, and judge the calls of all processes in the health window.

    ``unhealthy``: the model cannot answer, or too many calls failed. ``degraded``: its fresh answers were slower than the threshold, or
    some calls failed. ``unknown``: it could answer, but nobody asked in that window.

    Raises:
        StorageError: the workspace database failed.
    """
    active = await ai.registry.list_models(status="active")
    return SystemHealth.worst_of([await _check(ai, model) for model in active], notes=ai.notes)


async def _check(ai: AI, model: ModelConfig) -> ModelHealth:
    health = await ai.monitor.get_health_status(model.id)
    problem = await _cannot_answer(ai, model)
    if problem is not None:
        return ModelHealth(model_id=model.id, status="unhealthy", reason=problem, samples=health.samples)
    return ModelHealth(model_id=model.id, status=health.status, reason=health.reason, samples=health.samples)


async def _cannot_answer(ai: AI, model: ModelConfig) -> str | None:
    try:
        await verify_files(ai.settings, model)
        provider = ai.providers.for_model(model)
        await provider.validate()
        found = await provider.health_check()
    except HotCRMAIError as problem:
        return problem.message
    return None if found.healthy else found.error or "The provider's own health check failed"
