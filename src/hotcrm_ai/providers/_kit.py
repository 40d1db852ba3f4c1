"""What the composition root hands to every provider: models on disk, AI features, and time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hotcrm_ai.local_models.loader import LocalModelLoader
from hotcrm_ai.ports.ai_feature import AIFeature
from hotcrm_ai.ports.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderKit:
    """The collaborators that a provider's ``create`` may use."""

    models: LocalModelLoader
    features: Mapping[str, AIFeature]
    clock: Clock
