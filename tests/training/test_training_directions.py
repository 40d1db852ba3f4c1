"""With a column named in ``monotone`` the probability goes one way only, whatever kind of model is chosen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from hotcrm_ai.domain.errors import ConfigError, TrainingDataError
from hotcrm_ai.domain.signature import FeatureSpec
from hotcrm_ai.local_models.tabular import TabularModel
from hotcrm_ai.training.directions import check_directions
from hotcrm_ai.training.fit_linear import fit_linear_path
from hotcrm_ai.training.fit_trees import RECIPES, fit_ensemble
from hotcrm_ai.training.recipe import train_classifier

FEATURES = (FeatureSpec(name="calls", type="number"), FeatureSpec(name="shop", type="category"))


def _wavy(count: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return two columns, a tenth of the first missing, and outcomes that rise and fall with both."""
    random = np.random.default_rng(3)
    matrix = random.normal(size=(count, 2))
    odds = 1.5 * np.sin(2.5 * matrix[:, 0]) + 0.5 * matrix[:, 0] - np.sin(3 * matrix[:, 1])
    target = (random.random(count) < 1 / (1 + np.exp(-odds))).astype(np.float64)
    matrix[random.random(count) < 0.1, 0] = np.nan
    return matrix, target


def _grid(at: float) -> npt.NDArray[np.float64]:
    """Return rows whose first column rises while the second stays."""
    steps = np.linspace(-4, 4, 301)
    return np.column_stack([steps, np.full(301, at)])


@pytest.mark.parametrize("direction", [1, -1])
def test_the_linear_part_keeps_to_the_direction_at_every_penalty(direction: int) -> None:
    """The curve of the column never turns back; without the option it does, so the test can fail."""
    matrix, target = _wavy(1_500)
    for fit in fit_linear_path(matrix, target, directions=[direction, 0]):
        heights = fit.to_curves(share=1.0).column_terms(_grid(0.0))[:, 0]
        assert (direction * np.diff(heights) >= 0.0).all()
    free = fit_linear_path(matrix, target)[-1].to_curves(share=1.0).column_terms(_grid(0.0))[:, 0]
    assert (np.diff(free) > 0.0).any()
    assert (np.diff(free) < 0.0).any()


def test_a_direction_that_is_true_anyway_hardly_changes_the_linear_part() -> None:
    """Where the outcome rises with the column, the constrained and the free curve give almost the same margins."""
    random = np.random.default_rng(4)
    matrix = random.normal(size=(2_000, 1))
    target = (random.random(2_000) < 1 / (1 + np.exp(-1.5 * matrix[:, 0]))).astype(np.float64)
    free, kept = (
        fit_linear_path(matrix, target, strengths=[0.1], directions=directions)[0].margins(matrix)
        for directions in ([0], [1])
    )
    assert float(np.corrcoef(free, kept)[0, 1]) > 0.995


@pytest.mark.parametrize("recipe", [RECIPES[2], RECIPES[-1]], ids=["plain", "mixed"])
def test_both_kinds_of_trees_keep_to_the_direction(recipe: object) -> None:
    """The trees' margin rises with the first column and falls with the second, wherever the other one stands."""
    matrix, target = _wavy(1_500)
    trees = fit_ensemble(matrix, target, recipe=recipe, share=1.0, seed=0, directions=[1, -1])  # type: ignore[arg-type]  # one of RECIPES
    for at in (-1.0, 0.0, 0.7, np.nan):
        assert (np.diff(trees.margins(_grid(at))) >= -1e-12).all()
        assert (np.diff(trees.margins(_grid(at)[:, ::-1])) <= 1e-12).all()


def test_the_answers_of_a_trained_model_go_one_way_and_the_report_says_so() -> None:
    """From file to answer: more calls never lower the probability, although the records say so beyond five."""
    random = np.random.default_rng(6)
    calls = random.integers(0, 11, size=900)
    won = random.random(900) < 1 / (1 + np.exp(np.abs(calls - 5.0) - 2.0))
    rows = [
        {"calls": int(call), "shop": str(random.choice(["n", "s"])), "won": int(win)}
        for call, win in zip(calls, won, strict=True)
    ]
    trained = train_classifier(
        rows, feature_name="lead-scoring", target="won", keep=("calls",), monotone={"calls": "+"}
    )
    model = TabularModel.from_json(trained.members["model.json"])
    answers = [model.predict_one({"calls": call, "shop": "n"}) for call in range(11)]
    assert answers == sorted(answers)
    assert answers[5] > answers[0] + 0.1
    assert trained.report.monotone == {"calls": "+"}
    assert trained.manifest.extra["monotone"] == {"calls": "+"}


def test_directions_that_cannot_be_kept_are_refused() -> None:
    """A category has no order, an unknown column no direction, and only + and - are directions."""
    assert check_directions({"calls": "-"}, FEATURES) == {"calls": "-"}
    with pytest.raises(TrainingDataError, match="'shop' in one direction: it is a category"):
        check_directions({"shop": "+"}, FEATURES)
    with pytest.raises(TrainingDataError, match="the model does not use the column"):
        check_directions({"price": "+"}, FEATURES)
    with pytest.raises(ConfigError, match="give '\\+' \\(rises\\) or '-' \\(falls\\)"):
        check_directions({"calls": "up"}, FEATURES)
