"""What happened is read in the terms of the prediction; what cannot be its outcome is refused."""

from __future__ import annotations

from typing import Any

import pytest

from hotcrm_ai.domain.errors import InvalidOutcome
from hotcrm_ai.domain.outcome import OwnLabels, judge

LIKELY, UNLIKELY = {"probability": 0.5}, {"probability": 0.499}


@pytest.mark.parametrize(
    "actual", [True, 1, 1.0, "Yes", " true ", "1", "WON", "closed-won", "Closed_Won", "converted", "t"]
)
def test_what_counts_as_yes(actual: Any) -> None:
    """Booleans, 1, and the usual words of a won lead are yes, however they are spelled."""
    assert judge(LIKELY, actual, model_id="m") is True
    assert judge(UNLIKELY, actual, model_id="m") is False


@pytest.mark.parametrize(
    "actual", [False, 0, 0.0, -1, "-1", "No", "false", "0", "lost", "Closed Lost", "not converted", "unqualified"]
)
def test_what_counts_as_no(actual: Any) -> None:
    """Booleans, 0, and the usual words of a lost lead are no; a probability of 0 is a value."""
    assert judge({"probability": 0.0}, actual, model_id="m") is True
    assert judge(LIKELY, actual, model_id="m") is False


@pytest.mark.parametrize("actual", ["purple", 2, 0.5, "", "maybe", [True], {"won": True}, float("nan")])
def test_what_is_neither_is_refused(actual: Any) -> None:
    """What is neither yes nor no is refused, with the model and what would be accepted."""
    with pytest.raises(InvalidOutcome, match="is no outcome of model 'leads-v1'; give yes or no") as caught:
        judge(LIKELY, actual, model_id="leads-v1")
    assert caught.value.details["model_id"] == "leads-v1"
    assert caught.value.details["accepted"].endswith("or false, 0, lost, not converted")


def test_a_model_takes_the_values_of_its_own_table() -> None:
    """The labels that a model was trained on are read before any usual word, as text and as numbers, and are named in a refusal."""
    signed = OwnLabels("Signed", "Walked away")
    assert judge(LIKELY, "signed ", model_id="m", labels=signed) is True
    assert judge(LIKELY, "WALKED AWAY", model_id="m", labels=signed) is False
    assert judge(LIKELY, "won", model_id="m", labels=signed) is True
    reversed_numbers = OwnLabels("2", "1")
    assert judge(LIKELY, 2, model_id="m", labels=reversed_numbers) is True
    assert judge(LIKELY, 1.0, model_id="m", labels=reversed_numbers) is False
    stages = OwnLabels("1000002", "1000001")
    assert [judge(LIKELY, stage, model_id="m", labels=stages) for stage in (1_000_002, 1_000_001.0)] == [True, False]
    with pytest.raises(InvalidOutcome, match="own labels 'Signed' and 'Walked away'"):
        judge(LIKELY, "purple", model_id="m", labels=signed)


def test_lost_is_read_by_what_was_predicted() -> None:
    """A lost lead was not won; of churn a customer or a deal could be meant, so it is refused unless the model says so itself."""
    assert judge({"probability": 0.1, "class": "cold"}, "lost", model_id="m") is True
    churn = {"probability": 0.9, "risk": "high"}
    with pytest.raises(InvalidOutcome, match="1, churned, or false, 0, retained"):
        judge(churn, "lost", model_id="m")
    assert judge(churn, "lost", model_id="m", labels=OwnLabels("Lost", "Kept")) is True
    assert judge(churn, "churned", model_id="m") is True
    assert judge(churn, "renewed", model_id="m") is False
    assert (judge(churn, "cancelled", model_id="m"), judge(churn, "active", model_id="m")) == (True, False)


def test_a_mood_is_right_where_it_is_the_very_one() -> None:
    """A text's outcome is one of three moods in a usual spelling."""
    sounded = {"sentiment": "negative", "score": 0.1}
    assert judge(sounded, " Negative", model_id="m") is True
    assert judge(sounded, "positiv", model_id="m") is False
    for actual in ("purple", True, 1):
        with pytest.raises(InvalidOutcome, match="give positive, neutral or negative"):
            judge(sounded, actual, model_id="m")


@pytest.mark.parametrize("actual", [1200, 1200.5, "1200.5", [100, 120.0, None], []])
def test_forecasts_take_numbers(actual: Any) -> None:
    """A number or a list of numbers is kept of a forecast, and not judged."""
    assert judge({"forecast": []}, actual, model_id="m") is None


@pytest.mark.parametrize("actual", [True, "much", "nan", ["much"], {"value": 3}])
def test_forecasts_take_nothing_else(actual: Any) -> None:
    """What is no number is no outcome of a forecast."""
    with pytest.raises(InvalidOutcome, match="give a number, or a list of numbers"):
        judge({"forecast": []}, actual, model_id="m")


def test_recommendations_take_products() -> None:
    """A product's id or a list of them is kept of a recommendation."""
    for actual in ("crm-basic", 17, ["crm-basic", 17], []):
        assert judge({"items": []}, actual, model_id="m") is None
    for actual in (True, 1.5, " ", [{"id": 1}]):
        with pytest.raises(InvalidOutcome, match="the id of a product"):
            judge({"items": []}, actual, model_id="m")


@pytest.mark.parametrize(
    "prediction", [None, 0.9, {}, {"score": 90}, {"probability": None}, {"probability": "0.9"}, {"probability": True}]
)
def test_answers_of_other_shapes_take_anything(prediction: Any) -> None:
    """What is said of an answer of no known shape is kept and not judged."""
    assert judge(prediction, {"anything": True}, model_id="m") is None


@pytest.mark.parametrize("prediction", [LIKELY, {"sentiment": "neutral"}, {"forecast": []}, {"items": []}])
def test_none_takes_an_outcome_back(prediction: Any) -> None:
    """None is no outcome: it leaves nothing to judge."""
    assert judge(prediction, None, model_id="m") is None
