"""Measures how much one column alone tells about the outcome, on rows that it was not looked up from."""

from __future__ import annotations

import math
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from hotcrm_ai.training.typed_table import TypedColumn

_FOLDS: Final = 5
_PRIOR_ROWS: Final = 5.0
_BINS: Final = 20


class Alone(msgspec.Struct, frozen=True, kw_only=True):
    """What one column alone says.

    ``auc`` is the ROC-AUC of out-of-fold outcome rates per value, ``margin`` two of its standard errors (Hanley and McNeil, 1982);
    ``explained`` the share of the base rate's log loss that it saves. ``example`` names the value that gives the outcome away most.
    """

    auc: float
    margin: float
    explained: float
    example: str

    @property
    def surely(self) -> float:
        """The lower end of the AUC's interval."""
        return self.auc - self.margin


def measure_alone(column: TypedColumn, outcomes: NDArray[np.int8], *, seed: int = 0) -> Alone:
    """Predict the outcome from one column by looking up the rate of its value (or its bin) in the other folds."""
    codes, labels = group_rows(column)
    base = float(outcomes.mean())
    folds = np.random.default_rng(seed).permutation(len(outcomes)) % _FOLDS
    rates = np.empty(len(outcomes))
    for fold in range(_FOLDS):
        inside, outside = folds == fold, folds != fold
        rows = np.bincount(codes[outside], minlength=len(labels))
        wins = np.bincount(codes[outside], weights=outcomes[outside], minlength=len(labels))
        fold_base = float(outcomes[outside].mean())
        rates[inside] = ((wins + _PRIOR_ROWS * fold_base) / (rows + _PRIOR_ROWS))[codes[inside]]
    rates = np.clip(rates, 1e-6, 1 - 1e-6)
    loss = -float(np.mean(np.where(outcomes == 1, np.log(rates), np.log1p(-rates))))
    entropy = -(base * math.log(base) + (1 - base) * math.log1p(-base))
    auc = rank_auc(rates, outcomes)
    return Alone(
        auc=auc,
        margin=2 * auc_error(auc, positives=int(outcomes.sum()), negatives=int(len(outcomes) - outcomes.sum())),
        explained=1 - loss / entropy,
        example=_give_away(codes, labels, outcomes),
    )


def group_rows(column: TypedColumn) -> tuple[NDArray[np.intp], list[str]]:
    """Return a group number for each row and the groups' names: values, bins of numbers and dates, and "missing"."""
    if column.type == "number":
        return _bin_numbers(column.cells, column.missing)
    if column.type == "date":
        stamps = np.array([math.nan if cell is None else cell.timestamp() for cell in column.cells])
        return _bin_numbers(stamps, column.missing)
    groups: dict[Any, int] = {}
    codes = np.fromiter((groups.setdefault(cell, len(groups)) for cell in column.cells), dtype=np.intp)
    return codes, ["missing" if value is None else repr(value)[:60] for value in groups]


def rank_auc(scores: NDArray[np.float64], outcomes: NDArray[np.int8]) -> float:
    """Return the chance that a positive row scores above a negative one; ties count half (Mann and Whitney, 1947)."""
    _, codes, counts = np.unique(scores, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    positives = float(outcomes.sum())
    negatives = len(outcomes) - positives
    ranks = float(middle[codes][outcomes == 1].sum())
    return (ranks - positives * (positives + 1) / 2) / (positives * negatives)


def auc_error(auc: float, *, positives: int, negatives: int) -> float:
    """Return the standard error of an AUC (Hanley and McNeil, 1982)."""
    both = auc / (2 - auc)
    twice = 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (positives - 1) * (both - auc**2) + (negatives - 1) * (twice - auc**2)
    return math.sqrt(max(spread, 0.0) / (positives * negatives))


def _bin_numbers(numbers: NDArray[np.float64], missing: NDArray[np.bool_]) -> tuple[NDArray[np.intp], list[str]]:
    known = numbers[~missing]
    distinct = np.unique(known)
    edges = (
        distinct
        if distinct.size <= _BINS
        else np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1), method="lower"))
    )
    codes = np.where(missing, edges.size, np.searchsorted(edges, np.where(missing, 0.0, numbers), side="left"))
    names = [
        f"{edge:g}" if distinct.size <= _BINS or at == 0 else f"up to {edge:g}"
        for at, edge in enumerate(edges.tolist())
    ]
    return codes.astype(np.intp), [*names, "missing"]


def _give_away(codes: NDArray[np.intp], labels: list[str], outcomes: NDArray[np.int8]) -> str:
    """Describe the group of rows that is furthest, for its size, from the base rate."""
    rows = np.bincount(codes, minlength=len(labels))
    wins = np.bincount(codes, weights=outcomes, minlength=len(labels))
    pull = np.abs(wins - rows * outcomes.mean())
    first = int(np.argmax(pull))
    return (
        f"where it is {labels[first]} ({int(rows[first])} rows), {100 * wins[first] / rows[first]:.1f} % are positive"
    )
