"""Fits the linear part of a model: regularised logistic regression over hinges of the encoded columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize  # type: ignore[import-untyped]  # ships no types
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
MOST_ROWS: Final = 50_000
"""Of more rows as many are taken, spread evenly over both outcomes: more hardly move some hundred weights, but fill the memory."""
CLIPPED_SHARE: Final = 0.01
_VALUE, _HINGE, _MISSING, _RAMP = 0, 1, 2, 3


@dataclass(frozen=True)
class LinearBasis:
    """Which functions of the columns the regression weighs: the clipped value, hinges at knots, ramps between knots, and missing.

    The first three arrays describe the functions: their column, their kind, and the knot of a hinge or the start of a ramp, which goes
    on to ``ends``. ``low``, ``high`` and ``middle`` are each column's clipping limits and the value that stands for a missing one;
    ``mean`` and ``scale`` standardise the functions. ``signs`` is 1 or -1 for a function whose weight may not go the other way.
    """

    column: Indices
    kind: Indices
    knot: Floats
    ends: Floats
    signs: Indices
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
        hinged = np.clip(clipped - self.knot, 0.0, self.ends - self.knot)
        return np.where(self.kind == _VALUE, clipped, np.where(self.kind == _MISSING, absent[:, self.column], hinged))


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
                knots = basis.knot[mine[np.isin(basis.kind[mine], (_HINGE, _RAMP))]]
                x = np.unique(np.concatenate([[basis.low[j], basis.high[j]], knots]))
                probe = np.full((len(x) + 1, len(basis.low)), np.nan)
                probe[:-1, j] = x
                heights = (basis.raw(probe)[:, mine] - basis.mean[mine]) @ slopes[mine]
                xs.extend(x.tolist())
                ys.extend(_kept_in_direction(significant(heights[:-1]), basis.signs[mine]).tolist())
                missing[j] = heights[-1]
            starts.append(len(xs))
        return LinearPart(np.array(starts, dtype=np.int32), np.array(xs), np.array(ys), significant(missing))


def fit_linear_path(
    matrix: Floats,
    target: Floats,
    *,
    strengths: Sequence[float] = STRENGTHS,
    directions: Sequence[int] = (),
) -> list[LinearFit]:
    """Fit one regression for each inverse penalty, each starting from the one before.

    ``directions`` is for each column 1 where its curve may only rise, -1 where it may only fall, and 0 where it is free.
    """
    if len(target) > MOST_ROWS:
        of_each = np.argsort(target, kind="stable")
        spread = np.sort(of_each[np.linspace(0, len(target) - 1, MOST_ROWS).astype(np.intp)])
        matrix, target = matrix[spread], target[spread]
    basis = _choose_basis(matrix, directions or [0] * matrix.shape[1])
    functions = basis.standardised(matrix)
    fits = []
    if not functions.shape[1]:
        odds = float(np.log(target.mean() / (1.0 - target.mean())))
        return [LinearFit(basis, np.zeros(0), odds)] * len(strengths)
    if basis.signs.any():
        return _fit_signed_path(basis, functions, target, strengths)
    solver = "newton-cholesky" if functions.shape[1] <= MAX_NEWTON_FUNCTIONS else "lbfgs"
    regression = LogisticRegression(solver=solver, max_iter=500, warm_start=True)
    for strength in strengths:
        regression.set_params(C=strength)
        regression.fit(functions, target)
        fits.append(LinearFit(basis, regression.coef_[0].copy(), float(regression.intercept_[0])))
    return fits


def _fit_signed_path(
    basis: LinearBasis, functions: Floats, target: Floats, strengths: Sequence[float]
) -> list[LinearFit]:
    """Fit the same regressions under the signs of the basis; where the curve of a column is made of ramps, it keeps its direction."""
    bounds = [(0.0 if sign > 0 else None, 0.0 if sign < 0 else None) for sign in basis.signs.tolist()]
    against = np.where(target > 0.5, -1.0, 1.0)
    start = np.append(np.zeros(functions.shape[1]), np.log(target.mean() / (1.0 - target.mean())))
    fits = []
    for strength in strengths:

        def loss(parameters: Floats, strength: float = strength) -> tuple[float, Floats]:
            weights, margins = parameters[:-1], functions @ parameters[:-1] + parameters[-1]
            residual = 1.0 / (1.0 + np.exp(-np.clip(margins, -500.0, 500.0))) - target
            gradient = np.append(weights + strength * (residual @ functions), strength * residual.sum())
            return float(0.5 * weights @ weights + strength * np.logaddexp(0.0, against * margins).sum()), gradient

        found = minimize(
            loss, start, jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)], options={"maxiter": 1_000}
        )
        start = found.x
        fits.append(LinearFit(basis, found.x[:-1].copy(), float(found.x[-1])))
    return fits


def _choose_basis(matrix: Floats, directions: Sequence[int]) -> LinearBasis:
    n_rows, n_columns = matrix.shape
    n_knots = 8 if n_rows >= 1_000 else 3 if n_rows >= 400 else 0
    low, high, middle = np.zeros(n_columns), np.zeros(n_columns), np.zeros(n_columns)
    functions: list[tuple[int, int, float, float, int]] = []
    for j in range(n_columns):
        present = matrix[~np.isnan(matrix[:, j]), j]
        distinct = np.unique(present)
        if not len(distinct):
            continue
        few = len(distinct) <= FEW_VALUES
        tails = (0.0, 0.5, 1.0) if few else (CLIPPED_SHARE, 0.5, 1.0 - CLIPPED_SHARE)
        low[j], middle[j], high[j] = np.quantile(present, tails, method="inverted_cdf")
        if low[j] < high[j]:
            inner = [] if few else np.quantile(present, np.linspace(0, 1, n_knots + 2)[1:-1], method="inverted_cdf")
            knots = [knot for knot in sorted({float(k) for k in inner}) if low[j] < knot < high[j]]
            functions += _functions_of(j, knots, float(low[j]), float(high[j]), directions[j])
        elif len(distinct) > 1:
            low[j], high[j] = distinct[0], distinct[-1]
            functions.append((j, _VALUE, 0.0, np.inf, directions[j]))
        if 3 <= len(present) < n_rows and n_rows - len(present) >= 3:
            functions.append((j, _MISSING, 0.0, np.inf, 0))
    column, kind, knot, ends, signs = (np.array([f[part] for f in functions]) for part in range(5))
    ones = np.ones(len(functions))
    basis = LinearBasis(
        column.astype(np.intp),
        kind.astype(np.intp),
        knot.astype(np.float64),
        ends.astype(np.float64),
        signs.astype(np.intp),
        low,
        high,
        middle,
        0 * ones,
        ones,
    )
    raw = basis.raw(matrix)
    scale = raw.std(axis=0)
    return replace(basis, mean=raw.mean(axis=0), scale=np.where(scale > 1e-12, scale, 1.0))


def _kept_in_direction(heights: Floats, signs: Indices) -> Floats:
    """Return heights that rise or fall as asked to the last bit, where sums were rounded."""
    if not signs.any():
        return heights
    return np.maximum.accumulate(heights) if signs.max() > 0 else np.minimum.accumulate(heights)


def _functions_of(
    column: int, knots: Sequence[float], low: float, high: float, direction: int
) -> list[tuple[int, int, float, float, int]]:
    """Return the functions of a column: its value and a hinge at each knot, or where a direction is asked a ramp between any two."""
    if direction == 0:
        return [(column, _VALUE, 0.0, np.inf, 0), *((column, _HINGE, knot, np.inf, 0) for knot in knots)]
    starts, ends = [low, *knots], [*knots, high]
    return [(column, _RAMP, start, end, direction) for start, end in zip(starts, ends, strict=True)]
