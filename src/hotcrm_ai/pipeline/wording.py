"""Puts explanations and comparisons into words that a salesperson reads."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from hotcrm_ai.domain.explanation import FeatureContribution, FeatureDifference
from hotcrm_ai.domain.titles import cause_text, fact_title, is_part_of_text
from hotcrm_ai.domain.value_text import printable, value_text
from hotcrm_ai.domain.wording import NEUTRAL, Wording

NOTHING_MOVED: Final = "No feature moved the prediction noticeably."
NO_DIFFERENCES: Final = "No significant differences found."


def explanation_text(
    contributions: Sequence[FeatureContribution],
    titles: Mapping[str, str],
    wording: Wording = NEUTRAL,
    *,
    about: str | None = None,
) -> str:
    """Return the reasons as text: those that raise the answer, then those that lower it, each largest first.

    ``contributions`` come largest first; what rounds to 0 per cent is left out. ``titles`` are the features' names
    for people, ``wording`` the words of the AI feature. Where an answer holds several things, the text says first
    which of them it is ``about``.

        >>> print(explanation_text((FeatureContribution(feature="budget", value=10000, contribution=-0.04, importance=4.0),), {}))
        The prediction was influenced by:
        <BLANKLINE>
        Negative factors:
        • Budget: 10,000 (impact: -4%)
    """
    blocks = ["The prediction was influenced by:"]
    subject = f"About {printable(about)}:\n\n" if about else ""
    for heading, sign in ((wording.raises, 1), (wording.lowers, -1)):
        lines = [
            f"• {cause_text(part.feature, part.value, titles)} (impact: {'+' if sign > 0 else '-'}{percent}%)"
            for part in contributions
            if part.contribution * sign > 0 and (percent := rounded_percent(part.importance)) > 0
        ]
        if lines:
            blocks.append("\n".join([f"{heading}:", *lines]))
    return subject + ("\n\n".join(blocks) if len(blocks) > 1 else NOTHING_MOVED)


def comparison_text(
    differences: Sequence[FeatureDifference], titles: Mapping[str, str], wording: Wording = NEUTRAL
) -> str:
    """Return what differs between two records and moved the answer; ``impact_difference`` on the 0-1 scale, largest first."""
    lines = [
        f"• {printable(fact_title(part.feature, titles, part.value1, part.value2))} {_change(part)}, "
        f"which {'increased' if part.impact_difference > 0 else 'decreased'} the {wording.number}"
        for part in differences
        if part.value1 != part.value2 and rounded_percent(100.0 * abs(part.impact_difference)) > 0
    ]
    return "\n".join(["Key differences:\n", *lines]) if lines else NO_DIFFERENCES


def rounded_percent(size: float) -> int:
    """Return a size on the 0-100 scale as a whole number, halves up."""
    return math.floor(size + 0.5)


def _change(part: FeatureDifference) -> str:
    """Return how a feature changed, or in which of two texts a word stands."""
    if is_part_of_text(part.feature, part.value1):
        return "is in the first text only"
    if is_part_of_text(part.feature, part.value2):
        return "is in the second text only"
    return f"changed from {value_text(part.value1)} to {value_text(part.value2)}"
