"""Exact Shapley values of the calibrated probability, for models of few features.

The game is the interventional one: a coalition is worth the mean probability over the background records after its features were
taken from the record explained and all others from the background record (Lundberg and Lee, NeurIPS 2017; Janzing et al., AISTATS
2020). All ``2^d`` coalitions are valued, but no record is evaluated for them: a pair of leaf and background record meets in the
coalitions that hold certain features and lack certain others, so leaf values are summed by that pattern first, and then spread over
the coalitions one feature at a time.
"""

from __future__ import annotations

from math import factorial
from typing import Final

import numpy as np

from hotcrm_ai.explainers.leaf_paths import Floats, Ints, find_leaf_paths
from hotcrm_ai.explainers.linear_terms import LinearTerms
from hotcrm_ai.local_models.tabular import TabularModel

MAX_FEATURES: Final = 8
"""Up to here all coalitions are valued: 1 ms for 5 features, 10 ms for 8, and twice as much for each one more (3,000 leaves, 100 rows)."""


class ExactShap:
    """Splits answers of one model against its background, or another one; what does not depend on the record is computed once."""

    method: Final = "exact-shap"

    def __init__(self, model: TabularModel, *, background: Floats | None = None) -> None:
        self._model = model
        rows = model.background if background is None else background
        self._n_features = len(model.features)
        self._n_rows = len(rows)
        self._paths = find_leaf_paths(
            model.trees, np.asarray(model.column_group, dtype=np.intp), fixed_bits=self._n_features
        )
        self._own_terms = LinearTerms(model)
        self._background_linear = model.linear_terms(rows)
        self._pattern_of_mask = _pattern_of_mask(self._n_features)
        self._unmet = self._paths.unmet_by_all(rows).ravel()
        patterns = self._pattern_of_mask[self._unmet.reshape(-1, self._n_rows)]
        self._cell = (patterns + np.arange(self._n_rows) * 3**self._n_features).ravel()
        self._weights = _coalition_weights(self._n_features)

    def split(self, row: Floats) -> tuple[float, Floats]:
        """Return the base (mean background probability) and each feature's contribution for an encoded record."""
        coalition_values = self._model.link(self.coalition_margins(row)).mean(axis=0)
        cube = coalition_values.reshape((2,) * self._n_features)
        contributions = np.empty(self._n_features)
        for feature in range(self._n_features):
            gain = cube.take(1, axis=feature) - cube.take(0, axis=feature)
            contributions[feature] = np.sum(gain * self._weights)
        return float(coalition_values[0]), contributions

    def coalition_margins(self, row: Floats) -> Floats:
        """Return the margin of each background record under each coalition; feature 0 is the highest bit of the coalition's number."""
        linear = np.full((self._n_rows, 1), self._model.intercept + self._paths.constant)
        own = self._own_terms(row)
        for feature in range(self._n_features):
            without = linear + self._background_linear[:, feature, None]
            linear = np.stack([without, linear + own[feature]], axis=-1).reshape(self._n_rows, -1)
        return linear + self._spread(self._sums_by_pattern(row))

    def _sums_by_pattern(self, row: Floats) -> Floats:
        """Sum leaf values by background record and pattern: each feature is needed from neither (0), the record (1), the background (2)."""
        unmet = self._paths.unmet(row)
        reached = np.flatnonzero((self._unmet & np.repeat(unmet, self._n_rows)) == 0)
        leaf = reached // max(self._n_rows, 1)
        cells = self._cell[reached] + (2 * self._pattern_of_mask[unmet])[leaf]
        n_cells = self._n_rows * 3**self._n_features
        sums = np.bincount(cells, weights=self._paths.value[leaf], minlength=n_cells)
        return np.asarray(sums, dtype=np.float64)

    def _spread(self, sums: Floats) -> Floats:
        """Turn sums by pattern into sums by coalition, one feature after the other."""
        for feature in range(self._n_features):
            parts = sums.reshape(self._n_rows * 2**feature, 3, 3 ** (self._n_features - feature - 1))
            either, from_record, from_background = parts[:, 0], parts[:, 1], parts[:, 2]
            sums = np.stack([either + from_background, either + from_record], axis=1)
        return sums.reshape(self._n_rows, -1)


def _pattern_of_mask(n_features: int) -> Ints:
    """Return for each bit mask of features the number whose base-3 digits are 1 at those features, feature 0 the highest digit."""
    masks = np.arange(2**n_features)
    digits = (masks[:, None] >> np.arange(n_features)) & 1
    return np.asarray(digits @ (3 ** np.arange(n_features)[::-1]), dtype=np.intp)


def _coalition_weights(n_features: int) -> Floats:
    """Return Shapley's weight of each coalition of the other features, in the shape of a cube over them."""
    sizes = np.bitwise_count(np.arange(2 ** (n_features - 1))).reshape((2,) * (n_features - 1))
    by_size = [factorial(size) * factorial(n_features - size - 1) / factorial(n_features) for size in range(n_features)]
    return np.asarray(np.array(by_size)[sizes], dtype=np.float64)
