"""What a place where models run must be able to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.performance import ProviderHealth, ProviderScope
from hotcrm_ai.domain.prediction import PredictionInput, PredictionOutput


@runtime_checkable
class MLProvider(Protocol):
    """One provider of models; a plug-in implements these five methods.

    Any exception of another kind than ours reaches the caller as a ``ProviderError`` with its cause.
    """

    async def validate(self) -> None:
        """Raise ``ProviderMisconfigured`` saying what is missing and where to set it."""
        ...

    async def predict(self, model: ModelConfig, input: PredictionInput) -> PredictionOutput:  # noqa: A002 - the contract's name
        """Answer one request."""
        ...

    async def batch_predict(self, model: ModelConfig, inputs: Sequence[PredictionInput]) -> list[PredictionOutput]:
        """Answer several requests, in order, one output for each."""
        ...

    async def health_check(self) -> ProviderHealth:
        """Ask the real endpoint whether it can answer."""
        ...

    async def aclose(self) -> None:
        """Release connections."""
        ...


@runtime_checkable
class ScopedProvider(Protocol):
    """What a provider may say beyond the port, so that failures are counted together where they belong together."""

    def scope(self, model: ModelConfig) -> ProviderScope:
        """Return where a model is asked, and with which credentials as they are now."""
        ...
