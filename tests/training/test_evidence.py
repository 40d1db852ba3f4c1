"""With few outcomes an answer says how sure it is, and the report how many more records would make it surer."""

from __future__ import annotations

import numpy as np
import pytest

from hotcrm_ai.ai_features.churn_prediction import ChurnPrediction
from hotcrm_ai.domain.errors import ArtifactIntegrity
from hotcrm_ai.local_models.spread import Spread
from hotcrm_ai.local_models.tabular import TabularModel
from hotcrm_ai.sample_crm import generate_sample_crm
from hotcrm_ai.sample_crm.account_truth import account_churn_probability
from hotcrm_ai.training.evidence import records_to_ten_points
from hotcrm_ai.training.recipe import train_classifier

NAMES = ("account_age", "support_tickets", "usage_frequency", "nps_score", "payment_delays")


def test_the_intervals_hold_nearly_all_true_probabilities() -> None:
    """Accounts of the sample CRM have a known chance of leaving; 95 % intervals hold at least 88 % of them, and are no walls."""
    accounts = generate_sample_crm().tables["accounts"]
    closed = [account for account in accounts if account["churned"] is not None][:400]
    rows = [{name: account[name] for name in (*NAMES, "churned")} for account in closed]
    trained = train_classifier(
        rows, feature_name="churn-prediction", target="churned", keep=NAMES, band_names=("high", "medium")
    )
    model = TabularModel.from_json(trained.members["model.json"])
    held = []
    for account in (account for account in accounts if account["churned"] is None):
        output = ChurnPrediction().answer(model, {name: account[name] for name in NAMES}, bands=trained.manifest.bands)
        low, high = output.metadata["interval"]
        assert 0.0 < low < output.prediction["probability"] < high < 1.0
        held.append(low <= account_churn_probability(account) <= high)
    assert np.mean(held) >= 0.88
    assert 0.05 < trained.report.evidence["halfWidth"] < 0.25
    assert any("more closed records would narrow it to ±10 points" in warning for warning in trained.report.warnings)


def test_four_times_the_records_halve_the_interval() -> None:
    """From ±20 to ±10 points takes three times as many records again; what is narrow enough needs none."""
    assert records_to_ten_points(0.20, 100) == 300
    assert records_to_ten_points(0.09, 100) == 0


def test_an_interval_is_symmetric_in_log_odds() -> None:
    """Half a unit of log-odds around one half is 1.96 / 2 to both sides."""
    low, high = Spread(log_odds=(-1.0, 1.0), deviations=(0.4, 0.6)).interval(0.5)
    assert low == pytest.approx(1 - high)
    assert high == pytest.approx(1 / (1 + np.exp(-0.9799820)))


@pytest.mark.parametrize(
    "broken",
    [
        Spread(log_odds=(), deviations=()),
        Spread(log_odds=(0.0, 0.0), deviations=(1.0, 1.0)),
        Spread(log_odds=(0.0,), deviations=(-1.0,)),
        Spread(log_odds=(0.0,), deviations=(float("nan"),)),
    ],
)
def test_malformed_intervals_are_refused(broken: Spread) -> None:
    """A model file may come from anywhere."""
    with pytest.raises(ArtifactIntegrity, match="intervals"):
        broken.verify()
