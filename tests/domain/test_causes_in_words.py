"""A reason is named for people once, whichever face shows it."""

from __future__ import annotations

from hotcrm_ai.domain.explanation import FeatureContribution
from hotcrm_ai.domain.titles import REST_OF_TEXT, cause_text, others_text


def test_a_feature_comes_with_its_value_and_a_word_in_quotes() -> None:
    """A word of a text has no value but itself, so it is not said twice."""
    assert cause_text("nps_score", 12.0, {"nps_score": "NPS score"}) == "NPS score: 12"
    assert cause_text("nps_score", None, {}) == "NPS Score: unknown"
    assert cause_text("thank you", "thank you", {}) == '"thank you"'
    assert cause_text(REST_OF_TEXT, REST_OF_TEXT, {}) == "the rest of the text"


def test_what_shares_a_line_is_called_what_it_is() -> None:
    """Other features of a record, other parts of a text."""
    fact = FeatureContribution(feature="budget", value=5, contribution=0.1, importance=10.0)
    word = FeatureContribution(feature="late", value="late", contribution=-0.1, importance=10.0)
    assert others_text(3, fact, "facts") == "3 other facts"
    assert others_text(3, word, "facts") == "3 other parts of the text"


def test_a_control_character_in_a_word_is_shown_as_an_escape() -> None:
    """A text may be from anybody."""
    assert cause_text("a\x1b[31mb", "a\x1b[31mb", {}) == '"a\\x1b[31mb"'
