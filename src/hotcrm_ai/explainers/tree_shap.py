"""Tree SHAP against background records, carried over to the calibrated probability; for records of any width.

Against one background record the Shapley values of the margin are exact: a leaf that needs ``n`` features from the record and ``k`` from
the background gives each of the former ``value * (n-1)! k! / (n+k)!`` and each of the latter ``-value * n! (k-1)! / (n+k)!`` (independent
tree SHAP: Lundberg et al., Nature Machine Intelligence 2, 2020). The difference of the two probabilities is shared out in the
same proportions: the rescale rule of DeepLIFT (Shrikumar et al., ICML 2017), as the shap library does for ``model_output="probability"``.
The mean over the background adds up exactly to the answer.
"""

from __future__ import annotations

from math import comb
from typing import Final

import numpy as np

from hotcrm_ai.explainers.leaf_paths import Bits, Floats, find_leaf_paths
from hotcrm_ai.explainers.linear_terms import LinearTerms
from hotcrm_ai.explainers.member_sums import MemberSums
from hotcrm_ai.local_models.tabular import TabularModel

_SAME_MARGIN: Final = 1e-9


class TreeShap:
    """Splits answers of one model against its background, or another one; what does not depend on the record is computed once.

    Background records that fail the same conditions of a leaf are told apart by nothing there, so each leaf keeps one entry for each
    *kind* of background record, with the list of its members.
    """

    method: Final = "tree-shap"

    def __init__(self, model: TabularModel, *, background: Floats | None = None) -> None:
        self._model = model
        self._rows = model.background if background is None else background
        self._n_features = len(model.features)
        self._own_terms = LinearTerms(model)
        self._linear = model.linear_terms(self._rows)
        self._margins = model.margins(self._rows)
        self._probabilities = model.link(self._margins)
        self._base = float(self._probabilities.mean())
        self._paths = find_leaf_paths(model.trees, np.asarray(model.column_group, dtype=np.intp))
        self._constant = model.intercept + self._paths.constant
        self._gather_kinds()
        self._gain, self._loss = _share_tables(self._paths.slot_feature.shape[1])

    def split(self, row: Floats) -> tuple[float, Floats]:
        """Return the base (mean background probability) and each feature's contribution for an encoded record."""
        unmet, own = self._paths.unmet(row), self._own_terms(row)
        rates = self._rates(self._constant + own.sum() + self._paths.value[unmet == 0].sum()) / len(self._rows)
        return self._base, rates @ (own - self._linear) + self._split_trees(unmet, rates)

    def split_margin(self, row: Floats) -> tuple[float, Floats]:
        """Return the mean background margin and each feature's contribution to the margin, before calibration."""
        rates = np.full(len(self._rows), 1.0 / len(self._rows))
        contributions = rates @ (self._own_terms(row) - self._linear) + self._split_trees(self._paths.unmet(row), rates)
        return float(self._margins.mean()), contributions

    def _rates(self, margin: float) -> Floats:
        """Return for each background record the probability gained per unit of margin between it and the record."""
        steps = margin - self._margins
        same = np.abs(steps) < _SAME_MARGIN
        gained = self._model.link(np.array([margin]))[0] - self._probabilities
        return np.where(same, self._model.link.slope(self._margins), gained / np.where(same, 1.0, steps))

    def _gather_kinds(self) -> None:
        unmet = self._paths.unmet_by_all(self._rows)
        order = np.argsort(unmet, axis=1, kind="stable")
        ordered = np.take_along_axis(unmet, order, axis=1)
        is_first = np.ones(ordered.shape, dtype=bool)
        is_first[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
        starts = np.flatnonzero(is_first)
        self._kind_leaf = starts // max(len(self._rows), 1)
        self._kind_unmet = ordered.ravel()[starts]
        kind = np.cumsum(is_first.ravel()) - 1
        self._member_sums = MemberSums(kind, order.ravel(), n_groups=len(starts), n_rows=len(self._rows))
        self._slots = np.maximum(self._paths.slot_feature, 0)
        self._need_kind, slot = np.nonzero(_bits(self._kind_unmet))
        self._need_feature = self._paths.slot_feature[self._kind_leaf[self._need_kind], slot]

    def _split_trees(self, unmet: Bits, rates: Floats) -> Floats:
        """Sum over background records the contributions of all leaves to the margin, each record's times its rate."""
        if not len(self._kind_leaf):
            return np.zeros(self._n_features)
        reached = np.flatnonzero((unmet[self._kind_leaf] & self._kind_unmet) == 0)
        leaf = self._kind_leaf[reached]
        worth = self._member_sums(rates, reached) * self._paths.value[leaf]
        numbers = np.bitwise_count(self._kind_unmet[reached]), np.bitwise_count(unmet)[leaf]
        gains = np.zeros(len(self._kind_leaf))
        gains[reached] = worth * self._gain[numbers]
        gained = np.bincount(self._need_feature, weights=gains[self._need_kind], minlength=self._n_features)
        lost_by_leaf = np.bincount(leaf, weights=worth * self._loss[numbers], minlength=len(unmet))
        lost_by_slot = _bits(unmet)[:, : self._slots.shape[1]] * lost_by_leaf[:, None]
        lost = np.bincount(self._slots.ravel(), weights=lost_by_slot.ravel(), minlength=self._n_features)
        return np.asarray(gained - lost, dtype=np.float64)


def _bits(masks: Bits) -> Bits:
    """Return each mask's bits, the lowest first, as zeros and ones."""
    return (masks[:, None] >> np.arange(masks.dtype.itemsize * 8, dtype=masks.dtype)) & masks.dtype.type(1)


def _share_tables(width: int) -> tuple[Floats, Floats]:
    """Return what one feature gains (needed from the record) and loses (needed from the background), by the numbers of both."""
    gain, loss = np.zeros((width + 1, width + 1)), np.zeros((width + 1, width + 1))
    for record in range(width + 1):
        for background in range(width + 1):
            ways = comb(record + background, background)
            if record:
                gain[record, background] = 1.0 / (record * ways)
            if background:
                loss[record, background] = 1.0 / (background * ways)
    return gain, loss
