"""Sentiment analysis: how a message sounds, as a mood and a score from 0, most negative, to 1, most positive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.domain.wording import Wording
from hotcrm_ai.domain.write_back import WriteBack
from hotcrm_ai.local_models.text_cleaning import only_quotes
from hotcrm_ai.local_models.text_model import TextModel
from hotcrm_ai.local_models.text_tokens import Token, read_tokens
from hotcrm_ai.ports.ai_feature import AIFeature, Scale

_WORDING: Final = Wording(
    number="mood",
    raises="Sounds positive",
    lowers="Sounds negative",
    confidence="{} % sure of the mood",
    records="texts",
)
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
_FEWEST_KNOWN: Final = 3
"""Of every three words of a text the model must know one. Texts in its languages hold more but for about one in a hundred."""


@dataclass(frozen=True)
class SentimentAnalysis:
    """The most probable mood of a text; the score is the chance of positive plus half of that of neutral.

    Confidence is 100 times the probability of the mood, and unknown where the model has read next to nothing: a missing text, no
    word, hardly a word that it knows, only what others wrote. Such an answer says so in its ``warnings``.
    """

    name: str = "sentiment-analysis"
    scale: Scale = "mood"
    default_bands: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    crm_object: str = "Email"
    crm_fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({"text": "body"}))
    write_back: WriteBack = _WRITE_BACK
    wording: Wording = _WORDING

    def answer(
        self,
        model: TextModel,
        features: Mapping[str, Any],
        *,
        bands: Mapping[str, float],  # noqa: ARG002 - the port's name; the mood is the most probable one
    ) -> PredictionOutput:
        """Return ``{sentiment: positive | neutral | negative, score: 0-1}``."""
        text = features.get("text") or ""
        tokens = read_tokens(text)
        mood = model.mood_of(model.logits(tokens))
        doubt = _doubt(model, text, tokens) if text else None
        return PredictionOutput(
            prediction={"sentiment": mood.sentiment, "score": mood.score},
            confidence=100.0 * mood.probabilities[mood.sentiment] if text and not doubt else None,
            metadata={"warnings": [doubt]} if doubt else {},
        )


def _doubt(model: TextModel, text: str, tokens: Sequence[Token]) -> str | None:
    """Return why nobody knows how far an answer about a text can be trusted, or None."""
    known, words = model.known_words(tokens)
    if not words:
        return "text holds no word; the mood is that of what else it holds"
    if words > _FEWEST_KNOWN * known:
        return (
            f"the model knows {known} of the {words} words of text, which may be in a language that it was not trained on; "
            "do not rely on the mood"
        )
    if only_quotes(text):
        return "text holds nothing but quoted mail or a signature; the mood is that of those"
    return None


FEATURE: Final[AIFeature] = SentimentAnalysis()
