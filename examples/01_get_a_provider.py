"""Providers: one instance for one configuration, what happens without credentials, and a provider of one's own."""

from __future__ import annotations

from collections.abc import Sequence

from hotcrm_ai import (
    AI,
    ModelConfig,
    PredictionInput,
    PredictionOutput,
    ProviderHealth,
    ProviderMisconfigured,
)


class House:
    """A provider of one's own: five methods, no base class."""

    async def validate(self) -> None:
        """Nothing is missing."""

    async def predict(self, model: ModelConfig, input: PredictionInput) -> PredictionOutput:
        """Answer with what is asked; a provider that knows no confidence gives none."""
        return PredictionOutput(prediction={"echo": input.features})

    async def batch_predict(self, model: ModelConfig, inputs: Sequence[PredictionInput]) -> list[PredictionOutput]:
        """Answer several requests, in order."""
        return [await self.predict(model, one) for one in inputs]

    async def health_check(self) -> ProviderHealth:
        """Say how the endpoint does."""
        return ProviderHealth(healthy=True, latency=0.0)

    async def aclose(self) -> None:
        """Nothing is held open."""


with AI.open_sync() as ai:
    print("built in:", ai.providers.names())

    local = ai.providers.get_provider({"provider": "local"})
    print("the same configuration gives the same instance:", ai.providers.get_provider({"provider": "local"}) is local)

    # A model that cannot be asked says what is missing instead of inventing an answer: this one names no endpoint.
    ai.registry.register({"id": "far-v1", "provider": "aws-sagemaker", "status": "active"})
    try:
        ai.predict("far-v1", {"budget": 5})
    except ProviderMisconfigured as problem:
        print("aws-sagemaker:", problem.code)

    ai.providers.register("house", lambda config: House())
    ai.registry.register({"id": "echo-v1", "provider": "house", "status": "active"})
    print("house:", ai.predict("echo-v1", {"budget": 5}).prediction)
