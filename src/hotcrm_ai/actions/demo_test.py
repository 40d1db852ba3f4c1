"""Starts the A/B test of the demonstration, once: a later run goes on with it, or ends it for a model of another sample."""

from __future__ import annotations

from typing import Final

from hotcrm_ai.assembly import AI
from hotcrm_ai.assembly.releases import stop_experiment
from hotcrm_ai.domain.model import ABTest, ModelConfig
from hotcrm_ai.domain.training import TrainingReport

_NOTE: Final = "the demonstration compares it with the champion"
_ENDED: Final = "the demonstration tests a model of another sample now"


async def challenger_of_demo(
    ai: AI, report: TrainingReport, *, champion_id: str, traffic_percentage: float
) -> ModelConfig:
    """Return the model that is tested against the champion: the one of an earlier run where the new one is the same, file for file.

    The new copy is removed then. Tests of earlier runs with other models are ended; tests that somebody else began are left alone.
    """
    earlier = [one for one in await _running_tests(ai, champion_id) if one.id != report.model_id]
    same = next((one for one in earlier if one.bundle_digest == report.bundle_digest), None)
    for one in earlier:
        if one is not same:
            await stop_experiment(ai, one.id, reason=_ENDED)
    if same is not None:
        await ai.registry.unregister(report.model_id, note=f"the same model as {same.id}")
        return same
    test = ABTest(champion_model_id=champion_id, traffic_percentage=traffic_percentage)
    return await ai.registry.update(report.model_id, ab_test=test, status="active", note=_NOTE)


async def _running_tests(ai: AI, champion_id: str) -> list[ModelConfig]:
    """Return the challengers whose tests earlier runs began and nobody has ended."""
    return [
        one
        for one in await ai.registry.list_models(status="active")
        if one.ab_test is not None
        and one.ab_test.enabled
        and one.ab_test.traffic_percentage > 0
        and one.ab_test.champion_model_id == champion_id
        and any(revision.note == _NOTE for revision in await ai.registry.history(one.id))
    ]
