"""Churn prediction and opportunity scoring: the shapes of their answers, and the churn model that comes with the package."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotcrm_ai import AI, Settings
from hotcrm_ai.ai_features.churn_prediction import ChurnPrediction
from hotcrm_ai.ai_features.opportunity_scoring import OpportunityScoring

LEAVING = {"account_age": 3, "support_tickets": 12, "usage_frequency": 1, "nps_score": 1, "payment_delays": 4}
STAYING = {"account_age": 80, "support_tickets": 0, "usage_frequency": 60, "nps_score": 10, "payment_delays": 0}


@pytest.mark.parametrize(("probability", "risk"), [(0.7, "high"), (0.6, "high"), (0.4, "medium"), (0.1, "low")])
def test_churn_is_a_risk_and_its_probability(probability: float, risk: str) -> None:
    """A limit belongs to the band above it."""
    assert ChurnPrediction().shape(probability, {"high": 0.6, "medium": 0.3}) == {
        "risk": risk,
        "probability": probability,
    }


def test_an_opportunity_has_a_score_a_class_and_a_probability() -> None:
    """The score is 100 times the chance of winning."""
    expected = {"score": 50.0, "class": "warm", "probability": 0.5}
    assert OpportunityScoring().shape(0.5, {"hot": 0.6, "warm": 0.3}) == expected


def test_the_packaged_churn_model_knows_who_leaves(tmp_path: Path) -> None:
    """In a fresh workspace, without any training, an idle and unhappy account is a higher risk than a busy and happy one."""
    with AI.open_sync(Settings(home=tmp_path)) as ai:
        leaving = ai.predict("churn-prediction-v1", LEAVING)
        staying = ai.predict("churn-prediction-v1", STAYING)
        nothing = ai.predict("churn-prediction-v1", {})
        explained = ai.explain("churn-prediction-v1", LEAVING)
    assert (leaving.prediction["risk"], staying.prediction["risk"]) == ("high", "low")
    assert staying.prediction["probability"] < nothing.prediction["probability"] < leaving.prediction["probability"]
    total = explained.base_value + sum(part.contribution for part in explained.feature_contributions)
    assert total == pytest.approx(leaving.prediction["probability"], abs=1e-6)


def test_churn_keeps_its_own_words_for_the_bands(tmp_path: Path) -> None:
    """A model of a user's own accounts answers with high, medium and low too."""
    rows = [{"logins": day % 20, "left": "yes" if (day % 20 < 6) != (day % 7 == 0) else "no"} for day in range(240)]
    with AI.open_sync(Settings(home=tmp_path)) as ai:
        report = ai.train("churn-prediction", rows, target="left", promote=True)
        answer = ai.predict(report.model_id, {"logins": 1})
    assert set(report.bands) == {"high", "medium"}
    assert answer.prediction["risk"] == "high"
