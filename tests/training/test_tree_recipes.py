"""The kinds of trees that are compared, and that the one chosen is the one that was compared."""

from __future__ import annotations

import numpy as np
import pytest

from hotcrm_ai.training.fit_trees import (
    MIDDLE,
    RANDOM,
    SMALL,
    WIDE,
    WIDE_RANDOM,
    Recipe,
    fit_ensemble,
    fit_recipe_margins,
)


@pytest.mark.parametrize(
    ("n_rows", "tried"),
    [
        (1_499, {(SMALL,), (SMALL, RANDOM), (MIDDLE,)}),
        (1_500, {(SMALL,), (SMALL, RANDOM), (WIDE,), (WIDE, WIDE_RANDOM)}),
        (20_001, {(WIDE,), (WIDE, WIDE_RANDOM)}),
    ],
)
def test_wide_trees_are_tried_where_there_are_rows_for_them(n_rows: int, tried: set[object]) -> None:
    """Fewer than 1,500 rows are offered trees of 4 and 8 leaves, more rows those of 4 and 16, above 20,000 those of 16 alone."""
    matrix, target = _crossed(n_rows)
    margins = fit_recipe_margins(matrix, target, matrix[:5], seed=0)
    assert {recipe.growths for recipe in margins} == tried


def test_the_final_trees_are_those_that_were_compared() -> None:
    """Fitted to the same rows, the trees of a recipe give the margins by which it was chosen."""
    matrix, target = _crossed(1_500)
    compared = fit_recipe_margins(matrix, target, matrix[:50], seed=3)
    for growths in ((SMALL,), (SMALL, RANDOM), (WIDE, WIDE_RANDOM)):
        trees = fit_ensemble(matrix, target, recipe=Recipe(60, growths), share=1.0, seed=3)
        assert len(trees.roots) == 60 * len(growths)
        np.testing.assert_allclose(trees.margins(matrix[:50]), compared[Recipe(60, growths)], atol=1e-8)


def _crossed(n_rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rows whose outcome depends on the signs of two columns together."""
    random = np.random.default_rng(5)
    matrix = random.normal(size=(n_rows, 4))
    likely = 1 / (1 + np.exp(-2.0 * np.sign(matrix[:, 0] * matrix[:, 1])))
    return matrix, (random.random(n_rows) < likely).astype(np.float64)
