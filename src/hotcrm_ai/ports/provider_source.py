"""Finds the provider that runs a model."""

from __future__ import annotations

from typing import Protocol

from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.ports.provider import MLProvider


class ProviderSource(Protocol):
    """The half of the provider factory that the prediction pipeline needs."""

    def for_model(self, model: ModelConfig, *, name: str | None = None) -> MLProvider:
        """Return the provider of a model (or the one called ``name`` instead); raises ``ProviderMisconfigured``."""
        ...
