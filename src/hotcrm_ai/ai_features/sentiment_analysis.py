"""Sentiment analysis: how a message sounds, as a mood and a score from 0, most negative, to 1, most positive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.domain.write_back import WriteBack
from hotcrm_ai.local_models.text_model import TextModel
from hotcrm_ai.ports.ai_feature import AIFeature, Scale

_WRITE_BACK: Final = WriteBack(
    answer={"ai_sentiment": "sentiment", "ai_sentiment_score": "score"},
    confidence="ai_sentiment_confidence",
    explanation="ai_sentiment_explanation",
    date="last_sentiment_date",
    records="emails",
    what="sentiment",
    command="sentiment",
    one="analyze_sentiment",
    many="batch_analyze_sentiment",
    needs=("text",),
)


@dataclass(frozen=True)
class SentimentAnalysis:
    """The most probable mood of a text; the score is the chance of positive plus half of that of neutral.

    Confidence is 100 times the probability of the mood. A missing text is read as an empty one.
    """

    name: str = "sentiment-analysis"
    scale: Scale = "mood"
    default_bands: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    crm_object: str = "Email"
    crm_fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({"text": "body"}))
    write_back: WriteBack = _WRITE_BACK

    def answer(
        self,
        model: TextModel,
        features: Mapping[str, Any],
        *,
        bands: Mapping[str, float],  # noqa: ARG002 - the port's name; the mood is the most probable one
    ) -> PredictionOutput:
        """Return ``{sentiment: positive | neutral | negative, score: 0-1}``."""
        mood = model.predict_one(features.get("text") or "")
        return PredictionOutput(
            prediction={"sentiment": mood.sentiment, "score": mood.score},
            confidence=100.0 * mood.probabilities[mood.sentiment],
        )


FEATURE: Final[AIFeature] = SentimentAnalysis()
