"""Evaluates the additive part of a model for one record, feature by feature, without array overhead for each column."""

from __future__ import annotations

import math

import numpy as np

from hotcrm_ai.explainers.leaf_paths import Floats
from hotcrm_ai.local_models.tabular import TabularModel


class LinearTerms:
    """The curves of a model that are not flat at 0, with the feature that each belongs to."""

    def __init__(self, model: TabularModel) -> None:
        self._n_features = len(model.features)
        curves = [(column, feature, model.linear.curve(column)) for column, feature in enumerate(model.column_group)]
        self._curves = tuple((column, int(feature), curve) for column, feature, curve in curves if curve is not None)

    def __call__(self, row: Floats) -> Floats:
        """Return each feature's term of the margin for an encoded record."""
        terms = [0.0] * self._n_features
        values = row.tolist()
        for column, feature, curve in self._curves:
            value = values[column]
            terms[feature] += curve.missing if math.isnan(value) else curve(value)
        return np.array(terms)
