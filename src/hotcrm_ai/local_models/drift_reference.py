"""Takes from a bundle how features and predictions were spread over the records that the model was judged on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np

from hotcrm_ai.domain.drift import DriftReference, ReferenceBins, folded
from hotcrm_ai.domain.signature import FeatureSpec
from hotcrm_ai.local_models.loader import LoadedModel
from hotcrm_ai.local_models.tabular import TabularModel

_CHANCE_BINS: Final = 5


def drift_reference(loaded: LoadedModel) -> DriftReference | None:
    """Return the reference of a model for tables, or nothing where its bundle holds none.

    Features: the shares at the points of the partial dependence, which are those of the held-out rows. Predictions: the chances of the
    background records.
    """
    model, insight = loaded.model, loaded.manifest.extra.get("insight")
    if not isinstance(model, TabularModel) or not isinstance(insight, Mapping):
        return None
    rows = int(insight.get("heldOutRows", 0))
    points = insight.get("partialDependence", {})
    if rows <= 0 or not points:
        return None
    features = {
        spec.name: _bins(spec, points[spec.name], rows)
        for spec in loaded.manifest.signature.features
        if points.get(spec.name)
    }
    return DriftReference(features=features, predictions=_chances(model))


def _bins(spec: FeatureSpec, points: Sequence[Mapping[str, Any]], rows: int) -> ReferenceBins:
    counts = tuple(round(rows * float(point["share"])) for point in points)
    left = max(0, rows - sum(counts))
    values = tuple(point["value"] for point in points)
    shown = len(values)
    if spec.type == "category":
        values, counts = _one_spelling(values, counts)
    if spec.type == "number":
        edges = tuple((low + high) / 2.0 for low, high in pairwise(values))
        return ReferenceBins(counts=counts, edges=edges, missing=left)
    all_shown = shown == (2 if spec.type == "boolean" else len(spec.categories))
    if all_shown:
        return ReferenceBins(counts=counts, values=values, missing=left)
    return ReferenceBins(counts=counts, values=values, rest=left, missing=None)


def _one_spelling(values: Sequence[Any], counts: Sequence[int]) -> tuple[tuple[Any, ...], tuple[int, ...]]:
    """Count spellings that differ in case or outer spaces only as the first of them, as a model reads them."""
    first: dict[Any, Any] = {}
    together: dict[Any, int] = {}
    for value, count in zip(values, counts, strict=True):
        name = first.setdefault(folded(value), value)
        together[name] = together.get(name, 0) + count
    return tuple(together), tuple(together.values())


def _chances(model: TabularModel) -> ReferenceBins | None:
    if not len(model.background):
        return None
    chances = model.probabilities(model.background)
    edges = np.unique(np.quantile(chances, np.linspace(0, 1, _CHANCE_BINS + 1)[1:-1]))
    counts = np.bincount(np.searchsorted(edges, chances, side="left"), minlength=len(edges) + 1)
    return ReferenceBins(counts=tuple(counts.tolist()), edges=tuple(edges.tolist()))
