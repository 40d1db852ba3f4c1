"""Reasons and comparisons in words, letter by letter."""

from __future__ import annotations

import pytest

from hotcrm_ai.domain.explanation import FeatureContribution, FeatureDifference
from hotcrm_ai.domain.value_text import value_text
from hotcrm_ai.domain.wording import Wording
from hotcrm_ai.pipeline.wording import comparison_text, explanation_text

TITLES = {"engagement_score": "Engagement Score", "budget": "Budget", "job_title": "Job Title"}


def part(feature: str, value: object, contribution: float) -> FeatureContribution:
    """One contribution on the 0-1 scale."""
    return FeatureContribution(
        feature=feature, value=value, contribution=contribution, importance=100 * abs(contribution)
    )


def difference(feature: str, value1: object, value2: object, impact: float) -> FeatureDifference:
    """One difference on the 0-1 scale."""
    return FeatureDifference(feature=feature, value1=value1, value2=value2, impact_difference=impact)


def test_reasons_read_as_the_contract_prints_them():
    """A header, a blank line, what raised the answer, a blank line, what lowered it; numbers with separators, signs always shown."""
    text = explanation_text((part("engagement_score", 85, 0.35), part("budget", 10_000, -0.04)), TITLES)
    assert text == (
        "The prediction was influenced by:\n"
        "\n"
        "Positive factors:\n"
        "• Engagement Score: 85 (impact: +35%)\n"
        "\n"
        "Negative factors:\n"
        "• Budget: 10,000 (impact: -4%)"
    )


def test_only_the_sections_that_have_factors_are_there():
    """With no factor against it there is no heading for such; a missing value reads as unknown."""
    text = explanation_text((part("job_title", None, 0.021),), TITLES)
    assert text == "The prediction was influenced by:\n\nPositive factors:\n• Job Title: unknown (impact: +2%)"


def test_factors_that_round_to_nothing_are_left_out():
    """Half a point is shown as 1 %, less than half is not shown."""
    text = explanation_text((part("budget", 1, -0.005), part("engagement_score", 2, 0.00499)), TITLES)
    assert text == "The prediction was influenced by:\n\nNegative factors:\n• Budget: 1 (impact: -1%)"


def test_nothing_noticeable_is_said_so():
    """Where no factor is left there is a sentence instead of an empty list."""
    assert explanation_text((part("budget", 1, 0.004),), TITLES) == "No feature moved the prediction noticeably."


def test_comparison_reads_as_the_contract_prints_it():
    """One line for each feature that changed and moved the answer, with the direction."""
    text = comparison_text(
        (difference("engagement_score", 45, 85, 0.3), difference("budget", 25_000, None, -0.1)), TITLES
    )
    assert text == (
        "Key differences:\n"
        "\n"
        "• Engagement Score changed from 45 to 85, which increased the prediction\n"
        "• Budget changed from 25,000 to unknown, which decreased the prediction"
    )


def test_a_risk_is_raised_and_lowered():
    """What makes an account leave is no positive factor: its reasons say what they do to the risk, and so does a comparison."""
    words = Wording(number="chance of leaving", raises="Raises the risk", lowers="Lowers the risk", more_is_good=False)
    text = explanation_text((part("payment_delays", 4, 0.22), part("nps_score", 9, -0.1)), {}, words)
    assert text == (
        "The prediction was influenced by:\n"
        "\n"
        "Raises the risk:\n"
        "• Payment Delays: 4 (impact: +22%)\n"
        "\n"
        "Lowers the risk:\n"
        "• NPS Score: 9 (impact: -10%)"
    )
    changed = comparison_text((difference("nps_score", 9, 2, 0.3),), {}, words)
    assert changed == "Key differences:\n\n• NPS Score changed from 9 to 2, which increased the chance of leaving"


def test_words_of_two_texts_are_told_by_the_text_that_has_them():
    """A word has no value that changes: it stands in one of the texts."""
    text = comparison_text(
        [
            FeatureDifference(feature="badly", value1=None, value2="badly", impact_difference=-0.4),
            FeatureDifference(feature="well", value1="well", value2=None, impact_difference=-0.2),
        ],
        {},
    )
    assert text == (
        "Key differences:\n\n"
        '• "badly" is in the second text only, which decreased the prediction\n'
        '• "well" is in the first text only, which decreased the prediction'
    )


def test_comparison_lists_only_changed_features_of_weight():
    """A feature with the same value in both records, or hardly any effect, is not named; with none left it says so."""
    same, faint = difference("budget", 5, 5, 0.2), difference("job_title", "CEO", "CTO", 0.001)
    assert comparison_text((same, faint), TITLES) == "No significant differences found."
    assert comparison_text((), TITLES) == "No significant differences found."


def test_words_of_a_record_cannot_steer_a_terminal():
    """Control characters, line breaks and direction marks of values and of feature names are written as escapes."""
    text = explanation_text((part("a\u202eb", "x\n• Fake: 1 (impact: +99%)\x1b[2J", 0.5),), {})
    assert text.count("\n") == 3
    assert "• A\\u202eb: x\\n• Fake: 1 (impact: +99%)\\x1b[2J (impact: +50%)" in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "unknown"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (-0.0, "0"),
        (85.0, "85"),
        (10_000, "10,000"),
        (-1_234_567.5, "-1,234,567.5"),
        (999.999, "1,000"),
        (0.125, "0.125"),
        (1 / 3, "0.3333"),
        (0.00001234, "1.234e-05"),
        (1e300, "1e+300"),
        ("Technology", "Technology"),
        ("网站", "网站"),
        ("2026-03-31T00:00:00+00:00", "2026-03-31"),
        ("2026-03-31T09:30:00+00:00", "2026-03-31T09:30:00+00:00"),
        ([1.0, 2500.0], "1, 2,500"),
        ([], "none"),
        ("x" * 200, "x" * 79 + "…"),
    ],
)
def test_values_for_people(value, text):
    """Values read as people write them, and none is longer than a line."""
    assert value_text(value) == text
