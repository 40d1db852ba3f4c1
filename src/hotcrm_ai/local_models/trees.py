"""Boosted trees as flat arrays, checked and evaluated by our own code."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from hotcrm_ai.domain.errors import ArtifactIntegrity
from hotcrm_ai.local_models.leaf_masks import LeafMasks, build_leaf_masks

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

MAX_NODES: Final = 2_000_000
MAX_DEPTH: Final = 64
_CHUNK_CELLS: Final = 1 << 18


@dataclass(frozen=True, eq=False)
class TreeEnsemble:
    """The nodes of all trees; the margin of a row is the sum of one leaf of each tree.

    ``column`` is the encoded column a node tests, -1 for a leaf. A value at most ``threshold`` goes left, a missing one
    (NaN) where ``missing_left`` says. A child's index is greater than its parent's. ``value`` is a leaf's margin, with the
    weight of the trees in the blend already in it.
    """

    column: Ints
    threshold: Floats
    missing_left: Bools
    left: Ints
    right: Ints
    value: Floats
    roots: Ints

    @staticmethod
    def empty() -> TreeEnsemble:
        """Return an ensemble of no trees, whose margin is 0."""
        ints, floats = np.zeros(0, dtype=np.int32), np.zeros(0)
        return TreeEnsemble(ints, floats, np.zeros(0, dtype=bool), ints, ints, floats, ints)

    @cached_property
    def masks(self) -> LeafMasks | None:
        """The look-up tables for fast evaluation; nothing where trees are too large for them."""
        return build_leaf_masks(self)

    def margins(self, matrix: Floats) -> Floats:
        """Return the sum of leaf values for each row."""
        if not len(self.roots):
            return np.zeros(len(matrix))
        if self.masks is not None:
            return self.masks.margins(matrix)
        return self.walk(matrix)

    def walk(self, matrix: Floats) -> Floats:
        """Return the margins by going down all trees level by level; needs no tables."""
        sums = np.zeros(len(matrix))
        chunk = max(1, _CHUNK_CELLS // max(1, len(self.roots)))
        for start in range(0, len(matrix), chunk):
            rows = matrix[start : start + chunk]
            sums[start : start + chunk] = self.value[self.leaves(rows)].sum(axis=1)
        return sums

    def leaves(self, matrix: Floats) -> Ints:
        """Return the index of the leaf that each row reaches in each tree, of shape rows by trees."""
        at = np.tile(self.roots, (len(matrix), 1))
        row = np.arange(len(matrix))[:, None]
        while True:
            column = self.column[at]
            inner = column >= 0
            if not inner.any():
                return at
            x = matrix[row, np.where(inner, column, 0)]
            goes_left = np.where(np.isnan(x), self.missing_left[at], x <= self.threshold[at])
            at = np.where(inner, np.where(goes_left, self.left[at], self.right[at]), at).astype(np.int32)

    def verify(self, n_columns: int) -> None:
        """Check that these arrays are trees over ``n_columns`` columns: every walk ends, and at a finite leaf.

        Raises:
            ArtifactIntegrity: they are not; the message says in which way.
        """
        n = len(self.column)
        lengths = {len(part) for part in (self.threshold, self.missing_left, self.left, self.right, self.value)}
        _require(lengths <= {n} and n <= MAX_NODES, "arrays of nodes differ in length or are too long")
        _require(bool(np.all((self.column >= -1) & (self.column < n_columns))), "a node tests an unknown column")
        _require(
            bool(np.all(np.isfinite(self.threshold)) and np.all(np.isfinite(self.value))), "a number is not finite"
        )
        inner = np.flatnonzero(self.column >= 0)
        children = np.concatenate([self.left[inner], self.right[inner]])
        parents = np.concatenate([inner, inner])
        _require(bool(np.all((children > parents) & (children < n))), "a child does not come after its parent")
        _require(bool(np.all((self.roots >= 0) & (self.roots < n))), "a root does not exist")
        named = np.bincount(np.concatenate([children, self.roots]), minlength=n)
        _require(bool(np.all(named == 1)), "a node belongs to no tree or to several")
        _require(_depth(self) <= MAX_DEPTH, f"a tree is deeper than {MAX_DEPTH}")


def _depth(trees: TreeEnsemble) -> int:
    level, depth = trees.roots, 0
    while len(level) and depth <= MAX_DEPTH:
        inner = level[trees.column[level] >= 0]
        level = np.concatenate([trees.left[inner], trees.right[inner]])
        depth += bool(len(level))
    return depth


def _require(sound: bool, problem: str) -> None:
    if not sound:
        raise ArtifactIntegrity(f"The trees of a model file are malformed ({problem}); publish the model again.")
