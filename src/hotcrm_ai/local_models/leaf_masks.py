"""Finds the leaf of every tree at once with bit masks, for fast evaluation of small trees.

For each column and each interval between its thresholds one 16-bit mask per tree says which leaves are still reachable; the
masks of all columns of a row, ANDed, leave one bit in each tree: its leaf. (The idea of QuickScorer: Lucchese et al., SIGIR 2015.)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Masks = npt.NDArray[np.uint16]

LEAVES_PER_TREE: Final = 16
MAX_TABLE_BYTES: Final = 32 << 20
_FULL: Final = 0xFFFF
_CHUNK_ROWS: Final = 256

# The position of the only set bit of a mask.
_BIT: Final = np.zeros(1 << LEAVES_PER_TREE, dtype=np.intp)
_BIT[1 << np.arange(LEAVES_PER_TREE)] = np.arange(LEAVES_PER_TREE)


class Nodes(Protocol):
    """The flat arrays of an ensemble that the tables are made from; see ``TreeEnsemble``."""

    @property
    def column(self) -> Ints: ...
    @property
    def threshold(self) -> Floats: ...
    @property
    def missing_left(self) -> npt.NDArray[np.bool_]: ...
    @property
    def left(self) -> Ints: ...
    @property
    def right(self) -> Ints: ...
    @property
    def value(self) -> Floats: ...
    @property
    def roots(self) -> Ints: ...


@dataclass(frozen=True, eq=False)
class ColumnMasks:
    """The masks of one column: row ``k`` where ``k`` thresholds are below the value, the last row where it is missing."""

    column: int
    thresholds: Floats
    table: Masks

    def rows(self, values: Floats) -> npt.NDArray[np.intp]:
        """Return the row of the table for each value."""
        rows = np.searchsorted(self.thresholds, values, side="left")
        rows[np.isnan(values)] = len(self.thresholds) + 1
        return rows


@dataclass(frozen=True, eq=False)
class LeafMasks:
    """The mask tables of all tested columns, and the leaf values of each tree in the order of the mask's bits."""

    columns: tuple[ColumnMasks, ...]
    values: Floats
    used: Masks

    @property
    def n_trees(self) -> int:
        """The number of trees."""
        return len(self.used)

    @cached_property
    def _first_leaves(self) -> npt.NDArray[np.intp]:
        """The place of each tree's first leaf among the values."""
        return np.arange(self.n_trees, dtype=np.intp) * LEAVES_PER_TREE

    def margins(self, matrix: Floats) -> Floats:
        """Return the sum of leaf values for each row."""
        sums = np.empty(len(matrix))
        for start in range(0, len(matrix), _CHUNK_ROWS):
            rows = matrix[start : start + _CHUNK_ROWS]
            masks = np.tile(self.used, (len(rows), 1))
            for part in self.columns:
                masks &= part.table[part.rows(rows[:, part.column])]
            sums[start : start + _CHUNK_ROWS] = self.sum_leaves(masks)
        return sums

    def sum_leaves(self, masks: Masks) -> Floats:
        """Return the sum of the values of the leaves that the masks single out, over the last axis."""
        leaves = self.values.take(_BIT.take(masks) + self._first_leaves)
        return np.asarray(np.add.reduce(leaves, axis=-1), dtype=np.float64)


def build_leaf_masks(trees: Nodes) -> LeafMasks | None:
    """Return the tables of an ensemble, or nothing where a tree has too many leaves or the tables would be too large."""
    n_trees = len(trees.roots)
    spans, values, counts = _leaf_spans(trees)
    if n_trees == 0 or max(counts) > LEAVES_PER_TREE:
        return None
    inner = np.flatnonzero(trees.column >= 0)
    tested = np.unique(trees.column[inner])
    thresholds = {int(j): np.unique(trees.threshold[inner[trees.column[inner] == j]]) for j in tested}
    rows = sum(len(found) + 2 for found in thresholds.values())
    if rows * n_trees * 2 > MAX_TABLE_BYTES:
        return None
    columns = []
    for j, found in thresholds.items():
        table = np.full((len(found) + 2, n_trees), _FULL, dtype=np.uint16)
        for node in inner[trees.column[inner] == j]:
            tree, first, middle, last = spans[node]
            without_right = _FULL ^ (((1 << (last - middle)) - 1) << middle)
            without_left = _FULL ^ (((1 << (middle - first)) - 1) << first)
            split = int(np.searchsorted(found, trees.threshold[node])) + 1
            table[:split, tree] &= without_right
            table[split:-1, tree] &= without_left
            table[-1, tree] &= without_right if trees.missing_left[node] else without_left
        columns.append(ColumnMasks(j, found, table))
    used = np.array([(1 << count) - 1 for count in counts], dtype=np.uint16)
    return LeafMasks(tuple(columns), values.ravel(), used)


def _leaf_spans(trees: Nodes) -> tuple[dict[int, tuple[int, int, int, int]], Floats, list[int]]:
    """Number the leaves of each tree from left to right; each inner node spans leaves first to last, parted at the middle."""
    column, left, right = trees.column.tolist(), trees.left.tolist(), trees.right.tolist()
    spans: dict[int, tuple[int, int, int, int]] = {}
    counts: list[int] = []
    values = np.zeros((len(trees.roots), LEAVES_PER_TREE))

    def number(tree: int, node: int, first: int) -> int:
        if column[node] < 0:
            if first < LEAVES_PER_TREE:
                values[tree, first] = trees.value[node]
            return first + 1
        middle = number(tree, left[node], first)
        last = number(tree, right[node], middle)
        spans[node] = (tree, first, middle, last)
        return last

    counts = [number(tree, root, 0) for tree, root in enumerate(trees.roots.tolist())]
    return spans, values, counts
