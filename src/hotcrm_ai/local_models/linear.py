"""The linear part of a local model: one piecewise linear curve for each encoded column."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from hotcrm_ai.domain.errors import ArtifactIntegrity

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LinearPart:
    """An additive margin: the sum over columns of a curve of that column's value.

    Column ``j`` has the points ``x[starts[j]:starts[j + 1]]`` with heights ``y`` in between which it is straight and beyond which it is
    flat (so values are clipped to the trained range); ``missing[j]`` is its height where the value is missing. A column
    without points contributes 0.
    """

    starts: npt.NDArray[np.int32]
    x: Floats
    y: Floats
    missing: Floats

    @property
    def n_columns(self) -> int:
        """The number of encoded columns."""
        return len(self.missing)

    @cached_property
    def _bent(self) -> npt.NDArray[np.intp]:
        """The columns whose curve is not flat at 0; where the trees answer alone there is none."""
        changes = np.append(0, np.cumsum(self.y != 0.0))
        return np.flatnonzero(
            (np.diff(self.starts) > 0) & ((np.diff(changes[self.starts]) > 0) | (self.missing != 0.0))
        )

    def column_terms(self, matrix: Floats) -> Floats:
        """Return the height of each column's curve for each row, of the shape of the matrix."""
        terms = np.zeros(matrix.shape)
        for j in self._bent.tolist():
            start, stop = self.starts[j], self.starts[j + 1]
            values = matrix[:, j]
            absent = np.isnan(values)
            heights = np.interp(np.where(absent, 0.0, values), self.x[start:stop], self.y[start:stop])
            terms[:, j] = np.where(absent, self.missing[j], heights)
        return terms

    def curve(self, column: int) -> LinearCurve | None:
        """Return the curve of a column for single values, or nothing where it is flat at 0."""
        start, stop = int(self.starts[column]), int(self.starts[column + 1])
        if start == stop or not (self.y[start:stop].any() or self.missing[column]):
            return None
        return LinearCurve(self.x[start:stop].tolist(), self.y[start:stop].tolist(), float(self.missing[column]))

    def verify(self) -> None:
        """Check counts, order and finiteness.

        Raises:
            ArtifactIntegrity: the arrays do not describe one curve for each column.
        """
        widths = np.diff(self.starts)
        sound = (
            len(self.starts) == self.n_columns + 1
            and self.starts[0] == 0
            and self.starts[-1] == len(self.x) == len(self.y)
            and bool(np.all(widths >= 0))
            and all(bool(np.all(np.isfinite(part))) for part in (self.x, self.y, self.missing))
        )
        if sound and len(self.x) > 1:
            inside = np.ones(len(self.x) - 1, dtype=bool)
            inner_starts = self.starts[1:-1]
            inside[inner_starts[(inner_starts > 0) & (inner_starts < len(self.x))] - 1] = False
            sound = bool(np.all(np.diff(self.x)[inside] > 0))
        if not sound:
            raise ArtifactIntegrity("The linear part of a model file is malformed; publish the model again.")


class LinearCurve:
    """One column's curve, evaluated for single values without array overhead."""

    __slots__ = ("missing", "x", "y")

    def __init__(self, x: list[float], y: list[float], missing: float) -> None:
        self.x, self.y, self.missing = x, y, missing

    def __call__(self, value: float) -> float:
        """Return the height at a value that is not missing."""
        x, y = self.x, self.y
        right = bisect_right(x, value)
        if right == 0:
            return y[0]
        if right == len(x):
            return y[-1]
        left = right - 1
        return (y[right] - y[left]) / (x[right] - x[left]) * (value - x[left]) + y[left]
