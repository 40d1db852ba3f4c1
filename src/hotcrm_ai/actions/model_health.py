"""Says whether each active model can answer now, and how it did lately."""

from __future__ import annotations

import asyncio
from typing import Final

from hotcrm_ai.assembly import AI
from hotcrm_ai.assembly.inspection import provider_problem, verify_files
from hotcrm_ai.domain.answers import ModelHealth, SystemHealth
from hotcrm_ai.domain.errors import HotCRMAIError
from hotcrm_ai.domain.model import ModelConfig

_AT_ONCE: Final = 8
"""Models that are looked at together: one after the other, those whose providers are away would make the others wait."""


async def check_models(ai: AI) -> SystemHealth:
    """Ask every active model's provider, check the files of local ones, and judge the calls of all processes in the health window.

    ``unhealthy``: the model cannot answer, or too many calls failed. ``degraded``: its fresh answers were slower than the threshold, or
    some calls failed. ``unknown``: it could answer, but nobody asked in that window.

    Raises:
        StorageError: the workspace database failed.
    """
    active = await ai.registry.list_models(status="active")
    free = asyncio.Semaphore(_AT_ONCE)

    async def check(model: ModelConfig) -> ModelHealth:
        async with free:
            return await _check(ai, model)

    return SystemHealth.worst_of(await asyncio.gather(*map(check, active)), notes=ai.notes)


async def _check(ai: AI, model: ModelConfig) -> ModelHealth:
    health = await ai.monitor.get_health_status(model.id)
    problem = await _cannot_answer(ai, model)
    if problem is not None:
        return ModelHealth(model_id=model.id, status="unhealthy", reason=problem, samples=health.samples)
    return ModelHealth(model_id=model.id, status=health.status, reason=health.reason, samples=health.samples)


async def _cannot_answer(ai: AI, model: ModelConfig) -> str | None:
    try:
        await verify_files(ai.settings, model)
    except HotCRMAIError as problem:
        return problem.message
    return await provider_problem(ai, model, ask=True)
