"""Says which model is going to answer, before anything is written, and which ones have answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI
    from hotcrm_ai.domain.model import ModelConfig


async def announced(ai: AI, feature: str, model_id: str) -> list[str]:
    """Return what there is to say of a model that is about to be asked; nothing where there is no such model."""
    model = await ai.registry.get_model(model_id)
    if model is None:
        return []
    is_champion = await ai.registry.champion(feature) == model_id
    first = f"asking {model_id} {model.version}" + (f", the champion of {feature}" if is_champion else "")
    return [f"{first}{_own_test(model)}.", *[_test_against(model_id, one) for one in await _challengers(ai, model_id)]]


def answered_by(results: Sequence[Mapping[str, Any]]) -> str:
    """Say which models answered how many records, where there were several; nothing for one."""
    counts = Counter(f"{result['modelId']} {result['modelVersion']}" for result in results)
    if len(counts) < 2:
        return ""
    return ", ".join(f"{count:,} by {model}" for model, count in sorted(counts.items())) + "."


def _own_test(model: ModelConfig) -> str:
    test = model.ab_test
    if test is None or not test.enabled:
        return ""
    if test.mode == "shadow":
        return f"; it is in a shadow test, so {test.champion_model_id} answers and {model.id} is only asked along"
    return f"; it is in an A/B test, so it answers {test.traffic_percentage:g} % of the records and {test.champion_model_id} the others"


def _test_against(model_id: str, challenger: str) -> str:
    return (
        f"{challenger} is in an A/B test against {model_id}, but these answers are all of {model_id}; with --model {challenger} the test "
        "decides who answers."
    )


async def _challengers(ai: AI, model_id: str) -> list[str]:
    """Return the models that may answer and are under a running split test against this one."""
    return [
        model.id
        for model in await ai.registry.list_models(status="active")
        if model.ab_test is not None
        and model.ab_test.enabled
        and model.ab_test.mode == "split"
        and model.ab_test.champion_model_id == model_id
    ]
