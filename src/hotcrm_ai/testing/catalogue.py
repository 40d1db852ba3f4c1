"""A catalogue of models in memory, which a test changes as it likes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, Literal

import msgspec

from hotcrm_ai.domain.model import ModelConfig, ModelStatus, ModelType, Revision

_LONG_AGO: Final = datetime(2026, 1, 1, tzinfo=UTC)


class FakeCatalogue:
    """A `ModelCatalogue` over a dictionary; every change gives the model its next revision."""

    def __init__(self, *models: ModelConfig) -> None:
        self._models: dict[str, ModelConfig] = {}
        self._history: dict[str, list[Revision]] = {}
        self._generation = 0
        for model in models:
            self.put(model)

    @property
    def generation(self) -> int:
        """The number of changes so far."""
        return self._generation

    def put(self, model: ModelConfig) -> ModelConfig:
        """Register a model, or its next revision, whatever the rules of a registry would say."""
        present = self._models.get(model.id)
        self._generation += 1
        revision = 1 if present is None else present.revision + 1
        stored = self._models[model.id] = msgspec.structs.replace(model, revision=revision)
        past = self._history.setdefault(model.id, [])
        action: Literal["registered", "updated"] = "updated" if past else "registered"
        past.append(Revision(model_id=model.id, number=revision, action=action, config=stored, created_at=_LONG_AGO))
        return stored

    def change(self, model_id: str, **changes: Any) -> ModelConfig:
        """Change fields of a model."""
        return self.put(msgspec.structs.replace(self._models[model_id], **changes))

    def remove(self, model_id: str) -> None:
        """Take a model away."""
        self._generation += 1
        del self._models[model_id]

    async def get_model(self, id: str) -> ModelConfig | None:  # noqa: A002 - the contract's name
        """Return the present revision of a model, or nothing."""
        return self._models.get(id)

    async def list_models(self, type: ModelType | None = None, status: ModelStatus | None = None) -> list[ModelConfig]:  # noqa: A002
        """Return all present models, in order of id."""
        return [
            model
            for _, model in sorted(self._models.items())
            if type in (None, model.type) and status in (None, model.status)
        ]

    async def history(self, id: str) -> list[Revision]:  # noqa: A002 - the contract's name
        """Return all revisions of one model, oldest first."""
        return list(self._history.get(id, ()))
