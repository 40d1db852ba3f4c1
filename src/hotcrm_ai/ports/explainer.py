"""A way of explaining: splits the number that the user sees among the features."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from hotcrm_ai.domain.explanation import Attribution, FeatureImportance
from hotcrm_ai.domain.model import ModelConfig


class Explainer(Protocol):
    """Explains the models it supports; every number comes from asking the model itself."""

    def supports(self, model: ModelConfig) -> bool:
        """True where this explainer can explain that model."""
        ...

    async def attribute(self, model: ModelConfig, features: Mapping[str, Any]) -> Attribution:
        """Split the answer for fitted features among all features of the model; raises ``NotExplainable``."""
        ...

    async def importance(self, model: ModelConfig) -> list[FeatureImportance]:
        """Return the mean size of each feature's contribution over the model's background records, largest first."""
        ...
