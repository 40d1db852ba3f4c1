"""Lead scoring: how likely a lead converts, as a score from 0 to 100 and a class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from hotcrm_ai.ai_features._probability import ProbabilityFeature
from hotcrm_ai.domain.wording import Wording
from hotcrm_ai.domain.write_back import WriteBack
from hotcrm_ai.ports.ai_feature import AIFeature, Scale

_WORDING: Final = Wording(
    number="prediction",
    raises="Positive factors",
    lowers="Negative factors",
    yes="converts",
    no="does not convert",
    records="leads",
)
_WRITE_BACK: Final = WriteBack(
    answer={"ai_score": "score"},
    confidence="ai_confidence",
    explanation="ai_explanation",
    date="last_scored_date",
    records="leads",
    what="score",
    command="leads",
    one="score_lead",
    many="batch_score_leads",
)


@dataclass(frozen=True)
class LeadScoring(ProbabilityFeature):
    """The calibrated chance of conversion; the score is 100 times it, the class says which leads to call first."""

    name: str = "lead-scoring"
    scale: Scale = "score"
    default_bands: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({"hot": 0.6, "warm": 0.3}))
    crm_object: str = "Lead"
    crm_fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({"budget": "estimated_budget"}))
    write_back: WriteBack = _WRITE_BACK
    wording: Wording = _WORDING

    def shape(self, probability: float, bands: Mapping[str, float]) -> dict[str, Any]:
        """Return ``{score: 0-100, class: hot | warm | cold, probability: 0-1}``."""
        label = next((name for name in ("hot", "warm") if probability >= bands[name]), "cold")
        return {"score": 100.0 * probability, "class": label, "probability": probability}


FEATURE: Final[AIFeature] = LeadScoring()
