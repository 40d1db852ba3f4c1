"""What one AI feature declares: its inputs, the shape of its answer, and its wording."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.domain.wording import NEUTRAL, Wording
from hotcrm_ai.domain.write_back import WriteBack

Scale = Literal["score", "probability", "value", "mood", "item"]


class AIFeature(Protocol):
    """A feature whose local models answer in one documented shape.

    ``scale`` is that of the number the user sees: ``score`` (0-100), ``probability`` (0-1), ``value`` (in its own unit),
    ``mood`` (a score of 0-1) or ``item`` (the score, 0-1, of the first item).
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

    @property
    def crm_object(self) -> str:
        """The CRM object whose records this feature answers for, for example ``Lead``."""
        ...

    @property
    def crm_fields(self) -> Mapping[str, str]:
        """The CRM field of each feature that is called otherwise there."""
        ...

    @property
    def write_back(self) -> WriteBack:
        """The fields of a CRM record that its answer is written to."""
        ...

    @property
    def wording(self) -> Wording:
        """How its answers, their reasons and their confidence are told."""
        ...

    def answer(self, model: Any, features: Mapping[str, Any], *, bands: Mapping[str, float]) -> PredictionOutput:
        """Ask a local model (of the class that its bundle's kind names) about one record, and shape its answer."""
        ...


def wording_of(features: Mapping[str, AIFeature], name: str | None) -> Wording:
    """Return the words of the AI feature of that name; neutral ones where it is not known."""
    feature = features.get(name or "")
    return NEUTRAL if feature is None else feature.wording
