"""Two simple models that a trained one has to beat: always the base rate, and a naive Bayes over categories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from hotcrm_ai.domain.signature import FeatureSpec
from hotcrm_ai.local_models.encoding import Column, fold

Floats = npt.NDArray[np.float64]

START_COUNT: Final = 0.1
"""What each count of a value starts from, so that a value never seen with an outcome does not forbid it."""


def majority_probabilities(training_target: npt.ArrayLike, n_rows: int) -> Floats:
    """Return the training rows' base rate for each of ``n_rows`` rows."""
    return np.full(n_rows, float(np.mean(np.asarray(training_target, dtype=np.float64))))


class NaiveBayes:
    """Won and lost counts of each value of each category, as CRMs without machine learning score leads.

    A row's score is ``W / (W + L)`` with ``W = prior(won) * product of won(value) / won_total(column)`` over its filled
    categories, and ``L`` the same for lost; every count starts from 0.1. Numbers, dates and texts are not used; booleans count as
    categories. A value never seen in training is left out, like an empty one.
    """

    def __init__(self, table: Mapping[str, Column], target: npt.ArrayLike, features: Sequence[FeatureSpec]) -> None:
        outcomes = np.asarray(target, dtype=np.float64)
        won = int(outcomes.sum())
        self._prior = np.log(np.array([won, len(outcomes) - won]) / len(outcomes))
        self._evidence: dict[str, dict[str, Floats]] = {}
        for spec in features:
            if spec.type in ("category", "boolean"):
                self._evidence[spec.name] = _count(table[spec.name], outcomes)

    def probabilities(self, table: Mapping[str, Column]) -> Floats:
        """Return the score of each row, as a probability."""
        n_rows = len(next(iter(table.values()))) if table else 0
        log_odds = np.full(n_rows, self._prior[0] - self._prior[1])
        for name, evidence in self._evidence.items():
            for row, value in enumerate(table[name]):
                known = evidence.get(_key(value))
                if known is not None:
                    log_odds[row] += known[0] - known[1]
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(log_odds, -700.0, 700.0))), dtype=np.float64)


def _count(values: Column, outcomes: Floats) -> dict[str, Floats]:
    """Return for each value the logarithms of its share of the column's won and lost rows."""
    pairs = Counter((_key(value), bool(outcome)) for value, outcome in zip(values, outcomes, strict=True))
    known = sorted({value for value, _ in pairs} - {""})
    counts = np.array([[pairs[value, True], pairs[value, False]] for value in known]).reshape(-1, 2) + START_COUNT
    return dict(zip(known, np.log(counts / counts.sum(axis=0)), strict=True))


def _key(value: object) -> str:
    if isinstance(value, str):
        return fold(value)
    return str(value).lower() if isinstance(value, bool | np.bool_) else ""
