"""Fitting is honest, repeatable, and holds on small, lopsided and odd tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.domain.signature import FeatureSpec
from hotcrm_ai.local_models.tabular import TabularModel
from hotcrm_ai.training.calibrate import choose_calibration, fit_calibration
from hotcrm_ai.training.encoding_fit import encode_training_table, fit_encodings
from hotcrm_ai.training.fit import fit_tabular
from hotcrm_ai.training.fit_linear import fit_linear_path
from hotcrm_ai.training.metrics import metric_values

FEATURES = (
    FeatureSpec(name="size", type="number"),
    FeatureSpec(name="industry", type="category"),
    FeatureSpec(name="existing", type="boolean"),
    FeatureSpec(name="met", type="date"),
    FeatureSpec(name="notes", type="text"),
    FeatureSpec(name="constant", type="category"),
    FeatureSpec(name="empty", type="number"),
)
INDUSTRIES = ("retail", "bank", "farm", "school")


def make_table(n_rows: int, seed: int = 0) -> tuple[dict[str, object], np.ndarray]:
    """Return typed columns with missing values, and an outcome that depends on size, industry and notes."""
    random = np.random.default_rng(seed)
    size = random.normal(size=n_rows)
    industry = random.integers(len(INDUSTRIES), size=n_rows)
    wants = random.random(n_rows) < 0.3
    odds = 1.2 * size + np.array([1.0, -1.0, 0.0, 0.5])[industry] + 1.5 * wants - 0.8
    outcome = (random.random(n_rows) < 1.0 / (1.0 + np.exp(-odds))).astype(float)
    absent = random.random(n_rows) < 0.1
    start = datetime(2025, 1, 1, tzinfo=UTC)
    return {
        "size": np.where(absent, np.nan, size),
        "industry": [None if gone else INDUSTRIES[at] for at, gone in zip(industry, absent[::-1], strict=True)],
        "existing": [
            None if gone else bool(flag) for flag, gone in zip(random.integers(2, size=n_rows), absent, strict=True)
        ],
        "met": [start + timedelta(days=int(day)) for day in random.integers(365, size=n_rows)],
        "notes": ["wants a demo" if want else "called once" for want in wants],
        "constant": ["same"] * n_rows,
        "empty": np.full(n_rows, np.nan),
    }, outcome


def test_same_data_and_seed_give_the_same_bytes():
    """A model's file depends on the rows and the seed, and on nothing else."""
    table, outcome = make_table(300)
    first, again, other = (fit_tabular(table, outcome, features=FEATURES, seed=seed) for seed in (3, 3, 4))
    assert first.model.to_json() == again.model.to_json()
    assert first.model.to_json() != other.model.to_json()
    assert np.array_equal(first.oof_probabilities, again.oof_probabilities)


def test_model_ranks_well_and_is_calibrated_on_unseen_rows():
    """On rows that it never saw it comes near the truth's own AUC (0.84), and its file answers the same."""
    table, outcome = make_table(1_500, seed=10)
    unseen, truth = make_table(4_000, seed=1)
    fit = fit_tabular(table, outcome, features=FEATURES, seed=0)
    model = TabularModel.from_json(fit.model.to_json())
    found = metric_values(truth, model.probabilities(model.encode_columns(unseen, n_rows=4_000)))
    assert found["roc_auc"] > 0.79
    assert found["calibration_error"] < 0.04  # the two samples' base rates alone differ by 0.02
    honest = metric_values(outcome, fit.oof_probabilities)
    assert honest["log_loss"] == pytest.approx(found["log_loss"], abs=0.04)
    assert fit.log_losses["blend"] <= min(fit.log_losses["linear"], fit.log_losses["boosted"]) < fit.log_losses["prior"]
    assert model.background.shape == (100, model.n_columns)


def test_fitted_model_scores_one_record_as_a_batch():
    """The quick path of a really fitted model equals its batch path to 1e-12."""
    table, outcome = make_table(600)
    model = fit_tabular(table, outcome, features=FEATURES, seed=0).model
    rows = [{name: column[row] for name, column in table.items()} for row in range(200)]
    batch = model.probabilities(model.encode(rows))
    assert np.abs(np.array([model.predict_one(row) for row in rows]) - batch).max() <= 1e-12
    assert np.array_equal(batch, model.probabilities(model.encode_columns(table, n_rows=600))[:200])


def test_pure_noise_is_answered_near_the_base_rate():
    """Where nothing can be known the model says so: hardly worse than always the base rate."""
    random = np.random.default_rng(5)
    table, _ = make_table(400)
    outcome = (random.random(400) < 0.3).astype(float)
    unseen, _ = make_table(2_000, seed=2)
    truth = (random.random(2_000) < 0.3).astype(float)
    model = fit_tabular(table, outcome, features=FEATURES, seed=0).model
    loss = metric_values(truth, model.probabilities(model.encode_columns(unseen, n_rows=2_000)))["log_loss"]
    base = metric_values(truth, np.full(2_000, outcome.mean()))["log_loss"]
    assert loss < base + 0.03


@pytest.mark.parametrize(("n_rows", "positives"), [(30, 2), (30, 15), (120, 118), (60, 3)])
def test_few_rows_and_few_outcomes_train(n_rows, positives):
    """Few rows are no wall: probabilities are finite, inside of 0 to 1, and about the base rate on average."""
    table, _ = make_table(n_rows)
    outcome = np.zeros(n_rows)
    outcome[np.random.default_rng(1).permutation(n_rows)[:positives]] = 1.0
    fit = fit_tabular(table, outcome, features=FEATURES, seed=0)
    stated = fit.model.probabilities(fit.model.encode_columns(table, n_rows=n_rows))
    assert np.all((stated > 0.0) & (stated < 1.0))
    assert stated.mean() == pytest.approx(positives / n_rows, abs=0.12)


def test_lopsided_outcome_keeps_its_rate():
    """One outcome in fifty is answered with probabilities that add up to the outcomes seen."""
    table, _ = make_table(2_000)
    size = np.nan_to_num(np.asarray(table["size"]))
    outcome = (np.random.default_rng(2).random(2_000) < 1.0 / (1.0 + np.exp(4.5 - 1.2 * size))).astype(float)
    fit = fit_tabular(table, outcome, features=FEATURES, seed=0)
    assert fit.oof_probabilities.sum() == pytest.approx(outcome.sum(), rel=0.15)
    assert metric_values(outcome, fit.oof_probabilities)["roc_auc"] > 0.7


def test_feature_that_says_nothing_has_no_columns():
    """Constant and empty columns stay in the signature's order and never move an answer."""
    table, outcome = make_table(200)
    model = fit_tabular(table, outcome, features=FEATURES, seed=0).model
    assert model.features == tuple(spec.name for spec in FEATURES)
    assert set(model.column_group.tolist()) == {0, 1, 2, 3, 4}
    assert model.predict_one({"constant": "other", "empty": 5.0}) == model.predict_one({})


def test_table_without_any_telling_column_gives_the_base_rate():
    """With constant columns only there is the base rate, and no failure."""
    features = (FeatureSpec(name="constant", type="category"),)
    outcome = np.array([1.0] * 10 + [0.0] * 30)
    model = fit_tabular({"constant": ["same"] * 40}, outcome, features=features, seed=0).model
    assert model.predict_one({"constant": "same"}) == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize("outcome", [np.zeros(20), np.eye(20)[0], np.arange(20.0)])
def test_outcome_that_teaches_nothing_is_refused(outcome):
    """Fewer than two rows of an outcome, or values other than 0 and 1, cannot be trained on."""
    table, _ = make_table(20)
    with pytest.raises(TrainingDataError):
        fit_tabular(table, outcome, features=FEATURES, seed=0)


def test_feature_of_a_list_is_refused():
    """A tabular model says so when a column is of a type that it cannot take."""
    features = (FeatureSpec(name="history", type="number_list"),)
    with pytest.raises(TrainingDataError, match="history"):
        fit_tabular({"history": [[1.0]] * 20}, np.array([0.0, 1.0] * 10), features=features, seed=0)


def test_rates_of_training_rows_do_not_hold_their_own_outcome():
    """For a category without any meaning the training rows' rates do not predict their outcomes."""
    random = np.random.default_rng(0)
    values = [f"account {number}" for number in random.integers(200, size=1_000)]
    outcome = (random.random(1_000) < 0.5).astype(float)
    features = (FeatureSpec(name="account", type="category"),)
    encodings = fit_encodings({"account": values}, features, outcome)
    matrix = encode_training_table(encodings, {"account": values}, ["account"], outcome, seed=0)
    assert metric_values(outcome, 1.0 / (1.0 + np.exp(-matrix[:, -1])))["roc_auc"] < 0.55
    leaking = metric_values(outcome, 1.0 / (1.0 + np.exp(-np.array([encodings[0].row(v)[-1] for v in values]))))
    assert leaking["roc_auc"] > 0.65


def test_progress_rises_to_done():
    """Whoever watches hears of rising shares of the work, up to all of it."""
    heard: list[float] = []
    table, outcome = make_table(60)
    fit_tabular(table, outcome, features=FEATURES, seed=0, progress=lambda _stage, share: heard.append(share))
    assert heard == sorted(heard)
    assert heard[-1] == 1.0


def test_calibration_mends_margins_that_are_twice_too_bold():
    """Margins doubled against the truth are halved again, and chosen because held-out rows agree."""
    random = np.random.default_rng(0)
    margins = random.normal(size=5_000) * 1.5
    outcome = (random.random(5_000) < 1.0 / (1.0 + np.exp(-margins))).astype(float)
    thirds = np.arange(5_000) % 3
    folds = [(np.flatnonzero(thirds != k), np.flatnonzero(thirds == k)) for k in range(3)]
    link, stated = choose_calibration(2.0 * margins, outcome, folds)
    assert (link.lower, link.upper) == pytest.approx((0.5, 0.5), abs=0.06)
    assert metric_values(outcome, stated)["calibration_error"] < 0.03


def test_calibration_of_few_rows_stays_near_no_change():
    """Ten rows cannot overturn a model: the penalty keeps the link near the logistic function."""
    link = fit_calibration(np.linspace(-1, 1, 10), np.array([1.0, 0.0] * 5))
    assert 0.4 < link.lower < 1.6
    assert 0.4 < link.upper < 1.6
    assert abs(link.shift) < 0.3


def test_the_linear_part_of_a_huge_table_learns_from_a_spread_of_both_outcomes() -> None:
    """Of more than 50,000 rows it takes a part, in which one positive in 30,000 is still there."""
    matrix = np.linspace(-1.0, 1.0, 60_000)[:, None]
    target = np.zeros(60_000)
    target[[40_000, 59_998]] = 1.0
    fit = fit_linear_path(matrix, target, strengths=[0.1])[0]
    low, high = fit.margins(np.array([[-0.9], [0.9]]))
    assert low < high < -5.0
