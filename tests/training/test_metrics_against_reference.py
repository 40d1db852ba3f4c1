"""The metrics equal scikit-learn's where it has them, and hand calculation elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as reference

from hotcrm_ai.training.metrics import METRIC_NAMES, measure, metric_values


def draw(seed: int, *, ties: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return outcomes and probabilities that say something about them."""
    random = np.random.default_rng(seed)
    stated = random.random(400)
    outcome = (random.random(400) < stated).astype(float)
    return outcome, np.round(stated, 1) * 0.98 + 0.01 if ties else stated


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_metrics_equal_scikit_learn(seed, ties):
    """Accuracy, precision, recall, F1, ROC-AUC, average precision, log loss and Brier are the library's numbers, ties included."""
    outcome, stated = draw(seed, ties=ties)
    called = stated >= 0.5
    expected = {
        "accuracy": reference.accuracy_score(outcome, called),
        "precision": reference.precision_score(outcome, called),
        "recall": reference.recall_score(outcome, called),
        "f1": reference.f1_score(outcome, called),
        "roc_auc": reference.roc_auc_score(outcome, stated),
        "average_precision": reference.average_precision_score(outcome, stated),
        "log_loss": reference.log_loss(outcome, stated),
        "brier": reference.brier_score_loss(outcome, stated),
    }
    found = metric_values(outcome, stated)
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-12)


def test_calibration_error_and_lift_by_hand():
    """Bins 0.1-0.2 and 0.9-1 are off by 0.3 and 0.4 on half of the rows each; a top tenth that all won, of half in all, lifts by 2."""
    stated = np.array([0.2 - 1e-9] * 10 + [0.9] * 10)
    outcome = np.array([1.0] * 5 + [0.0] * 5 + [1.0] * 5 + [0.0] * 5)
    found = metric_values(outcome, stated)
    assert found["calibration_error"] == pytest.approx(0.5 * 0.3 + 0.5 * 0.4, abs=1e-6)
    assert found["top_decile_lift"] == pytest.approx(1.0)
    ranked = np.linspace(0.9, 0.1, 20)
    assert metric_values(np.array([1.0, 1.0] + [0.0] * 2 + [1.0] * 8 + [0.0] * 8), ranked)["top_decile_lift"] == 2.0


def test_equal_probabilities_share_the_top_tenth():
    """Where all are equal there is no ranking: the lift is 1 and the AUC a half, in any order of rows."""
    outcome = np.array([1.0] * 5 + [0.0] * 15)
    for ordered in (outcome, outcome[::-1]):
        found = metric_values(ordered, np.full(20, 0.25))
        assert found["top_decile_lift"] == pytest.approx(1.0)
        assert found["roc_auc"] == pytest.approx(0.5)


def test_undefined_metrics_are_left_out():
    """With one class there is no AUC, and without a positive call no precision; nothing is invented."""
    found = metric_values(np.zeros(5), np.full(5, 0.1))
    assert "roc_auc" not in found
    assert "precision" not in found
    assert found["accuracy"] == 1.0


def test_interval_covers_and_is_repeatable():
    """Every metric has an interval around it; the same seed gives the same interval, another seed another."""
    outcome, stated = draw(1, ties=False)
    first, again, other = (measure(outcome, stated, seed=seed) for seed in (0, 0, 1))
    assert set(first.values) == set(first.intervals) == set(METRIC_NAMES)
    assert first.intervals == again.intervals
    assert first.intervals != other.intervals
    for name, (low, high) in first.intervals.items():
        assert low < high
        if name != "calibration_error":  # resampling only adds to it
            assert low <= first.values[name] <= high


def test_interval_of_accuracy_is_that_of_a_share():
    """For 300 right of 400 the interval is the binomial's: 0.75 +- 1.96 * sqrt(0.75 * 0.25 / 400) = 0.75 +- 0.0424."""
    outcome = np.array([1.0] * 300 + [0.0] * 100)
    low, high = measure(outcome, np.full(400, 0.9), seed=0, resamples=4_000).intervals["accuracy"]
    assert low == pytest.approx(0.75 - 0.0424, abs=0.004)
    assert high == pytest.approx(0.75 + 0.0424, abs=0.004)
