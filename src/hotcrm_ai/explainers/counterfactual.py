"""Finds the smallest realistic change of a record that a local model answers as wished: few fields, then small steps."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from hotcrm_ai.domain.errors import InvalidRequest, NotExplainable
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.signature import FeatureSpec
from hotcrm_ai.local_models.loader import LoadedModel, LocalModelLoader
from hotcrm_ai.local_models.tabular import TabularModel
from hotcrm_ai.ports.counterfactuals import FoundChange

Floats = npt.NDArray[np.float64]

MOST_FIELDS: Final = 8
MOST_CHANGES: Final = 3
_VALUES: Final = {1: 100, 2: 16, 3: 7}
"""How many values of each field are tried where one, two or three fields change together."""


class _Option(msgspec.Struct, frozen=True):
    """One value of one field: how far it is from the record's (0-1), and its encoded columns."""

    value: Any
    distance: float
    block: Floats


class LocalCounterfactuals:
    """Tries values that training has seen, of the named fields only, and keeps the record otherwise as it is."""

    def __init__(self, models: LocalModelLoader) -> None:
        self._models = models

    def supports(self, model: ModelConfig) -> bool:
        """True for models with a published bundle."""
        return model.provider == "local" and model.bundle_digest is not None

    async def find(
        self, model: ModelConfig, features: Mapping[str, Any], *, changeable: Sequence[str], goal: str | float
    ) -> FoundChange:
        """Search in a worker thread: all single changes, then pairs, then triples; of the first size that works the nearest.

        A step of a number is the share of typical records between the two values; another category or a filled gap is a
        whole step. ``goal`` is a band's name, or a probability that is to be reached from the side on which the record is.

        Raises:
            InvalidRequest: a field cannot be changed, too many are named, or there is no such band.
            NotExplainable: the model is no model for tables.
        """
        return await asyncio.to_thread(self._find, model, features, tuple(dict.fromkeys(changeable)), goal)

    async def insight(self, model: ModelConfig) -> dict[str, Any]:
        """Return what training recorded in the bundle.

        Raises:
            NotExplainable: the bundle was made without it.
        """
        loaded = await asyncio.to_thread(self._models.load, model.bundle_digest, model_id=model.id)
        found = loaded.manifest.extra.get("insight")
        if not isinstance(found, dict):
            raise NotExplainable(
                f"The bundle of model {model.id!r} holds no insight; train it again with this version.",
                model_id=model.id,
            )
        return found

    def _find(
        self, model: ModelConfig, features: Mapping[str, Any], changeable: tuple[str, ...], goal: str | float
    ) -> FoundChange:
        loaded = self._models.load(model.bundle_digest, model_id=model.id)
        local = loaded.model
        if not isinstance(local, TabularModel):
            raise NotExplainable(
                f"Model {model.id!r} is no model for tables, so no fields of it can be changed.", model_id=model.id
            )
        specs = [_spec_of(loaded, name) for name in _checked(changeable)]
        row = local.encode([features])[0]
        low, high = _reach(goal, loaded.manifest.bands, local.predict_one(features))
        if low <= local.predict_one(features) < high:
            return FoundChange(values={}, tried=0)
        options = {spec.name: _options(local, spec, features) for spec in specs}
        tried = 0
        for size in range(1, min(MOST_CHANGES, len(specs)) + 1):
            found, asked = _nearest(local, row, options, size=size, low=low, high=high)
            tried += asked
            if found is not None:
                return FoundChange(values=found, tried=tried)
        return FoundChange(values=None, tried=tried)


def _nearest(
    model: TabularModel, row: Floats, options: Mapping[str, Sequence[_Option]], *, size: int, low: float, high: float
) -> tuple[dict[str, Any] | None, int]:
    """Return the nearest change of so many fields whose probability lies from ``low`` up to ``high``, and how many were tried."""
    best: tuple[float, dict[str, Any]] | None = None
    tried = 0
    for names in combinations(options, size):
        chosen = list(product(*(_spread(options[name], _VALUES[size]) for name in names)))
        if not chosen:
            continue
        matrix = np.tile(row, (len(chosen), 1))
        for place, name in enumerate(names):
            columns = model.column_group == model.features.index(name)
            matrix[:, columns] = [option[place].block for option in chosen]
        tried += len(chosen)
        probabilities = model.probabilities(matrix)
        for at in np.flatnonzero((probabilities >= low) & (probabilities < high)).tolist():
            distance = sum(option.distance for option in chosen[at])
            if best is None or distance < best[0]:
                best = distance, {name: option.value for name, option in zip(names, chosen[at], strict=True)}
    return (None if best is None else best[1]), tried


def _options(model: TabularModel, spec: FeatureSpec, features: Mapping[str, Any]) -> list[_Option]:
    """Return the values that a field can be changed to, nearest first."""
    position = model.features.index(spec.name)
    columns = model.column_group == position
    if not columns.any():
        return []
    current = features.get(spec.name)
    found = list(_seen_values(model, spec, columns, current))
    encoded = model.encode([{**features, spec.name: value} for value, _ in found])[:, columns]
    options = [_Option(value, distance, block) for (value, distance), block in zip(found, encoded, strict=True)]
    return sorted(options, key=lambda option: option.distance)


def _seen_values(
    model: TabularModel, spec: FeatureSpec, columns: npt.NDArray[np.bool_], current: Any
) -> Iterator[tuple[Any, float]]:
    if spec.type == "category":
        for place, value in enumerate(spec.categories):
            if value != current:
                yield value, 1.0 + place / 1_000.0
        return
    seen = model.background[:, columns][:, 0]
    seen = np.sort(seen[~np.isnan(seen)])
    for value in np.unique(seen).tolist():
        if spec.type == "boolean":
            if current is None or bool(value) != current:
                yield bool(value), 1.0
        elif current is None:
            yield value, 1.0 + abs(float((seen <= value).mean()) - 0.5)
        elif value != current:
            between = (seen <= max(value, current)) & (seen >= min(value, current))
            yield value, float(between.mean())


def _spread(options: Sequence[_Option], most: int) -> Sequence[_Option]:
    if len(options) <= most:
        return options
    return [options[place] for place in np.linspace(0, len(options) - 1, most).round().astype(int).tolist()]


def _checked(changeable: tuple[str, ...]) -> tuple[str, ...]:
    if not 1 <= len(changeable) <= MOST_FIELDS:
        raise InvalidRequest(f"Name 1 to {MOST_FIELDS} fields that can be changed, not {len(changeable)}.")
    return changeable


def _spec_of(loaded: LoadedModel, name: str) -> FeatureSpec:
    spec = loaded.manifest.signature.feature(name)
    if spec is None:
        known = ", ".join(part.name for part in loaded.manifest.signature.features)
        raise InvalidRequest(f"The model has no field {name!r} to change; its fields are {known}.")
    if spec.type not in ("number", "boolean", "category"):
        raise InvalidRequest(
            f"The field {name!r} is a {spec.type}, which cannot be varied; name a number or a category."
        )
    return spec


def _reach(goal: str | float, bands: Mapping[str, float], now: float) -> tuple[float, float]:
    """Return from which probability up to which (not included) the goal is reached."""
    if isinstance(goal, str):
        limits = sorted((*bands.values(), 0.0), reverse=True)
        names = dict(bands) | dict.fromkeys(("cold", "low"), 0.0)
        if goal not in names or not bands:
            raise InvalidRequest(
                f"There is no class {goal!r}; the goal is one of {', '.join(bands)}, or a probability."
            )
        above = [limit for limit in limits if limit > names[goal]]
        return names[goal], min(above, default=math.inf)
    if not 0.0 < goal < 1.0:
        raise InvalidRequest(f"The goal {goal!r} is no probability between 0 and 1; a score of 80 is 0.8.")
    return (goal, math.inf) if now < goal else (0.0, math.nextafter(goal, 1.0))
