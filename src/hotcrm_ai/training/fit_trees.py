"""Fits boosted trees with LightGBM and turns them into our own arrays."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from hotcrm_ai.local_models.trees import TreeEnsemble
from hotcrm_ai.training.fit_rounding import significant

Floats = npt.NDArray[np.float64]

ROUNDS: Final = (30, 60, 100, 150, 200, 250, 300, 350, 400, 450, 500)
"""Numbers of steps that are compared by cross-validation."""
MOST_MIXED_ROUNDS: Final = 400
"""More steps than this are not tried where each step is two trees: the trees must stay quick to evaluate and to explain."""
LARGE_TABLE_ROWS: Final = 20_000
WIDE_FROM_ROWS: Final = 1_500
"""From as many rows trees of 16 leaves are tried, on fewer of 8: of 1,000 rows, wider ones were never chosen to advantage."""
_MAX_THREADS: Final = 4


class Growth(NamedTuple):
    """How the trees of one kind grow: the length of a step, their size, and whether they split at random thresholds.

    ``smoothing`` is how many rows of its parent's value a leaf is mixed with.
    """

    step: float
    leaves: int
    depth: int
    random_thresholds: bool = False
    smoothing: float = 0.0


SMALL: Final = Growth(0.03, leaves=4, depth=6)
RANDOM: Final = Growth(0.08, leaves=8, depth=6, random_thresholds=True)
MIDDLE: Final = Growth(0.03, leaves=8, depth=6)
WIDE: Final = Growth(0.03, leaves=16, depth=8)
WIDE_RANDOM: Final = Growth(0.08, leaves=16, depth=8, random_thresholds=True, smoothing=10.0)


class Recipe(NamedTuple):
    """A number of boosting steps, and the kinds of trees whose mean is the margin.

    Trees that split at random thresholds err differently from those that split at the best ones (Geurts, Ernst, Wehenkel: Extremely
    randomized trees, Machine Learning 2006), so the mean of both is often better than either. Small trees suit outcomes that single
    columns tell, wide ones those that only several columns tell together.
    """

    rounds: int
    growths: tuple[Growth, ...]


RECIPES: Final = (
    *(Recipe(rounds, (SMALL,)) for rounds in ROUNDS),
    *(Recipe(rounds, (SMALL, RANDOM)) for rounds in ROUNDS if rounds <= MOST_MIXED_ROUNDS),
    *(Recipe(rounds, (MIDDLE,)) for rounds in ROUNDS),
    *(Recipe(rounds, (WIDE,)) for rounds in ROUNDS),
    *(Recipe(rounds, (WIDE, WIDE_RANDOM)) for rounds in ROUNDS if rounds <= MOST_MIXED_ROUNDS),
)


def fit_recipe_margins(
    matrix: Floats, target: Floats, unseen: Floats, *, seed: int, directions: Sequence[int] = ()
) -> dict[Recipe, Floats]:
    """Fit all recipes for as many rows at once on training rows and return the log-odds that each gives to unseen rows.

    ``directions`` is for each column 1 where the margin may only rise with it, -1 where it may only fall, and 0 where it is free.
    """
    recipes = [recipe for recipe in RECIPES if _left_out(len(target)).isdisjoint(recipe.growths)]
    if not _can_split(matrix):
        return dict.fromkeys(recipes, np.full(len(unseen), _log_odds(target)))
    most: dict[Growth, int] = {}
    for recipe in recipes:
        most |= {growth: max(recipe.rounds, most.get(growth, 0)) for growth in recipe.growths}
    stages = {
        growth: _staged_margins(
            _fit_booster(matrix, target, growth=growth, rounds=rounds, seed=seed, directions=directions), unseen
        )
        for growth, rounds in most.items()
    }
    return {recipe: np.mean([stages[growth][recipe.rounds] for growth in recipe.growths], axis=0) for recipe in recipes}


def fit_ensemble(
    matrix: Floats, target: Floats, *, recipe: Recipe, share: float, seed: int, directions: Sequence[int] = ()
) -> TreeEnsemble:
    """Fit one recipe and return its trees as arrays, leaf values multiplied by the trees' share of the blend."""
    if not _can_split(matrix):
        return _one_leaf(share * _log_odds(target))
    boosters = [
        _fit_booster(matrix, target, growth=growth, rounds=recipe.rounds, seed=seed, directions=directions)
        for growth in recipe.growths
    ]
    return _to_ensemble(boosters, matrix, share=share / len(boosters))


def _fit_booster(
    matrix: Floats, target: Floats, *, growth: Growth, rounds: int, seed: int, directions: Sequence[int] = ()
) -> lgb.Booster:
    """Fit trees by small steps, each seeing some of the columns and rows, always the same way."""
    parameters: dict[str, Any] = {
        "objective": "binary",
        "num_leaves": growth.leaves,
        "max_depth": growth.depth,
        "learning_rate": growth.step if len(target) <= LARGE_TABLE_ROWS else 2.0 * growth.step,
        "extra_trees": growth.random_thresholds,
        "path_smooth": growth.smoothing,
        "min_data_in_leaf": int(np.clip(len(target) // 250, 5, 20)),
        "min_sum_hessian_in_leaf": 1.0,
        "feature_fraction": 0.3,
        "bagging_fraction": 0.7,
        "bagging_freq": 1,
        "lambda_l2": 2.0,
        "max_bin": 255,
        "feature_pre_filter": False,
        "seed": seed % 2**31,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": _threads_for(len(target)),
        "verbosity": -1,
    }
    if any(directions):
        parameters |= {"monotone_constraints": list(directions), "monotone_constraints_method": "intermediate"}
    return lgb.train(parameters, lgb.Dataset(matrix, target, params=parameters), rounds)


def _left_out(rows: int) -> frozenset[Growth]:
    """Return the kinds that are not tried on so many rows; on large tables small trees cost much and were never chosen."""
    if rows > LARGE_TABLE_ROWS:
        return frozenset({SMALL, MIDDLE})
    return frozenset({MIDDLE if rows >= WIDE_FROM_ROWS else WIDE})


def _threads_for(rows: int) -> int:
    """Return how many threads are worth it: on small tables they wait for one another longer than they work."""
    return 1 if rows <= LARGE_TABLE_ROWS else min(_MAX_THREADS, os.cpu_count() or 1)


def _staged_margins(booster: lgb.Booster, matrix: Floats) -> dict[int, Floats]:
    """Return the log-odds of rows after each compared number of steps."""
    margins = np.zeros(len(matrix))
    stages, done = {}, 0
    for stop in ROUNDS:
        margins = margins + _raw_margins(booster, matrix, start=done, stop=stop)
        stages[stop], done = margins, stop
    return stages


def _to_ensemble(boosters: Sequence[lgb.Booster], matrix: Floats, *, share: float) -> TreeEnsemble:
    """Return the trees of all boosters as arrays, leaf values multiplied by ``share``.

    Where a column had no missing value in training, a missing one goes the way of the column's middle value.
    """
    dumped = [tree for booster in boosters for tree in booster.dump_model()["tree_info"]]
    absent = np.isnan(matrix)
    ever_missing = [bool(gone.any()) for gone in absent.T]
    middle = [
        float(np.median(column[~gone])) if not gone.all() else 0.0
        for column, gone in zip(matrix.T, absent.T, strict=True)
    ]
    nodes: list[tuple[int, float, bool, int, int, float]] = []
    roots = []
    for tree in dumped:
        roots.append(len(nodes))
        _append(tree["tree_structure"], nodes, ever_missing, middle)
    column, threshold, missing_left, left, right, value = (np.array(part) for part in zip(*nodes, strict=True))
    return TreeEnsemble(
        column=column.astype(np.int32),
        threshold=significant(threshold),
        missing_left=missing_left.astype(np.bool_),
        left=left.astype(np.int32),
        right=right.astype(np.int32),
        value=significant(share * value),
        roots=np.array(roots, dtype=np.int32),
    )


def _append(
    node: Mapping[str, Any],
    nodes: list[tuple[int, float, bool, int, int, float]],
    ever_missing: Sequence[bool],
    middle: Sequence[float],
) -> int:
    """Append a node and all below it, parents first, and return its index."""
    at = len(nodes)
    if "split_feature" not in node:
        nodes.append((-1, 0.0, False, 0, 0, float(node["leaf_value"])))
        return at
    column, threshold = int(node["split_feature"]), float(node["threshold"])
    goes_left = bool(node["default_left"]) if ever_missing[column] else middle[column] <= threshold
    nodes.append((column, threshold, goes_left, 0, 0, 0.0))
    left = _append(node["left_child"], nodes, ever_missing, middle)
    right = _append(node["right_child"], nodes, ever_missing, middle)
    nodes[at] = (column, threshold, goes_left, left, right, 0.0)
    return at


def _raw_margins(booster: lgb.Booster, matrix: Floats, *, start: int, stop: int) -> Floats:
    if start >= booster.current_iteration():
        return np.zeros(len(matrix))
    predicted = booster.predict(
        matrix, start_iteration=start, num_iteration=stop - start, raw_score=True, num_threads=_threads_for(len(matrix))
    )
    return np.asarray(predicted, dtype=np.float64)


def _can_split(matrix: Floats) -> bool:
    """Return whether any column has two different values; LightGBM refuses tables without one."""
    return any(len(np.unique(column)) > 1 for column in matrix.T)


def _log_odds(target: Floats) -> float:
    rate = float(target.mean())
    return float(np.log(rate / (1.0 - rate)))


def _one_leaf(margin: float) -> TreeEnsemble:
    none, nothing = np.zeros(1, dtype=np.int32), np.zeros(1)
    return TreeEnsemble(none - 1, nothing, np.zeros(1, dtype=np.bool_), none, none, significant(nothing + margin), none)
