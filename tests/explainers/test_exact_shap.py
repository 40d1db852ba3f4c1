"""Exact Shapley values of the calibrated probability, against enumeration of all coalitions."""

from __future__ import annotations

from itertools import combinations
from math import factorial

import numpy as np
import pytest

from hotcrm_ai.explainers.exact_shap import ExactShap
from hotcrm_ai.local_models.tabular import TabularModel


def enumerated_shapley(model: TabularModel, row: np.ndarray) -> tuple[float, np.ndarray]:
    """Shapley's definition, term by term: every coalition is valued by evaluating mixed rows with the model."""
    n = len(model.features)

    def worth(coalition: tuple[int, ...]) -> float:
        mixed = model.background.copy()
        own = np.isin(model.column_group, coalition)
        mixed[:, own] = row[own]
        return float(model.probabilities(mixed).mean())

    values = np.zeros(n)
    for player in range(n):
        others = [other for other in range(n) if other != player]
        for size in range(n):
            weight = factorial(size) * factorial(n - size - 1) / factorial(n)
            for coalition in combinations(others, size):
                values[player] += weight * (worth((*coalition, player)) - worth(coalition))
    return worth(()), values


@pytest.mark.parametrize("n_features", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_equal_to_enumeration(maker, n_features, seed):
    """Base and contributions equal those of Shapley's definition, whatever the kinds of features, with values missing."""
    make = maker(100 * n_features + seed)
    model = make.model(features=n_features)
    explainer = ExactShap(model)
    for _ in range(3):
        row = model.encode([make.record(model)])[0]
        base, contributions = explainer.split(row)
        expected_base, expected = enumerated_shapley(model, row)
        assert base == pytest.approx(expected_base, abs=1e-12)
        np.testing.assert_allclose(contributions, expected, atol=1e-12)


@pytest.mark.parametrize(("trees", "linear"), [(0, True), (5, False), (0, False)])
def test_equal_to_enumeration_without_a_part(maker, trees, linear):
    """A model of trees only, of curves only, or of nothing but an intercept is explained as well."""
    make = maker(7)
    model = make.model(features=4, trees=trees, linear=linear)
    row = model.encode([make.record(model)])[0]
    _, contributions = ExactShap(model).split(row)
    np.testing.assert_allclose(contributions, enumerated_shapley(model, row)[1], atol=1e-12)


def test_trees_that_are_single_leaves_belong_to_the_base(maker):
    """A tree without a split shifts the base and gives no feature a part."""
    make = maker(8)
    model = make.model(features=2, trees=3, leaves=1, linear=False)
    base, contributions = ExactShap(model).split(model.encode([make.record(model)])[0])
    assert base == pytest.approx(model.link.one(model.intercept + float(model.trees.value.sum())), abs=1e-15)
    assert contributions.tolist() == [0.0, 0.0]


def test_worked_example_by_hand():
    """Two features, one background row, plain logistic: half of each of the two orders of entry."""
    from hotcrm_ai.local_models.calibration import Calibration
    from hotcrm_ai.local_models.encoding import NumberEncoding
    from hotcrm_ai.local_models.linear import LinearPart
    from hotcrm_ai.local_models.trees import TreeEnsemble

    straight = LinearPart(
        starts=np.array([0, 2, 4], dtype=np.int32),
        x=np.array([0.0, 1.0, 0.0, 1.0]),
        y=np.array([0.0, 1.0, 0.0, 2.0]),
        missing=np.zeros(2),
    )
    model = TabularModel(
        ("a", "b"),
        (NumberEncoding(), NumberEncoding()),
        0.0,
        straight,
        TreeEnsemble.empty(),
        Calibration(),
        np.zeros((1, 2)),
    )
    base, contributions = ExactShap(model).split(np.array([1.0, 1.0]))
    # logistic(0) = 0.5, logistic(1) = 0.7310585786, logistic(2) = 0.8807970780, logistic(3) = 0.9525741268
    assert base == 0.5
    assert contributions[0] == pytest.approx(((0.7310585786 - 0.5) + (0.9525741268 - 0.8807970780)) / 2, abs=1e-9)
    assert contributions[1] == pytest.approx(((0.8807970780 - 0.5) + (0.9525741268 - 0.7310585786)) / 2, abs=1e-9)
