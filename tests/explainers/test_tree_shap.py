"""Tree SHAP, against enumeration and against the shap library."""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import pytest

from hotcrm_ai.explainers.tree_shap import TreeShap
from hotcrm_ai.local_models.calibration import Calibration
from hotcrm_ai.local_models.encoding import NumberEncoding
from hotcrm_ai.local_models.linear import LinearPart
from hotcrm_ai.local_models.tabular import TabularModel
from hotcrm_ai.local_models.trees import TreeEnsemble


def enumerated_margins(model: TabularModel, row: np.ndarray) -> np.ndarray:
    """Shapley values of the margin for each background row, of shape rows by features, by valuing every coalition."""
    n = len(model.features)

    def worth(coalition: tuple[int, ...]) -> np.ndarray:
        mixed = model.background.copy()
        own = np.isin(model.column_group, coalition)
        mixed[:, own] = row[own]
        return model.margins(mixed)

    worths = {coalition: worth(coalition) for size in range(n + 1) for coalition in combinations(range(n), size)}
    values = np.zeros((len(model.background), n))
    for coalition, held in worths.items():
        for player in set(range(n)) - set(coalition):
            gain = worths[tuple(sorted((*coalition, player)))] - held
            values[:, player] += gain / (n * comb(n - 1, len(coalition)))
    return values


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_margins_equal_enumeration(maker, seed):
    """Before calibration the contributions are the exact Shapley values of the margin."""
    make = maker(seed)
    model = make.model(features=6)
    row = model.encode([make.record(model)])[0]
    base, contributions = TreeShap(model).split_margin(row)
    assert base == pytest.approx(model.margins(model.background).mean(), abs=1e-12)
    np.testing.assert_allclose(contributions, enumerated_margins(model, row).mean(axis=0), atol=1e-12)


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_probabilities_share_each_difference_like_the_margins(maker, seed):
    """Against each background row the difference of probabilities is shared in the proportions of the margin's contributions."""
    make = maker(seed)
    model = make.model(features=6)
    row = model.encode([make.record(model)])[0]
    margin, others = model.margins(row[None])[0], model.margins(model.background)
    rates = (model.link.one(margin) - model.link(others)) / (margin - others)
    base, contributions = TreeShap(model).split(row)
    assert base == pytest.approx(model.probabilities(model.background).mean(), abs=1e-12)
    np.testing.assert_allclose(
        contributions, (rates[:, None] * enumerated_margins(model, row)).mean(axis=0), atol=1e-12
    )


def test_equal_margins_are_shared_by_the_slope_of_the_link():
    """Where record and background row have the same margin, the slope of the link takes the place of the quotient."""
    straight = LinearPart(
        starts=np.array([0, 2, 4], dtype=np.int32),
        x=np.array([0.0, 1.0, 0.0, 1.0]),
        y=np.array([0.0, 2.0, 0.0, -2.0]),
        missing=np.zeros(2),
    )
    model = TabularModel(
        ("a", "b"), (NumberEncoding(),) * 2, 0.0, straight, TreeEnsemble.empty(), Calibration(), np.zeros((1, 2))
    )
    base, contributions = TreeShap(model).split(np.array([1.0, 1.0]))
    assert base == 0.5
    assert contributions.tolist() == [0.5, -0.5]  # 2 and -2 units of margin, at a quarter each


def test_paths_over_more_than_eight_features(maker):
    """Long paths of many features, where the bits of a leaf need a wider type, equal enumeration as well."""
    make = maker(11)
    model = make.model(features=11, trees=3, leaves=1, linear=False, background=3, only_numbers=True)
    chain = TreeEnsemble(
        column=np.array([*range(11), *[-1] * 12], dtype=np.int32),
        threshold=np.zeros(23),
        missing_left=np.zeros(23, dtype=bool),
        left=np.array([*range(11, 22), *[-1] * 12], dtype=np.int32),
        right=np.array([*range(1, 11), 22, *[-1] * 12], dtype=np.int32),
        value=np.concatenate([np.zeros(11), np.random.default_rng(3).normal(size=12)]),
        roots=np.zeros(1, dtype=np.int32),
    )
    deep = TabularModel(
        model.features, model.encodings, 0.2, model.linear, chain, model.link, np.full((3, 11), [[1.0], [0.4], [-1.0]])
    )
    row = np.full(11, 0.5)
    row[4:6] = -0.5, np.nan
    np.testing.assert_allclose(
        TreeShap(deep).split_margin(row)[1], enumerated_margins(deep, row).mean(axis=0), atol=1e-12
    )


def boosted(seed: int, *, missing: bool) -> tuple[Any, np.ndarray]:
    """A small LightGBM model on made-up rows, and those rows."""
    lightgbm = pytest.importorskip("lightgbm", reason="needs the train extra")
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(400, 10))
    if missing:
        rows[rng.random(rows.shape) < 0.1] = np.nan
    filled = np.nan_to_num(rows)
    target = (filled[:, 0] + filled[:, 1] * filled[:, 2] + rng.normal(scale=0.5, size=400) > 0).astype(int)
    settings = {"objective": "binary", "num_leaves": 15, "verbose": -1, "num_threads": 1, "seed": 1}
    return lightgbm.train(settings, lightgbm.Dataset(rows, target), num_boost_round=30), rows


def from_lightgbm(booster: Any, background: np.ndarray) -> TabularModel:
    """Read the trees of a LightGBM dump into our own arrays."""
    nodes: list[list[float]] = []

    def add(tree: dict[str, Any]) -> int:
        at = len(nodes)
        nodes.append([-1, 0.0, False, -1, -1, tree.get("leaf_value", 0.0)])
        if "split_feature" in tree:
            left, right = add(tree["left_child"]), add(tree["right_child"])
            nodes[at] = [tree["split_feature"], tree["threshold"], tree["default_left"], left, right, 0.0]
        return at

    roots = [add(info["tree_structure"]) for info in booster.dump_model()["tree_info"]]
    column, threshold, missing_left, left, right, value = zip(*nodes, strict=True)
    width = background.shape[1]
    flat = LinearPart(np.zeros(width + 1, dtype=np.int32), np.zeros(0), np.zeros(0), np.zeros(width))
    trees = TreeEnsemble(
        np.array(column, dtype=np.int32), np.array(threshold), np.array(missing_left), np.array(left, dtype=np.int32),
        np.array(right, dtype=np.int32), np.array(value), np.array(roots, dtype=np.int32),
    )  # fmt: skip
    names = tuple(f"f{position}" for position in range(width))
    return TabularModel(names, (NumberEncoding(),) * width, 0.0, flat, trees, Calibration(), background)


@pytest.mark.filterwarnings("ignore")  # the reference library warns about its own dependencies
@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("output", ["raw", "probability"])
def test_equal_to_the_shap_library(output, missing):
    """Contributions and base equal those of the shap library's interventional tree explainer, for margins and for probabilities.

    The library computes in part with 32-bit numbers, so equal means within 1e-7.
    """
    shap = pytest.importorskip("shap", reason="needs the reference library")
    booster, rows = boosted(3, missing=missing)
    background, explained = rows[:80], rows[100:120]
    model = from_lightgbm(booster, background)
    np.testing.assert_allclose(model.margins(explained), booster.predict(explained, raw_score=True), atol=1e-12)
    reference = shap.TreeExplainer(booster, background, model_output=output, feature_perturbation="interventional")
    expected = np.asarray(reference.shap_values(explained, check_additivity=False))
    ours = TreeShap(model)
    for row, parts in zip(explained, expected, strict=True):
        base, contributions = ours.split(row) if output == "probability" else ours.split_margin(row)
        assert base == pytest.approx(float(np.ravel(reference.expected_value)[0]), abs=1e-7)
        np.testing.assert_allclose(contributions, parts, atol=1e-7)


@pytest.mark.filterwarnings("ignore")  # the reference library warns about its own dependencies
def test_linear_models_equal_the_shap_library():
    """A model of straight curves gets the contributions of the shap library's linear explainer."""
    shap = pytest.importorskip("shap", reason="needs the reference library")
    rng = np.random.default_rng(0)
    weights, background, rows = rng.normal(size=9), rng.normal(size=(50, 9)), rng.normal(size=(10, 9))
    straight = LinearPart(
        starts=np.arange(10, dtype=np.int32) * 2,
        x=np.tile([-100.0, 100.0], 9),
        y=np.ravel(np.outer(weights, [-100.0, 100.0])),
        missing=np.zeros(9),
    )
    names = tuple(f"f{position}" for position in range(9))
    model = TabularModel(names, (NumberEncoding(),) * 9, 0.7, straight, TreeEnsemble.empty(), Calibration(), background)
    reference = shap.LinearExplainer((weights, 0.7), shap.maskers.Independent(background, max_samples=50))
    for row, parts in zip(rows, reference.shap_values(rows), strict=True):
        base, contributions = TreeShap(model).split_margin(row)
        assert base == pytest.approx(float(reference.expected_value), abs=1e-10)
        np.testing.assert_allclose(contributions, parts, atol=1e-10)
