"""A prediction is judged only where what really happened can be read as yes or no."""

from __future__ import annotations

from typing import Any

import pytest

from hotcrm_ai.domain.outcome import is_correct


@pytest.mark.parametrize("actual", [True, 1, 1.0, "Yes", " true ", "WON", "closed-won", "Closed_Won", "converted"])
def test_what_counts_as_yes(actual: Any) -> None:
    """Booleans, 1, and the usual words of a won lead are yes, however they are spelled."""
    assert is_correct({"probability": 0.5}, actual) is True
    assert is_correct({"probability": 0.499}, actual) is False


@pytest.mark.parametrize("actual", [False, 0, 0.0, "No", "false", "lost", "Closed Lost", "not converted"])
def test_what_counts_as_no(actual: Any) -> None:
    """Booleans, 0, and the usual words of a lost lead are no; a probability of 0 is a value."""
    assert is_correct({"probability": 0.0}, actual) is True
    assert is_correct({"probability": 0.5}, actual) is False


@pytest.mark.parametrize("actual", [None, 2, 0.5, "", "maybe", [True], {"won": True}])
def test_what_is_neither(actual: Any) -> None:
    """What is neither yes nor no judges nothing."""
    assert is_correct({"probability": 0.9}, actual) is None


@pytest.mark.parametrize(
    "prediction", [None, 0.9, {}, {"score": 90}, {"probability": None}, {"probability": "0.9"}, {"probability": True}]
)
def test_predictions_without_a_probability(prediction: Any) -> None:
    """A prediction that holds no probability is not judged."""
    assert is_correct(prediction, True) is None


def test_lost_is_read_by_what_was_predicted() -> None:
    """A lost lead was not won; of a churn prediction, a lost customer or a lost deal could be meant, so it is not judged."""
    assert is_correct({"probability": 0.1, "class": "cold"}, "lost") is True
    assert is_correct({"probability": 0.9, "risk": "high"}, "lost") is None
    assert is_correct({"probability": 0.9, "risk": "high"}, "churned") is True
