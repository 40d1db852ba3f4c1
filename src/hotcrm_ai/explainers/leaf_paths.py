"""Says for each leaf of an ensemble which features a record would have to change to reach it.

Both ways of explaining trees need only this: a mixture of record ``x`` and background record ``b`` reaches a leaf exactly if every
feature on the leaf's path that fails for ``b`` comes from ``x``, and every one that fails for ``x`` comes from ``b``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hotcrm_ai.local_models.trees import TreeEnsemble

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Bits = npt.NDArray[np.unsignedinteger[Any]]


@dataclass(frozen=True, eq=False, slots=True)
class LeafPaths:
    """The conditions on the way to each leaf, gathered by feature.

    The features of a path have one bit each: bit ``s`` of leaf ``l`` is feature ``slot_feature[l, s]`` (-1 where the path has fewer). Trees
    that are a single leaf have no path; their values are in ``constant``. ``condition_*`` list the tests of all paths, leaf after leaf
    from ``starts``: the node, whether the path goes left there, and the bit of the feature that it tests.
    """

    trees: TreeEnsemble
    constant: float
    value: Floats
    slot_feature: Ints
    condition_node: Ints
    condition_left: npt.NDArray[np.bool_]
    condition_bit: Bits
    starts: Ints

    def unmet(self, row: Floats) -> Bits:
        """Return for each leaf the bits of the features whose conditions the encoded record fails."""
        if not len(self.starts):
            return np.zeros(0, dtype=self.condition_bit.dtype)
        x = row[self.trees.column]  # a leaf's column, -1, reads the last one; no path asks for its result
        goes_left = np.where(np.isnan(x), self.trees.missing_left, x <= self.trees.threshold)
        failed = goes_left[self.condition_node] != self.condition_left
        return np.bitwise_or.reduceat(self.condition_bit * failed, self.starts)

    def unmet_by_all(self, matrix: Floats) -> Bits:
        """Return ``unmet`` of each row, of shape leaves by rows."""
        if not len(matrix):
            return np.zeros((len(self.value), 0), dtype=self.condition_bit.dtype)
        return np.ascontiguousarray(np.stack([self.unmet(row) for row in matrix], axis=1))


def find_leaf_paths(trees: TreeEnsemble, column_feature: Ints, *, fixed_bits: int | None = None) -> LeafPaths:
    """Walk down all trees once and gather the conditions of every leaf.

    ``column_feature`` maps each encoded column to its feature. With ``fixed_bits`` (at least the number of features) bit ``f`` is feature
    ``f`` in every leaf; without, each leaf numbers its own features, so that bits stay few however wide the records are.
    """
    values: list[float] = []
    slots: list[list[int]] = []
    node: list[int] = []
    went_left: list[bool] = []
    slot_of: list[int] = []
    starts: list[int] = []
    constant = 0.0
    for leaf, path in _paths(trees):
        if not path:
            constant += float(trees.value[leaf])
            continue
        features = list(range(fixed_bits)) if fixed_bits is not None else []
        values.append(float(trees.value[leaf]))
        starts.append(len(node))
        for at, left in path:
            feature = int(column_feature[trees.column[at]])
            if feature not in features:
                features.append(feature)
            node.append(at)
            went_left.append(left)
            slot_of.append(features.index(feature))
        slots.append(features)
    width = max((len(features) for features in slots), default=1)
    dtype = _bits_type(width)
    padded = [features + [-1] * (width - len(features)) for features in slots]
    return LeafPaths(
        trees=trees,
        constant=constant,
        value=np.array(values, dtype=np.float64),
        slot_feature=np.array(padded, dtype=np.intp).reshape(len(slots), width),
        condition_node=np.array(node, dtype=np.intp),
        condition_left=np.array(went_left, dtype=np.bool_),
        condition_bit=np.array([1 << slot for slot in slot_of], dtype=dtype),
        starts=np.array(starts, dtype=np.intp),
    )


def _paths(trees: TreeEnsemble) -> Iterator[tuple[int, tuple[tuple[int, bool], ...]]]:
    """Give every leaf with the nodes above it and the direction taken at each."""
    column, left, right = trees.column.tolist(), trees.left.tolist(), trees.right.tolist()
    for root in trees.roots.tolist():
        open_nodes: list[tuple[int, tuple[tuple[int, bool], ...]]] = [(root, ())]
        while open_nodes:
            at, path = open_nodes.pop()
            if column[at] < 0:
                yield at, path
                continue
            open_nodes.append((right[at], (*path, (at, False))))
            open_nodes.append((left[at], (*path, (at, True))))


def _bits_type(width: int) -> type[np.unsignedinteger[Any]]:
    """Return the smallest type with that many bits; trees are at most 64 deep, so 64 always suffice."""
    for dtype in (np.uint8, np.uint16, np.uint32):
        if width <= np.iinfo(dtype).bits:
            return dtype
    return np.uint64
