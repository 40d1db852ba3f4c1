"""What confidence is of, in words that are not read as certainty of a class."""

from __future__ import annotations

import pytest

from hotcrm_ai.ai_features import discover_ai_features
from hotcrm_ai.domain.wording import NEUTRAL, Wording

CHANCE = Wording(number="risk", raises="Raises the risk", lowers="Lowers the risk", yes="leaves", no="stays")


@pytest.mark.parametrize(
    ("probability", "confidence", "words"),
    [
        (0.47, 53.0, "53 % sure it stays"),
        (0.62, 62.0, "62 % sure it leaves"),
        (0.5, 50.0, "50 % sure it leaves"),
        (0.03, 97.0, "97 % sure it stays"),
    ],
)
def test_confidence_names_the_yes_or_no_that_it_is_of(probability: float, confidence: float, words: str) -> None:
    """An account with a medium risk stays in 53 of 100 cases; nothing says how sure "medium" is, so nothing reads so."""
    answer = {"risk": "medium", "probability": probability}
    assert CHANCE.confidence_text(answer, confidence) == words


def test_an_unknown_confidence_has_no_words() -> None:
    """Null stays nothing."""
    assert CHANCE.confidence_text({"probability": 0.9}, None) is None


@pytest.mark.parametrize("answer", [{"label": "spam"}, {"probability": None}, {"probability": True}, "yes", None])
def test_an_answer_without_a_chance_makes_no_claim(answer: object) -> None:
    """Where an answer is about no yes or no, the confidence stands without one."""
    assert CHANCE.claim(answer) is None
    assert CHANCE.confidence_text(answer, 80.0) == "80 % confidence"
    assert NEUTRAL.confidence_text({"probability": 0.9}, 80.0) == "80 % confidence"


def test_every_feature_says_what_its_confidence_is_of() -> None:
    """The words of all AI features, for an answer in the shape of each."""
    answer = {"probability": 0.9}
    told = {name: feature.wording.confidence_text(answer, 90.0) for name, feature in discover_ai_features().items()}
    assert told == {
        "churn-prediction": "90 % sure it leaves",
        "lead-scoring": "90 % sure it converts",
        "opportunity-scoring": "90 % sure it is won",
        "product-recommendation": "90 % of lists this long hold the next purchase",
        "revenue-forecast": "90 % of past values inside the interval",
        "sentiment-analysis": "90 % sure of the mood",
    }


def test_only_a_risk_is_better_when_it_is_lower() -> None:
    """What raises an answer is good news everywhere but for churn."""
    bad = [name for name, feature in discover_ai_features().items() if not feature.wording.more_is_good]
    assert bad == ["churn-prediction"]
