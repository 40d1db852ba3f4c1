"""Draws why an answer is as it is: from the base, one step for each fact, to the number that people see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from hotcrm_ai.domain.explanation import Explanation
from hotcrm_ai.domain.titles import cause_text, others_text
from hotcrm_ai.domain.value_text import value_text
from hotcrm_ai.entrypoints.dashboard.charts import Step, Waterfall
from hotcrm_ai.ports.ai_feature import AIFeature, Scale

_STEPS_SHOWN: Final = 9


class ScaleWords(msgspec.Struct, frozen=True, kw_only=True):
    """How answers of one scale are told: the factors of base and steps, the unit, and the words of the picture.

    ``base_factor`` brings the base, and the answer itself, to what people see, ``step_factor`` a contribution.
    """

    base_factor: float
    step_factor: float
    unit: str
    axis: str
    answer_label: str
    base_label: str = "Average"
    decimals: int = 1
    raises: Literal["good", "bad"] = "good"


SCALE_WORDS: Final[Mapping[Scale, ScaleWords]] = {
    "score": ScaleWords(base_factor=1.0, step_factor=100.0, unit="of 100", axis="Score", answer_label="Score"),
    "probability": ScaleWords(
        base_factor=100.0, step_factor=100.0, unit="% chance", axis="Chance in %", answer_label="Chance"
    ),
    "mood": ScaleWords(base_factor=100.0, step_factor=100.0, unit="of 100", axis="Mood, 0 to 100", answer_label="Mood"),
    "value": ScaleWords(
        base_factor=1.0,
        step_factor=1.0,
        unit="in all",
        axis="Value",
        answer_label="Forecast",
        base_label="Base",
        decimals=0,
    ),
    "item": ScaleWords(
        base_factor=100.0,
        step_factor=100.0,
        unit="% chance",
        axis="Chance in %",
        answer_label="First product",
        base_label="Any account",
    ),
}


def scale_words(feature: AIFeature) -> ScaleWords:
    """Return how the answers of a feature are told: those of its scale, and for a chance what it is a chance of."""
    words, wording = SCALE_WORDS[feature.scale], feature.wording
    if feature.scale == "probability":
        named = f"{wording.number[:1].upper()}{wording.number[1:]} in %"
        words = msgspec.structs.replace(words, unit=f"% {wording.number}", axis=named)
    return msgspec.structs.replace(words, raises="good" if wording.more_is_good else "bad")


def explanation_chart(
    explanation: Explanation, *, answer: float, words: ScaleWords, titles: Mapping[str, str]
) -> Waterfall:
    """Return the steps from the base to the answer (as people see it); the smallest ones as one step."""
    parts = explanation.feature_contributions
    shown = parts if len(parts) <= _STEPS_SHOWN else parts[: _STEPS_SHOWN - 1]
    steps = [
        Step(cause_text(one.feature, one.value, titles, longest=40), words.step_factor * one.contribution)
        for one in shown
    ]
    if len(shown) < len(parts):
        rest = sum(one.contribution for one in parts[len(shown) :])
        steps.append(Step(others_text(len(parts) - len(shown), parts[0], "facts"), words.step_factor * rest))
    return Waterfall(
        label=f"From {words.base_label.lower()} to {answer:,.{words.decimals}f}, one step for each fact",
        base=words.base_factor * explanation.base_value,
        base_label=words.base_label,
        steps=tuple(steps),
        answer=answer,
        answer_label=value_text(explanation.about, longest=40) if explanation.about else words.answer_label,
        axis=words.axis,
        raises=words.raises,
        decimals=words.decimals,
    )
