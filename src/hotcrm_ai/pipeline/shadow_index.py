"""Knows which challengers shadow a champion, without listing all models at every request."""

from __future__ import annotations

from typing import Final

from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.ports.model_catalogue import ModelCatalogue, NumberedCatalogue

_REFRESH_SECONDS: Final = 0.5


class ShadowIndex:
    """The shadow tests of a catalogue by champion.

    It is built again whenever the catalogue's generation changes; for a catalogue that numbers no generations, twice a second.
    """

    def __init__(self, models: ModelCatalogue, *, clock: Clock) -> None:
        self._models = models
        self._numbered = models if isinstance(models, NumberedCatalogue) else None
        self._clock = clock
        self._built_for: float | None = None
        self._challengers: dict[str, tuple[ModelConfig, ...]] = {}

    async def challengers_of(self, champion_id: str) -> tuple[ModelConfig, ...]:
        """Return the challengers (active or testing) that are asked along when this champion answers, in order of id."""
        if not self._is_current():
            await self._build()
        return self._challengers.get(champion_id, ())

    def _is_current(self) -> bool:
        if self._built_for is None:
            return False
        if self._numbered is not None:
            return self._numbered.generation == self._built_for
        return self._clock.monotonic() - self._built_for < _REFRESH_SECONDS

    async def _build(self) -> None:
        mark = self._numbered.generation if self._numbered is not None else self._clock.monotonic()
        challengers: dict[str, tuple[ModelConfig, ...]] = {}
        for model in await self._models.list_models():
            test = model.ab_test
            if test is None or not test.enabled or test.mode != "shadow" or model.status not in ("active", "testing"):
                continue
            known = challengers.get(test.champion_model_id, ())
            challengers[test.champion_model_id] = (*known, model)
        self._challengers, self._built_for = challengers, mark
