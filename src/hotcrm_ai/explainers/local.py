"""Explains local models: all coalitions for few features, tree SHAP for more."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final, Protocol, TypeVar

import numpy as np

from hotcrm_ai.domain.errors import NotExplainable
from hotcrm_ai.domain.explanation import Attribution, FeatureImportance
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.explainers.exact_shap import MAX_FEATURES, ExactShap
from hotcrm_ai.explainers.leaf_paths import Floats
from hotcrm_ai.explainers.tree_shap import TreeShap
from hotcrm_ai.local_models.loader import LocalModelLoader
from hotcrm_ai.local_models.tabular import TabularModel

_CAPACITY: Final = 16
_MOST_ROWS: Final = 100
_MOST_PAIRS: Final = 2_000_000
"""Leaves times background records that are held in memory for one model, about 50 MB."""

Kept = TypeVar("Kept")


class Splitter(Protocol):
    """One way of splitting the answers of one model; a further method is a further class of this shape."""

    @property
    def method(self) -> str:
        """The name that explanations carry."""
        ...

    def split(self, row: Floats) -> tuple[float, Floats]:
        """Return the base and each feature's contribution, as probabilities, for an encoded record."""
        ...


class LocalExplainer:
    """An ``Explainer`` for every model that runs in process; safe to use from several threads.

    What explaining needs of a model is computed once and kept for the models used last, by the digest of their bundle.
    """

    def __init__(self, models: LocalModelLoader, *, capacity: int = _CAPACITY) -> None:
        self._models = models
        self._capacity = capacity
        self._splitters: OrderedDict[str, Splitter] = OrderedDict()
        self._importances: OrderedDict[str, tuple[FeatureImportance, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def supports(self, model: ModelConfig) -> bool:
        """True for models with a published bundle."""
        return model.provider == "local" and model.bundle_digest is not None

    async def attribute(self, model: ModelConfig, features: Mapping[str, Any]) -> Attribution:
        """Split the model's answer among all its features, in a worker thread.

        Raises:
            ArtifactIntegrity: the model's files are missing or altered.
            NotExplainable: the model is no model for tables, or has no background records.
        """
        return await asyncio.to_thread(self._attribute, model, features)

    async def importance(self, model: ModelConfig) -> list[FeatureImportance]:
        """Return the mean size of each feature's contribution over the model's background records, largest first."""
        return list(await asyncio.to_thread(self._importance, model))

    def _attribute(self, model: ModelConfig, features: Mapping[str, Any]) -> Attribution:
        local = self._model(model)
        splitter = self._splitter(model, local)
        base, contributions = splitter.split(local.encode([features])[0])
        output = local.predict_one(features)
        return Attribution(
            base=base,
            output=output,
            contributions=dict(zip(local.features, contributions.tolist(), strict=True)),
            method=splitter.method,
            additivity_error=abs(base + float(contributions.sum()) - output),
        )

    def _importance(self, model: ModelConfig) -> tuple[FeatureImportance, ...]:
        key = str(model.bundle_digest)
        with self._lock:
            known = self._importances.get(key)
        if known is not None:
            return known
        local = self._model(model)
        splitter = self._splitter(model, local)
        sizes = np.mean([np.abs(splitter.split(row)[1]) for row in spread_rows(local.background, _MOST_ROWS)], axis=0)
        order = np.argsort(-sizes, kind="stable")
        found = tuple(
            FeatureImportance(feature=local.features[position], importance=100.0 * float(sizes[position]))
            for position in order.tolist()
        )
        with self._lock:
            _keep(self._importances, key, found, capacity=self._capacity)
        return found

    def _model(self, model: ModelConfig) -> TabularModel:
        found = self._models.load(model.bundle_digest, model_id=model.id).model
        if not isinstance(found, TabularModel):
            raise NotExplainable(
                f"Model {model.id!r} is of the kind {type(found).__name__!r}, for which there is no explaining method yet; models for "
                "tables can be explained.",
                model_id=model.id,
            )
        return found

    def _splitter(self, model: ModelConfig, local: TabularModel) -> Splitter:
        key = str(model.bundle_digest)
        with self._lock:
            known = self._splitters.get(key) or choose_splitter(local, model_id=model.id)
            return _keep(self._splitters, key, known, capacity=self._capacity)


def choose_splitter(model: TabularModel, *, model_id: str) -> Splitter:
    """Return the exact method where all coalitions can be valued in milliseconds, tree SHAP otherwise.

    It compares with at most 100 background records, with fewer for models of more than 20,000 leaves.

    Raises:
        NotExplainable: the model came without background records, so there is nothing to compare a record with.
    """
    if not len(model.background):
        raise NotExplainable(
            f"Model {model_id!r} has no background records to compare with; train it again to have its answers explained.",
            model_id=model_id,
        )
    leaves = int(np.count_nonzero(model.trees.column < 0))
    rows = spread_rows(model.background, min(_MOST_ROWS, max(1, _MOST_PAIRS // max(1, leaves))))
    exact = len(model.features) <= MAX_FEATURES
    return ExactShap(model, background=rows) if exact else TreeShap(model, background=rows)


def spread_rows(background: Floats, most: int) -> Floats:
    """Return at most so many background records, spread evenly over all."""
    count = min(len(background), most)
    return background[np.linspace(0, len(background) - 1, count).round().astype(np.intp)]


def _keep(kept: OrderedDict[str, Kept], key: str, value: Kept, *, capacity: int) -> Kept:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > capacity:
        kept.popitem(last=False)
    return value
