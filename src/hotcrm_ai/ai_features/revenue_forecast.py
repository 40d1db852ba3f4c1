"""Revenue forecast: what the next periods bring, with intervals, from a history of any length from three values on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.local_models.forecast_model import ForecastModel
from hotcrm_ai.ports.ai_feature import AIFeature, Scale


@dataclass(frozen=True)
class RevenueForecast:
    """The coming values of a series; ``value`` is their total, the number that an explanation adds up to.

    An interval holds 80 per cent of coming values. Confidence is the share of values that lay inside their intervals in a back-test:
    on the training series where the model keeps them, else on the very history of the request; None where it is too short for one.
    """

    name: str = "revenue-forecast"
    scale: Scale = "value"
    default_bands: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    crm_object: str = "Opportunity"
    crm_fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def answer(
        self,
        model: ForecastModel,
        features: Mapping[str, Any],
        *,
        bands: Mapping[str, float],  # noqa: ARG002 - the port's name; forecasts have no bands
    ) -> PredictionOutput:
        """Return ``{forecast: [{period, value, lower, upper}], value, parts, method, notes}``; a period's parts add up to its value."""
        found = model.answer(features)
        periods = range(1, len(found.value) + 1)
        columns = (found.value.tolist(), found.lower.tolist(), found.upper.tolist())
        forecast = [
            {"period": period, "value": value, "lower": lower, "upper": upper}
            for period, value, lower, upper in zip(periods, *columns, strict=True)
        ]
        rows = zip(*(part.tolist() for part in found.parts.values()), strict=True)
        parts = [
            {"period": period, **dict(zip(found.parts, row, strict=True))}
            for period, row in zip(periods, rows, strict=True)
        ]
        return PredictionOutput(
            prediction={
                "forecast": forecast,
                "value": math.fsum(columns[0]),
                "parts": parts,
                "method": found.method,
                "notes": list(found.notes),
            },
            confidence=found.confidence,
        )


FEATURE: Final[AIFeature] = RevenueForecast()
