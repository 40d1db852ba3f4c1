"""Explains forecasts: the total over the horizon is what standing still would give, plus trend, season and pipeline."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from hotcrm_ai.domain.errors import NotExplainable
from hotcrm_ai.domain.explanation import Attribution, FeatureImportance
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.value_text import value_text
from hotcrm_ai.local_models.forecast_model import ForecastAnswer, ForecastModel
from hotcrm_ai.local_models.loader import LocalModelLoader

_KIND: Final = "forecasting"
_MOST_SERIES: Final = 50
_SLIGHT: Final = 1e-9
_DRIVERS: Final = ("pipeline_value", "growth_rate")


class ForecastExplainer:
    """An ``Explainer`` for forecasts that run in process; contributions are in the unit of the series.

    The base is the level now, held over the whole horizon. The parts of each single period are in the prediction itself.
    """

    def __init__(self, models: LocalModelLoader) -> None:
        self._models = models

    def supports(self, model: ModelConfig) -> bool:
        """True for forecast models with a published bundle."""
        return model.provider == "local" and model.type == _KIND and model.bundle_digest is not None

    async def attribute(self, model: ModelConfig, features: Mapping[str, Any]) -> Attribution:
        """Split the total of the forecast, in a worker thread.

        Raises:
            ArtifactIntegrity: the model's files are missing or altered.
            InvalidFeatures: the features cannot be forecast.
            NotExplainable: the bundle holds no forecast model.
        """
        return await asyncio.to_thread(self._attribute, model, features)

    async def importance(self, model: ModelConfig) -> list[FeatureImportance]:
        """Return the mean share that each part has of what moves the forecasts of the kept series, in per cent, largest first.

        Raises:
            NotExplainable: the model keeps no series to look at.
        """
        return await asyncio.to_thread(self._importance, model)

    def _attribute(self, model: ModelConfig, features: Mapping[str, Any]) -> Attribution:
        found = self._model(model).answer(features)
        sums = {name: math.fsum(part.tolist()) for name, part in found.parts.items()}
        base, output = sums.pop("level"), math.fsum(found.value.tolist())
        return Attribution(
            base=base,
            output=output,
            contributions=sums,
            method="forecast-parts",
            additivity_error=abs(math.fsum((base, *sums.values())) - output),
            in_unit=True,
            values=values_of(found, features),
        )

    def _importance(self, model: ModelConfig) -> list[FeatureImportance]:
        local = self._model(model)
        shares = []
        for name in list(local.histories)[:_MOST_SERIES]:
            found = local.answer({"series": name})
            sizes = {part: float(np.abs(values).mean()) for part, values in found.parts.items() if part != "level"}
            total = math.fsum(sizes.values())
            if total > 0.0:
                shares.append({part: 100.0 * size / total for part, size in sizes.items()})
        if not shares:
            raise NotExplainable(
                f"Model {model.id!r} keeps no series whose forecasts move, so nothing can be said over all; explain single forecasts.",
                model_id=model.id,
            )
        means = {part: float(np.mean([one[part] for one in shares])) for part in shares[0]}
        ordered = sorted(means.items(), key=lambda item: -item[1])
        return [FeatureImportance(feature=part, importance=share) for part, share in ordered]

    def _model(self, model: ModelConfig) -> ForecastModel:
        loaded = self._models.load(model.bundle_digest, model_id=model.id).model
        if not isinstance(loaded, ForecastModel):
            raise NotExplainable(f"The bundle of model {model.id!r} holds no forecast model.", model_id=model.id)
        return loaded


def values_of(found: ForecastAnswer, features: Mapping[str, Any]) -> dict[str, Any]:
    """Return what trend, season and pipeline are in words, from the parts of the very forecast that is explained."""
    level, trend, season, pipeline = (found.parts[part] for part in ("level", "trend", "season", "pipeline"))
    first, last_period = (
        one if isinstance(one, str) else f"period {one}" for one in (found.periods[0], found.periods[-1])
    )
    size = _SLIGHT * float(np.abs(found.value).max(initial=0.0))
    last, low, high = (value if abs(value) > size else 0.0 for value in (trend[-1], season.min(), season.max()))
    held = f"a level of {_number(float(level[-1]))}"
    given = [value_text(features[name]) for name in _DRIVERS if features.get(name) is not None]
    return {
        "trend": f"{_signed(last)} by {last_period}, from {held}" if last else f"none, {held} is held",
        "season": f"from {_signed(low)} to {_signed(high)} a period" if low or high else "none found",
        "pipeline": (
            f"{' and '.join(given)} given, {_signed(float(pipeline[0]))} in {first}"
            if pipeline.any()
            else "changes nothing"
            if given
            else "none given"
        ),
    }


def _number(value: float) -> str:
    return value_text(float(f"{value:.3g}"))


def _signed(value: float) -> str:
    return f"{'+' if value > 0.0 else ''}{_number(value)}"
