"""Runs models in process: the bundle's own trees and weights, evaluated in NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hotcrm_ai.domain.errors import ProviderMisconfigured
from hotcrm_ai.domain.model import ModelConfig, ProviderConfig
from hotcrm_ai.domain.performance import ProviderHealth
from hotcrm_ai.domain.prediction import PredictionInput, PredictionOutput
from hotcrm_ai.local_models.expected_value import with_expected_value
from hotcrm_ai.local_models.loader import LoadedModel
from hotcrm_ai.ports.ai_feature import AIFeature
from hotcrm_ai.providers._kit import ProviderKit

NAME: Final = "local"


def create(config: ProviderConfig, kit: ProviderKit) -> LocalProvider:  # noqa: ARG001 - local models need no configuration
    """Return the provider of local models."""
    return LocalProvider(kit)


class LocalProvider:
    """Asks the model of a bundle through the AI feature that it was trained for, which shapes the answer."""

    in_process: Final = True

    def __init__(self, kit: ProviderKit) -> None:
        self._kit = kit

    async def validate(self) -> None:
        """Nothing is missing: local models need neither address nor credentials."""

    async def predict(self, model: ModelConfig, input: PredictionInput) -> PredictionOutput:  # noqa: A002 - the port's name
        """Answer one request.

        Raises:
            ArtifactIntegrity: the model's files are missing or altered.
            ProviderMisconfigured: the model's AI feature is not known to this version.
        """
        loaded = self._kit.models.load(model.bundle_digest, model_id=model.id)
        return self._answer(loaded, input)

    async def batch_predict(self, model: ModelConfig, inputs: Sequence[PredictionInput]) -> list[PredictionOutput]:
        """Answer several requests one by one: evaluated as one matrix, sums would differ in their last bit from single calls."""
        loaded = self._kit.models.load(model.bundle_digest, model_id=model.id)
        return [self._answer(loaded, request) for request in inputs]

    async def health_check(self) -> ProviderHealth:
        """In process there is no endpoint to ask: the provider is healthy as long as it answers at all."""
        return ProviderHealth(healthy=True, latency=0.0)

    async def aclose(self) -> None:
        """Nothing is held open."""

    def _answer(self, loaded: LoadedModel, request: PredictionInput) -> PredictionOutput:
        output = self._feature(loaded).answer(loaded.model, request.features, bands=loaded.manifest.bands)
        return with_expected_value(output, request.features, loaded.manifest)

    def _feature(self, loaded: LoadedModel) -> AIFeature:
        try:
            return self._kit.features[loaded.manifest.feature]
        except KeyError:
            known = ", ".join(sorted(self._kit.features))
            raise ProviderMisconfigured(
                f"The bundle is for the AI feature {loaded.manifest.feature!r}, which this version does not know; known are {known}."
            ) from None
