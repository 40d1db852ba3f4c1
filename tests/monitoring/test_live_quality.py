"""Live quality is measured as the training report measures, per version, arm and period."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from hotcrm_ai.domain.live_quality import CalibrationBin, JudgedPrediction
from hotcrm_ai.monitoring.live_quality import measure_live

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


def judged(probability: float, happened: bool, **changes: Any) -> JudgedPrediction:
    values = {"model_version": "1.0.0", "variant": "none", "created_date": NOON}
    return JudgedPrediction(**{**values, "probability": probability, "happened": happened, **changes})


def test_of_four_predictions_every_measure_by_hand():
    """0.9 yes, 0.8 no, 0.3 yes, 0.1 no: half are right, three of four pairs in order, Brier 0.2875."""
    (found,) = measure_live("m", [judged(0.9, True), judged(0.8, False), judged(0.3, True), judged(0.1, False)])
    assert (found.outcomes, found.base_rate, found.accuracy, found.auc) == (4, 50.0, 50.0, 75.0)
    assert found.brier == pytest.approx((0.01 + 0.64 + 0.49 + 0.01) / 4)
    assert found.calibration_error == pytest.approx((0.1 + 0.8 + 0.7 + 0.1) / 4)
    assert found.top_decile_lift == 2.0
    assert found.calibration[0] == CalibrationBin(predicted=0.1, observed=0.0, predictions=1)
    assert (found.period_start, found.period_end) == (None, None)


def test_many_predictions_with_ties_agree_with_scikit_learn():
    """AUC and Brier score of 5,000 predictions, many of them equal, are those of an independent library."""
    chance = random.Random(7)
    group = []
    for _ in range(5_000):
        probability = round(chance.random(), 2)
        group.append(judged(probability, chance.random() < probability))
    (found,) = measure_live("m", group)
    happened, stated = [one.happened for one in group], [one.probability for one in group]
    assert found.auc == pytest.approx(100.0 * roc_auc_score(happened, stated))
    assert found.brier == pytest.approx(brier_score_loss(happened, stated))
    assert sum(one.predictions for one in found.calibration) == 5_000
    assert found.calibration_error < 0.03


def test_ties_at_the_edge_of_the_best_tenth_share_their_places():
    """Of 20 predictions the best two count; where four share these places with one that happened, half of it counts."""
    group = [judged(0.9, happened) for happened in (True, False, False, False)]
    group += [judged(0.1, number == 0) for number in range(16)]
    (found,) = measure_live("m", group)
    assert found.top_decile_lift == pytest.approx((0.5 / 2) / (2 / 20))


def test_of_one_class_there_is_no_ranking():
    """Where all happened, AUC and lift are not known; the rest is."""
    (found,) = measure_live("m", [judged(0.9, True), judged(0.4, True)])
    assert (found.auc, found.top_decile_lift, found.accuracy, found.base_rate) == (None, None, 50.0, 100.0)


def test_versions_arms_and_periods_are_measured_apart():
    """Each version, arm and day has its own measures, in order of time."""
    later = NOON + timedelta(days=1)
    found = measure_live(
        "m",
        [
            judged(0.9, True, created_date=later),
            judged(0.9, True, variant="champion"),
            judged(0.9, False, variant="challenger", model_version="2.0.0"),
        ],
        period_seconds=86_400.0,
    )
    days = [datetime(2026, 3, 31, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)]
    assert [(one.period_start, one.model_version, one.variant, one.accuracy) for one in found] == [
        (days[0], "1.0.0", "champion", 100.0),
        (days[0], "2.0.0", "challenger", 0.0),
        (days[1], "1.0.0", "none", 100.0),
    ]
    assert found[0].period_end == days[1]


def test_of_nothing_nothing_is_measured():
    """Without judged predictions there are no measures."""
    assert measure_live("m", []) == []
