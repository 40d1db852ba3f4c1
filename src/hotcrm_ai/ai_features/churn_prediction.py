"""Churn prediction: how likely an account leaves, as a probability and a risk."""

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
    number="chance of leaving",
    raises="Raises the risk",
    lowers="Lowers the risk",
    more_is_good=False,
    yes="leaves",
    no="stays",
    records="accounts",
)
_WRITE_BACK: Final = WriteBack(
    answer={"ai_churn_probability": "probability", "ai_churn_risk": "risk"},
    confidence="ai_churn_confidence",
    explanation="ai_churn_explanation",
    date="last_churn_scored_date",
    records="accounts",
    what="churn",
    command="churn",
    one="predict_churn",
    many="batch_predict_churn",
)


@dataclass(frozen=True)
class ChurnPrediction(ProbabilityFeature):
    """The calibrated chance that an account leaves; the risk says whom to talk to first."""

    name: str = "churn-prediction"
    scale: Scale = "probability"
    default_bands: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({"high": 0.6, "medium": 0.3}))
    crm_object: str = "Account"
    crm_fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    write_back: WriteBack = _WRITE_BACK
    wording: Wording = _WORDING

    def shape(self, probability: float, bands: Mapping[str, float]) -> dict[str, Any]:
        """Return ``{risk: high | medium | low, probability: 0-1}``."""
        risk = next((name for name in ("high", "medium") if probability >= bands[name]), "low")
        return {"risk": risk, "probability": probability}


FEATURE: Final[AIFeature] = ChurnPrediction()
