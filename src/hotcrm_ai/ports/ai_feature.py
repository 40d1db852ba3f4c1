"""What one AI feature declares: its inputs, the shape of its answer, and its wording."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

from hotcrm_ai.domain.model import ModelConfig

Scale = Literal["score", "probability", "value"]


class AIFeature(Protocol):
    """A feature whose local models give a calibrated probability of one outcome.

    ``scale`` is that of the number the user sees: ``score`` (0-100) or ``probability`` (0-1).
    """

    @property
    def name(self) -> str:
        """The feature's name, for example ``lead-scoring``."""
        ...

    @property
    def scale(self) -> Scale:
        """The scale of the number that an explanation adds up to."""
        ...

    @property
    def default_bands(self) -> Mapping[str, float]:
        """Lower probability limit of each class, highest first; the class without limit comes last with 0."""
        ...

    def shape(self, probability: float, bands: Mapping[str, float]) -> dict[str, Any]:
        """Return the answer that users see for a probability."""
        ...

    def preregistered(self) -> ModelConfig:
        """Return the model of this feature that every workspace has from its first start."""
        ...
