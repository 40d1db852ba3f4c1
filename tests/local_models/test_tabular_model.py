"""The tabular model gives the same numbers by every path, from memory and from its file."""

from __future__ import annotations

import math

import numpy as np
import pytest


def logistic(margin: float) -> float:
    """Return the probability of a log-odds."""
    return 1.0 / (1.0 + math.exp(-margin))


@pytest.mark.parametrize(
    ("record", "margin"),
    [
        # intercept + curve of indicator a + curve of rare + curve of size + leaf
        ({"industry": "a", "size": 3.0}, 0.3 + 0.2 + 0.0 - 1.0 + 3.0),
        ({"industry": "b", "size": 3.0}, 0.3 + 0.1 + 1.0 - 1.0 + 2.0),
        ({"industry": "never seen", "size": 2.5}, 0.3 + 0.1 + 1.0 - 0.5 + 1.0),
        ({"industry": " A ", "size": 99.0}, 0.3 + 0.2 + 0.0 - 3.0 + 3.0),
        ({}, 0.3 + 0.1 + 0.0 + 0.7 + 1.0),
    ],
)
def test_probability_is_the_sum_worked_out_by_hand(two_feature_model, record, margin):
    """The margin is intercept, curves and leaves; a size beyond the trained range counts as its end."""
    assert two_feature_model.predict_one(record) == pytest.approx(logistic(margin), abs=1e-12)
    matrix = two_feature_model.encode([record])
    assert two_feature_model.probabilities(matrix)[0] == pytest.approx(logistic(margin), abs=1e-12)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("depth", [0, 1, 3, 4, 6])
def test_one_record_scores_as_in_a_batch(random_model, records, seed, depth):
    """The single-record path equals the batch path to 1e-12, with small trees (masks) and large ones (walk)."""
    model = random_model(seed, depth=depth)
    rows = records(seed)
    batch = model.probabilities(model.encode(rows))
    assert np.isfinite(batch).all()
    assert np.abs([model.predict_one(row) for row in rows] - batch).max() <= 1e-12


@pytest.mark.parametrize("seed", range(5))
def test_masks_find_the_leaves_that_walking_finds(random_model, records, seed):
    """Evaluation by bit masks equals going down every tree, also exactly at thresholds and where values are missing."""
    model = random_model(seed, depth=4, n_trees=30)
    matrix = model.encode(records(seed, 200))
    model.trees.verify(model.n_columns)
    assert model.trees.margins(matrix) == pytest.approx(model.trees.walk(matrix), abs=1e-12)


def test_linear_terms_of_features_add_up_to_the_margin(random_model, records):
    """Intercept, one linear term for each feature and the trees are all there is to a margin."""
    model = random_model(3)
    matrix = model.encode(records(3))
    terms = model.linear_terms(matrix)
    assert terms.shape == (60, 5)
    total = model.intercept + terms.sum(axis=1) + model.trees.walk(matrix)
    assert total == pytest.approx(model.margins(matrix), abs=1e-12)
    assert model.column_group.tolist() == [0, 1, 2, 2, 2, 2, 2, 3, 3, 4, 4, 4]


def test_order_of_keys_and_unknown_features_change_nothing(random_model, records):
    """A record is read by its features' names."""
    model = random_model(5)
    for row in records(5):
        turned = {"unheard of": 1.0, **dict(reversed(row.items()))}
        assert model.predict_one(turned) == model.predict_one(row)


@pytest.mark.parametrize("seed", range(4))
def test_file_holds_the_model_exactly(random_model, records, seed):
    """A model read from its file writes the same file and gives the same probabilities, bit for bit."""
    model = random_model(seed)
    content = model.to_json()
    again = type(model).from_json(content)
    assert again.to_json() == content
    rows = records(seed)
    assert np.array_equal(again.probabilities(again.encode(rows)), model.probabilities(model.encode(rows)))
    assert np.array_equal(again.background, model.background, equal_nan=True)
