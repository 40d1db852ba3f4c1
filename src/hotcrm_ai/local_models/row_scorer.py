"""Scores single records of a local model in microseconds, from tables made once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from hotcrm_ai.local_models.encoding import AnyEncoding, CategoryEncoding, ConstantEncoding, NumberEncoding, as_number
from hotcrm_ai.local_models.leaf_masks import ColumnMasks, LeafMasks
from hotcrm_ai.local_models.linear import LinearCurve, LinearPart
from hotcrm_ai.local_models.trees import TreeEnsemble

Masks = npt.NDArray[np.uint16]
Part = Callable[[object, list[int]], float]
"""Returns a feature's linear term for a value, and appends the rows of the mask table that the value selects."""

MAX_TABLE_BYTES: Final = 64 << 20


class RowScorer:
    """The margin of one record without the intercept: one look-up for each feature, then all trees at once."""

    def __init__(self, parts: Sequence[tuple[str, Part]], masks: LeafMasks | None, table: Masks) -> None:
        self._parts = tuple(parts)
        self._masks = masks
        self._table = table

    @staticmethod
    def build(
        features: Sequence[str], encodings: Sequence[AnyEncoding], linear: LinearPart, trees: TreeEnsemble
    ) -> RowScorer | None:
        """Return the scorer of a model, or nothing where its trees are too large for tables."""
        if len(trees.roots) and trees.masks is None:
            return None
        stack = _MaskStack(trees.masks)
        parts: list[tuple[str, Part]] = []
        first = 0
        for name, encoding in zip(features, encodings, strict=True):
            if not isinstance(encoding, ConstantEncoding):
                parts.append((name, _part(encoding, first, linear, stack)))
            first += encoding.width
            if stack.n_bytes > MAX_TABLE_BYTES:
                return None
        return RowScorer(parts, trees.masks, stack.table())

    def score(self, features: Mapping[str, object]) -> float:
        """Return linear terms plus trees for one record."""
        selected: list[int] = []
        get = features.get
        total = 0.0
        for name, part in self._parts:
            total += part(get(name), selected)
        if self._masks is None:
            return total
        masks = self._masks.used if not selected else np.bitwise_and.reduce(self._table.take(selected, axis=0), axis=0)
        return total + float(self._masks.sum_leaves(masks))


class _MaskStack:
    """Collects the mask rows of all features in one table; the first row holds the leaves that exist."""

    def __init__(self, masks: LeafMasks | None) -> None:
        self.columns = {} if masks is None else {part.column: part for part in masks.columns}
        self._blocks: list[Masks] = []
        self._used = None if masks is None else masks.used
        self._rows = 0
        self.n_bytes = 0

    def add(self, block: Masks) -> int:
        """Append rows and return the number of the first; each carries the mask of existing leaves."""
        start = self._rows
        self._blocks.append(block if self._used is None else block & self._used)
        self._rows += len(block)
        self.n_bytes += block.nbytes
        return start

    def table(self) -> Masks:
        """Return all rows."""
        return np.vstack(self._blocks) if self._blocks else np.zeros((0, 0), dtype=np.uint16)


def _part(encoding: AnyEncoding, first: int, linear: LinearPart, stack: _MaskStack) -> Part:
    if isinstance(encoding, CategoryEncoding):
        return _category_part(encoding, first, linear, stack)
    if isinstance(encoding, NumberEncoding):
        return _number_part(linear.curve(first), stack.columns.get(first), stack)
    columns = [
        (offset, _number_part(linear.curve(first + offset), stack.columns.get(first + offset), stack))
        for offset in range(encoding.width)
        if linear.curve(first + offset) is not None or first + offset in stack.columns
    ]

    def score(value: object, selected: list[int]) -> float:
        row = encoding.row(value)
        return sum([part(row[offset], selected) for offset, part in columns])

    return score


def _category_part(encoding: CategoryEncoding, first: int, linear: LinearPart, stack: _MaskStack) -> Part:
    states, columns = encoding.table, range(first, first + encoding.width)
    block = LinearPart(
        starts=linear.starts[first : first + encoding.width + 1] - linear.starts[first],
        x=linear.x[linear.starts[first] : linear.starts[first + encoding.width]],
        y=linear.y[linear.starts[first] : linear.starts[first + encoding.width]],
        missing=linear.missing[first : first + encoding.width],
    )
    terms: list[float] = block.column_terms(states).sum(axis=1).tolist()
    tested = [stack.columns[j] for j in columns if j in stack.columns]
    state = encoding.state
    if not tested:
        return lambda value, _: terms[state(value)]
    masks = np.bitwise_and.reduce([part.table[part.rows(states[:, part.column - first])] for part in tested], axis=0)
    start = stack.add(masks)

    def score(value: object, selected: list[int]) -> float:
        at = state(value)
        selected.append(start + at)
        return terms[at]

    return score


def _number_part(curve: LinearCurve | None, masks: ColumnMasks | None, stack: _MaskStack) -> Part:
    missing_term = curve.missing if curve else 0.0
    if masks is None:
        if curve is None:
            return lambda *_: 0.0

        def score_linear(value: object, _: list[int]) -> float:
            number = value if type(value) is float else as_number(value)
            return curve(number) if number - number == 0.0 else missing_term

        return score_linear
    start = stack.add(masks.table)
    thresholds: list[float] = masks.thresholds.tolist()
    missing_row = start + len(thresholds) + 1

    def score(value: object, selected: list[int]) -> float:
        number = value if type(value) is float else as_number(value)
        if number - number != 0.0:
            selected.append(missing_row)
            return missing_term
        selected.append(start + bisect_left(thresholds, number))
        return curve(number) if curve else 0.0

    return score
