"""The index of shadow tests is as new as the catalogue that it reads."""

from __future__ import annotations

from typing import Any

from hotcrm_ai.domain.model import ABTest, ModelConfig
from hotcrm_ai.pipeline.shadow_index import ShadowIndex
from hotcrm_ai.testing import FakeCatalogue, FakeClock

CHALLENGER = ModelConfig(id="lead-v2", status="testing", ab_test=ABTest(champion_model_id="lead-v1", mode="shadow"))


class Unnumbered:
    """A catalogue that does not tell when it changed, and counts how often it is listed."""

    def __init__(self, catalogue: FakeCatalogue) -> None:
        self.catalogue = catalogue
        self.listed = 0

    async def get_model(self, id: str) -> ModelConfig | None:  # noqa: A002
        return await self.catalogue.get_model(id)

    async def list_models(self, type: Any = None, status: Any = None) -> list[ModelConfig]:  # noqa: A002
        self.listed += 1
        return await self.catalogue.list_models(type, status)


async def test_a_catalogue_without_generations_is_read_twice_a_second() -> None:
    """Between two readings half a second passes, however many requests come, and a change is seen after it."""
    clock, catalogue = FakeClock(), FakeCatalogue()
    models = Unnumbered(catalogue)
    index = ShadowIndex(models, clock=clock)
    for _ in range(100):
        assert await index.challengers_of("lead-v1") == ()
    catalogue.put(CHALLENGER)
    clock.advance(0.5)
    assert [model.id for model in await index.challengers_of("lead-v1")] == ["lead-v2"]
    assert models.listed == 2


async def test_only_running_shadow_tests_count() -> None:
    """Split tests, stopped tests and challengers that may not be asked are no shadows; others come in order of id."""
    catalogue = FakeCatalogue(CHALLENGER)
    index = ShadowIndex(catalogue, clock=FakeClock())
    for number, (status, test) in enumerate(
        [
            ("active", ABTest(champion_model_id="lead-v1", mode="split")),
            ("active", ABTest(champion_model_id="lead-v1", mode="shadow", enabled=False)),
            ("deprecated", ABTest(champion_model_id="lead-v1", mode="shadow")),
            ("training", ABTest(champion_model_id="lead-v1", mode="shadow")),
            ("active", ABTest(champion_model_id="lead-v0", mode="shadow")),
            ("active", ABTest(champion_model_id="lead-v1", mode="shadow")),
        ]
    ):
        catalogue.put(ModelConfig(id=f"lead-c{number}", status=status, ab_test=test))  # type: ignore[arg-type]
    assert [model.id for model in await index.challengers_of("lead-v1")] == ["lead-c5", "lead-v2"]
