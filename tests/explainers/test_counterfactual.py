"""Counterfactuals: the smallest change of the named fields, from values that training has seen, judged by the model itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hotcrm_ai import AI, InvalidRequest, Settings
from hotcrm_ai.assembly.blocking import BlockingAI

LEAD = {"company_size": 200, "industry": "Retail", "engagement_score": 45, "job_title": "Manager", "budget": 20_000}
ACCOUNT = {"account_age": 6, "support_tickets": 6, "usage_frequency": 4, "nps_score": 3, "payment_delays": 3}


@pytest.fixture(scope="module")
def ai(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlockingAI]:
    """A fresh workspace with its packaged models."""
    home: Path = tmp_path_factory.mktemp("workspace")
    with AI.open_sync(Settings(home=home)) as opened:
        yield opened


def test_a_lead_becomes_hot_by_the_named_field_only(ai: BlockingAI) -> None:
    """The answer for the changed record is the one that a prediction gives."""
    found = ai.explainer.counterfactual("lead-scoring-v1", LEAD, changeable=["engagement_score"], goal="hot")
    assert found.reached
    assert [change.feature for change in found.changes] == ["engagement_score"]
    changed = {**LEAD, **{change.feature: change.after for change in found.changes}}
    assert ai.predict("lead-scoring-v1", changed).prediction == found.new_prediction
    assert found.prediction["class"] != "hot"
    assert found.new_prediction["class"] == "hot"
    assert "Engagement Score from 45 to" in found.explanation


def test_no_smaller_step_of_the_field_reaches_the_goal(ai: BlockingAI) -> None:
    """Values between the record's and the proposed one do not do."""
    found = ai.explainer.counterfactual("lead-scoring-v1", LEAD, changeable=["engagement_score"], goal="hot")
    after = int(found.changes[0].after)
    assert after > 45
    smaller = [{**LEAD, "engagement_score": score} for score in range(46, after - 3)]
    answers = [ai.predict("lead-scoring-v1", lead).prediction["class"] for lead in smaller]
    assert answers.count("hot") <= len(answers) // 10


def test_a_probability_is_reached_from_above_too(ai: BlockingAI) -> None:
    """For churn the wish is a low risk: a probability below the record's own."""
    now = ai.predict("churn-prediction-v1", ACCOUNT).prediction["probability"]
    found = ai.explainer.counterfactual(
        "churn-prediction-v1", ACCOUNT, changeable=["usage_frequency", "payment_delays", "nps_score"], goal=0.3
    )
    assert now > 0.3
    assert found.reached
    assert found.new_prediction["probability"] <= 0.3
    low = ai.explainer.counterfactual(
        "churn-prediction-v1", ACCOUNT, changeable=["usage_frequency", "payment_delays", "nps_score"], goal="low"
    )
    assert low.new_prediction["risk"] == "low"


def test_what_cannot_be_reached_is_said(ai: BlockingAI) -> None:
    """No value is invented: where nothing does, nothing is proposed."""
    found = ai.explainer.counterfactual("lead-scoring-v1", LEAD, changeable=["industry"], goal=0.99)
    assert not found.reached
    assert found.changes == ()
    assert found.new_prediction == found.prediction
    assert found.explanation == "No realistic change of these fields reaches 0.99."


def test_a_record_that_is_there_already_needs_no_change(ai: BlockingAI) -> None:
    """The model is asked about no other record."""
    found = ai.explainer.counterfactual("churn-prediction-v1", ACCOUNT, changeable=["nps_score"], goal="high")
    assert (found.reached, found.changes, found.tried) == (True, (), 0)


@pytest.mark.parametrize(
    ("changeable", "goal", "told"),
    [
        (["nobody"], "hot", "no field 'nobody'"),
        ([], "hot", "1 to 8 fields"),
        (["budget"], "boiling", "no class 'boiling'"),
        (["budget"], 80.0, "a score of 80 is 0.8"),
    ],
)
def test_wishes_that_make_no_sense_are_refused(ai: BlockingAI, changeable: list[str], goal: object, told: str) -> None:
    """The message says what could be asked instead."""
    with pytest.raises(InvalidRequest, match=told):
        ai.explainer.counterfactual("lead-scoring-v1", LEAD, changeable=changeable, goal=goal)
