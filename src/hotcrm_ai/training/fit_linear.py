"""Fits the linear part of a model: regularised logistic regression over hinges of the encoded columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # ships no types

from hotcrm_ai.local_models.linear import LinearPart
from hotcrm_ai.training.fit_rounding import significant

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

STRENGTHS: Final = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
"""Inverse penalties that are tried, from near the base rate to nearly free."""
FEW_VALUES: Final = 5
MAX_NEWTON_FUNCTIONS: Final = 1_500
"""Beyond this many functions the squared matrix of the Newton solver costs more than it saves."""
CLIPPED_SHARE: Final = 0.01
_VALUE, _HINGE, _MISSING = 0, 1, 2


@dataclass(frozen=True)
class LinearBasis:
    """Which functions of the columns the regression weighs: the clipped value, hinges at knots, and missing.

    The first three arrays describe the functions: their column, their kind, and the knot of a hinge. ``low``, ``high`` and
    ``middle`` are each column's clipping limits and the value that stands for a missing one; ``mean`` and ``scale`` standardise the
    functions.
    """

    column: Indices
    kind: Indices
    knot: Floats
    low: Floats
    high: Floats
    middle: Floats
    mean: Floats
    scale: Floats

    def standardised(self, matrix: Floats) -> Floats:
        """Return the functions' values for each row, standardised by the training rows."""
        return (self.raw(matrix) - self.mean) / self.scale

    def raw(self, matrix: Floats) -> Floats:
        """Return the functions' values for each row."""
        absent = np.isnan(matrix)
        clipped = np.clip(np.where(absent, self.middle, matrix), self.low, self.high)[:, self.column]
        hinged = np.maximum(clipped - self.knot, 0.0)
        return np.where(self.kind == _VALUE, clipped, np.where(self.kind == _HINGE, hinged, absent[:, self.column]))


@dataclass(frozen=True)
class LinearFit:
    """A fitted regression: the weight of each standardised function, and the intercept."""

    basis: LinearBasis
    weights: Floats
    intercept: float

    def margins(self, matrix: Floats) -> Floats:
        """Return the log-odds of rows."""
        return self.basis.standardised(matrix) @ self.weights + self.intercept

    def to_curves(self, *, share: float) -> LinearPart:
        """Return the additive curves that this regression amounts to, multiplied by its share of the blend."""
        basis, slopes = self.basis, share * self.weights / self.basis.scale
        starts, xs, ys = [0], [], []
        missing = np.zeros(len(basis.low))
        for j in range(len(basis.low)):
            mine = np.flatnonzero(basis.column == j)
            if len(mine):
                knots = basis.knot[mine[basis.kind[mine] == _HINGE]]
                x = np.unique(np.concatenate([[basis.low[j], basis.high[j]], knots]))
                probe = np.full((len(x) + 1, len(basis.low)), np.nan)
                probe[:-1, j] = x
                heights = (basis.raw(probe)[:, mine] - basis.mean[mine]) @ slopes[mine]
                xs.extend(x.tolist())
                ys.extend(significant(heights[:-1]).tolist())
                missing[j] = heights[-1]
            starts.append(len(xs))
        return LinearPart(np.array(starts, dtype=np.int32), np.array(xs), np.array(ys), significant(missing))


def fit_linear_path(matrix: Floats, target: Floats, *, strengths: Sequence[float] = STRENGTHS) -> list[LinearFit]:
    """Fit one regression for each inverse penalty, each starting from the one before."""
    basis = _choose_basis(matrix)
    functions = basis.standardised(matrix)
    fits = []
    if not functions.shape[1]:
        odds = float(np.log(target.mean() / (1.0 - target.mean())))
        return [LinearFit(basis, np.zeros(0), odds)] * len(strengths)
    solver = "newton-cholesky" if functions.shape[1] <= MAX_NEWTON_FUNCTIONS else "lbfgs"
    regression = LogisticRegression(solver=solver, max_iter=500, warm_start=True)
    for strength in strengths:
        regression.set_params(C=strength)
        regression.fit(functions, target)
        fits.append(LinearFit(basis, regression.coef_[0].copy(), float(regression.intercept_[0])))
    return fits


def _choose_basis(matrix: Floats) -> LinearBasis:
    n_rows, n_columns = matrix.shape
    n_knots = 8 if n_rows >= 1_000 else 3 if n_rows >= 400 else 0
    low, high, middle = np.zeros(n_columns), np.zeros(n_columns), np.zeros(n_columns)
    functions: list[tuple[int, int, float]] = []
    for j in range(n_columns):
        present = matrix[~np.isnan(matrix[:, j]), j]
        distinct = np.unique(present)
        if not len(distinct):
            continue
        few = len(distinct) <= FEW_VALUES
        tails = (0.0, 0.5, 1.0) if few else (CLIPPED_SHARE, 0.5, 1.0 - CLIPPED_SHARE)
        low[j], middle[j], high[j] = np.quantile(present, tails, method="inverted_cdf")
        if low[j] < high[j]:
            functions.append((j, _VALUE, 0.0))
            inner = [] if few else np.quantile(present, np.linspace(0, 1, n_knots + 2)[1:-1], method="inverted_cdf")
            functions += [(j, _HINGE, knot) for knot in sorted({float(k) for k in inner}) if low[j] < knot < high[j]]
        elif len(distinct) > 1:
            low[j], high[j] = distinct[0], distinct[-1]
            functions.append((j, _VALUE, 0.0))
        if 3 <= len(present) < n_rows and n_rows - len(present) >= 3:
            functions.append((j, _MISSING, 0.0))
    column, kind, knot = (np.array([f[part] for f in functions]) for part in range(3))
    ones = np.ones(len(functions))
    basis = LinearBasis(
        column.astype(np.intp), kind.astype(np.intp), knot.astype(np.float64), low, high, middle, 0 * ones, ones
    )
    raw = basis.raw(matrix)
    scale = raw.std(axis=0)
    return LinearBasis(
        basis.column, basis.kind, basis.knot, low, high, middle, raw.mean(axis=0), np.where(scale > 1e-12, scale, 1.0)
    )
