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
from hotcrm_ai.local_models.forecast_model import ForecastModel
from hotcrm_ai.local_models.loader import LocalModelLoader

_KIND: Final = "forecasting"
_MOST_SERIES: Final = 50


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
