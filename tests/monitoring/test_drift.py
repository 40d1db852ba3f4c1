"""Drift is told where there is some, and not where chance or few predictions explain it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from hotcrm_ai.domain.drift import DriftReference, ReferenceBins
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.monitoring.drift import measure, noise_level, report_drift

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
TENTHS = ReferenceBins(counts=(100,) * 10, edges=tuple(n / 10 for n in range(1, 10)))
MODEL = ModelConfig(
    id="m",
    signature=Signature(features=(FeatureSpec(name="x", type="number"), FeatureSpec(name="text", type="text"))),
)
REFERENCE = DriftReference(features={"x": TENTHS}, predictions=None)


def test_the_index_and_the_divergence_are_those_of_the_formulas() -> None:
    """Shares 50:50 against 25:75: PSI 0.25 ln 3 = 0.2747, divergence 0.0488 bits (by hand), less a little smoothing."""
    bins = ReferenceBins(counts=(50_000, 50_000), edges=(0.5,))
    found = measure("x", bins, [0.2] * 25_000 + [0.7] * 75_000, allowed=0.01)
    assert found.psi == pytest.approx(0.2747, abs=2e-4)
    assert found.jensen_shannon == pytest.approx(0.0488, abs=2e-4)
    assert found.status == "drifted"


def test_the_noise_level_is_that_of_chi_squared() -> None:
    """The 99 % quantile with 9 degrees of freedom is 21.666 in every table."""
    assert noise_level(10, 1000, 1000, allowed=0.01) == pytest.approx(21.666 * 0.002, rel=0.01)


@pytest.mark.parametrize("samples", [50, 200, 2000])
def test_small_samples_do_not_cry_wolf(samples: int) -> None:
    """Of 400 reports without drift, about 4 may be false alarms at most; 12 would be chance once in thousands of runs."""
    chance = np.random.default_rng(7)
    features = {f"f{number}": TENTHS for number in range(5)}
    alarms = 0
    for _ in range(400):
        rows: list[tuple[dict[str, Any], Any]] = [
            ({f"f{number}": value for number, value in enumerate(values)}, None)
            for values in chance.random((samples, 5)).tolist()
        ]
        report = report_drift(MODEL, DriftReference(features=features, predictions=None), rows, since=NOON)
        alarms += report.status != "stable"
    assert alarms <= 12


def test_a_real_shift_is_found() -> None:
    """200 predictions whose values are squared have drifted, and the words name the feature."""
    chance = np.random.default_rng(7)
    rows: list[tuple[dict[str, Any], Any]] = [({"x": value**2}, None) for value in chance.random(200).tolist()]
    report = report_drift(MODEL, REFERENCE, rows, since=NOON)
    assert (report.status, report.features[0].name) == ("drifted", "x")
    assert "x drifted (PSI" in report.reason
    assert report.skipped == {"text": "training kept no distribution of it (text)"}


def test_too_few_predictions_are_said_plainly() -> None:
    """Below 50 nothing is measured."""
    report = report_drift(MODEL, REFERENCE, [({"x": 0.1}, None)] * 49, since=NOON)
    assert (report.status, report.features, report.samples) == ("not_enough_predictions", (), 49)
    assert report.reason == "Not enough predictions: 49 in the window, at least 50 are needed."


def test_missing_values_are_a_drift_of_their_own() -> None:
    """A field that is suddenly left out in half of the requests is told with both rates."""
    bins = ReferenceBins(counts=(480, 480), edges=(0.5,), missing=40)
    found = measure("x", bins, [None] * 100 + [0.2, 0.7] * 50, allowed=0.01)
    assert (found.missing_rate, found.reference_missing_rate, found.status) == (50.0, 4.0, "drifted")


def test_categories_fold_and_new_ones_count_as_rest() -> None:
    """Spelling in another case is the same value; values that training never saw move the feature."""
    bins = ReferenceBins(counts=(300, 200), values=("Retail", "Media"), rest=0, missing=None)
    same = measure("industry", bins, ["retail "] * 60 + ["MEDIA"] * 40, allowed=0.01)
    new = measure("industry", bins, ["Retail"] * 60 + ["Space"] * 40, allowed=0.01)
    assert (same.status, new.status, same.missing_rate) == ("stable", "drifted", None)


def test_predictions_drift_too_and_personal_features_are_skipped() -> None:
    """Chances are compared like a feature; digests are not."""
    reference = DriftReference(features={"x": TENTHS}, predictions=TENTHS)
    rows: list[tuple[dict[str, Any], Any]] = [({"x": "sha256:00"}, {"probability": 0.95})] * 100
    report = report_drift(MODEL, reference, rows, since=NOON, personal=frozenset({"x"}))
    assert report.features == ()
    assert report.skipped["x"] == "personal: only digests are logged"
    assert report.prediction is not None
    assert report.prediction.status == "drifted"
