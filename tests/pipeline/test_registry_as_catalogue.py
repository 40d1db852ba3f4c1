"""The registry itself works as the catalogue of the pipeline: what it changes is seen at the next request."""

from __future__ import annotations

from hotcrm_ai.domain.model import ABTest, ModelConfig
from hotcrm_ai.pipeline.choose_model import choose_model
from hotcrm_ai.pipeline.shadow_index import ShadowIndex
from hotcrm_ai.ports.model_catalogue import NumberedCatalogue
from hotcrm_ai.registry import ModelRegistry
from hotcrm_ai.storage.memory import MemoryModelStore
from hotcrm_ai.testing import FakeClock


async def test_a_shadow_test_registered_after_the_first_request_is_seen_by_the_second() -> None:
    """No time has to pass between registering a challenger in shadow mode and its being asked along."""
    clock = FakeClock()
    registry = ModelRegistry(MemoryModelStore(), clock=clock)
    await registry.register(
        ModelConfig(id="lead-v1", status="active", provider="custom", endpoint="https://ml.example.org")
    )
    index = ShadowIndex(registry, clock=clock)
    assert isinstance(registry, NumberedCatalogue)
    assert (await choose_model(registry, "lead-v1", {}, shadow_index=index)).shadows == ()
    await registry.register(
        ModelConfig(
            id="lead-v2",
            status="testing",
            provider="custom",
            endpoint="https://ml.example.org",
            ab_test=ABTest(champion_model_id="lead-v1", mode="shadow"),
        )
    )
    choice = await choose_model(registry, "lead-v1", {}, shadow_index=index)
    assert [model.id for model in choice.shadows] == ["lead-v2"]
