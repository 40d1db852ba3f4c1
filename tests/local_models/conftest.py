"""Models for the tests of local models: small ones written by hand, and random ones of every kind of feature."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from hotcrm_ai.local_models.calibration import Calibration
from hotcrm_ai.local_models.encoding import CategoryEncoding, DateEncoding, NumberEncoding, TextEncoding
from hotcrm_ai.local_models.linear import LinearPart
from hotcrm_ai.local_models.tabular import TabularModel
from hotcrm_ai.local_models.trees import TreeEnsemble


def grow_random_trees(random: np.random.Generator, *, n_trees: int, n_columns: int, depth: int) -> TreeEnsemble:
    """Return random trees, parents before children."""
    nodes: list[list[float]] = []

    def grow(level: int) -> int:
        at = len(nodes)
        nodes.append([-1, 0.0, 0, 0, 0, float(random.normal())])
        if level and random.random() < 0.8:
            nodes[at] = [
                int(random.integers(n_columns)),
                float(np.round(random.normal(), 1)),
                int(random.integers(2)),
                0,
                0,
                0.0,
            ]
            nodes[at][3] = grow(level - 1)
            nodes[at][4] = grow(level - 1)
        return at

    roots = [grow(depth) for _ in range(n_trees)]
    column, threshold, missing_left, left, right, value = np.array(nodes).T
    return TreeEnsemble(
        column.astype(np.int32),
        threshold,
        missing_left.astype(bool),
        left.astype(np.int32),
        right.astype(np.int32),
        value,
        np.array(roots, dtype=np.int32),
    )


def make_random_model(seed: int, *, depth: int = 3, n_trees: int = 12) -> TabularModel:
    """Return a model with a number, a boolean, a category, a date and a text, of random parameters."""
    random = np.random.default_rng(seed)
    encodings = (
        NumberEncoding(),
        NumberEncoding(),
        CategoryEncoding(
            keys=("retail", "bank", "farm"), indicators=2, rare=True, missing=True, rates=(0.3, -0.2, 0.1, 0.0, -1.0)
        ),
        DateEncoding(parts=("weekday", "month")),
        TextEncoding(tokens=("budget", "demo")),
    )
    n_columns = sum(encoding.width for encoding in encodings)
    knots = [np.unique(np.round(random.normal(size=3), 2)) for _ in range(n_columns)]
    starts = np.concatenate([[0], np.cumsum([len(part) for part in knots])]).astype(np.int32)
    return TabularModel(
        features=("size", "existing", "industry", "met", "notes"),
        encodings=encodings,
        intercept=0.25,
        linear=LinearPart(starts, np.concatenate(knots), random.normal(size=starts[-1]), random.normal(size=n_columns)),
        trees=grow_random_trees(random, n_trees=n_trees, n_columns=n_columns, depth=depth),
        link=Calibration(lower=0.9, upper=1.2, shift=-0.1),
        background=np.where(random.random((4, n_columns)) < 0.2, np.nan, random.normal(size=(4, n_columns))),
    )


def make_records(seed: int, n_records: int = 60) -> list[dict[str, object]]:
    """Return records with values seen and never seen, missing, absent, and of the wrong type."""
    random = np.random.default_rng(seed)
    start = datetime(2025, 1, 1, tzinfo=UTC)
    choices: dict[str, list[object]] = {
        "size": [None, float("nan"), "many", True, 10**400, *np.round(random.normal(size=8), 1).tolist()],
        "existing": [None, True, False],
        "industry": [None, "", "Retail", " bank ", "farm", "never seen", 3],
        "met": [
            None,
            "no date",
            *(start + timedelta(days=int(d), hours=5) for d in random.integers(400, size=6)),
            "2025-03-04T05:06:07+02:00",
        ],
        "notes": [None, "", "Budget agreed, demo next", "no words of interest", "demo"],
    }
    return [
        {name: values[random.integers(len(values))] for name, values in choices.items() if random.random() < 0.9}
        for _ in range(n_records)
    ]


@pytest.fixture
def two_feature_model() -> TabularModel:
    """A model small enough to evaluate by hand."""
    return TabularModel(
        features=("industry", "size"),
        encodings=(CategoryEncoding(keys=("a", "b"), indicators=1, rare=True), NumberEncoding()),
        intercept=0.3,
        linear=LinearPart(
            np.array([0, 2, 4, 6], dtype=np.int32),
            np.array([0.0, 1.0, 0.0, 1.0, 0.0, 5.0]),
            np.array([0.1, 0.2, 0.0, 1.0, 2.0, -3.0]),
            np.array([0.0, 0.0, 0.7]),
        ),
        trees=TreeEnsemble(
            np.array([2, -1, 0, -1, -1], dtype=np.int32),
            np.array([2.5, 0.0, 0.5, 0.0, 0.0]),
            np.array([True, False, False, False, False]),
            np.array([1, 0, 3, 0, 0], dtype=np.int32),
            np.array([2, 0, 4, 0, 0], dtype=np.int32),
            np.array([0.0, 1.0, 0.0, 2.0, 3.0]),
            np.array([0], dtype=np.int32),
        ),
        link=Calibration(),
        background=np.array([[0.0, 1.0, np.nan]]),
    )


@pytest.fixture
def random_model():
    """The maker of random models, by seed."""
    return make_random_model


@pytest.fixture
def records():
    """The maker of records, by seed."""
    return make_records
