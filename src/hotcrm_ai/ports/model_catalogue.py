"""Reads which models exist, for parts that never change them."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from hotcrm_ai.domain.model import ModelConfig, ModelStatus, ModelType


class ModelCatalogue(Protocol):
    """The reading half of the registry."""

    async def get_model(self, id: str) -> ModelConfig | None:  # noqa: A002 - the contract's name
        """Return the present revision of a model, or nothing."""
        ...

    async def list_models(self, type: ModelType | None = None, status: ModelStatus | None = None) -> list[ModelConfig]:  # noqa: A002
        """Return all present models, in order of id."""
        ...


@runtime_checkable
class NumberedCatalogue(Protocol):
    """A catalogue that also says when it changed, so that readers may keep what they derived from it."""

    @property
    def generation(self) -> int:
        """A number that is another one after every change that this process has seen."""
        ...
