"""Revenue forecast: what the next periods bring, with intervals, from a history of any length from three values on."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from hotcrm_ai.domain.errors import InvalidFeatures
from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.domain.wording import Wording
from hotcrm_ai.domain.write_back import CRMRow, RelatedRows, WriteBack
from hotcrm_ai.local_models.forecast_model import ForecastModel
from hotcrm_ai.local_models.forecast_months import LAST_PERIOD, month_text
from hotcrm_ai.ports.ai_feature import AIFeature, Scale


def _months(rows: Sequence[CRMRow]) -> dict[str, Any]:
    """Return the months of a series from the first to the last one; a month without rows is unknown, not zero."""
    sums: dict[int, float] = defaultdict(float)
    for row in rows:
        if row["period"] is not None and row["value"] is not None:
            sums[_month(row["period"])] += _amount(row["value"])
    if not sums:
        return {}
    return {
        "historical_revenue": [sums.get(month) for month in range(min(sums), max(sums) + 1)],
        LAST_PERIOD: month_text(max(sums)),
    }


def _amount(value: Any) -> float:
    try:
        return float(value)
    except ValueError as problem:
        raise InvalidFeatures({"value": f"expected a number, got {str(value)[:40]!r}"}) from problem


def _month(period: Any) -> int:
    try:
        year, month = str(period)[:7].split("-")
        return int(year) * 12 + int(month) - 1
    except ValueError as problem:
        raise InvalidFeatures(
            {"period": f"expected a month or a date in ISO 8601, got {str(period)[:40]!r}"}
        ) from problem


_WORDING: Final = Wording(
    number="forecast",
    raises="Raises the forecast",
    lowers="Lowers the forecast",
    confidence="{} % of past values inside the interval",
    records="values",
    measured="later values",
)
_WRITE_BACK: Final = WriteBack(
    answer={"ai_forecast": "forecast", "ai_forecast_total": "value"},
    confidence="ai_forecast_confidence",
    explanation="ai_forecast_explanation",
    date="last_forecast_date",
    records="revenue-series",
    what="forecast",
    command="forecasts",
    one="forecast_revenue",
    many="batch_forecast_revenue",
    rows=RelatedRows(
        crm_object="MonthlyRevenue",
        record_field="series",
        order_field="period",
        fields=("value",),
        features=_months,
    ),
)


@dataclass(frozen=True)
class RevenueForecast:
    """The coming values of a series; ``value`` is their total, the number that an explanation adds up to.

    Periods are months (``2026-07``) where the request tells the last one of its history, else they are counted from 1.

    An interval holds 80 per cent of coming values. Confidence is the share of values that lay inside their intervals in a back-test:
    on the training series where the model keeps them, else on the very history of the request; None where it is too short for one.
    """

    name: str = "revenue-forecast"
    scale: Scale = "value"
    default_bands: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    crm_object: str = "RevenueSeries"
    crm_fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    write_back: WriteBack = _WRITE_BACK
    wording: Wording = _WORDING

    def answer(
        self,
        model: ForecastModel,
        features: Mapping[str, Any],
        *,
        bands: Mapping[str, float],  # noqa: ARG002 - the port's name; forecasts have no bands
    ) -> PredictionOutput:
        """Return ``{forecast: [{period, value, lower, upper}], value, parts, method, notes}``; a period's parts add up to its value."""
        found = model.answer(features)
        columns = (found.value.tolist(), found.lower.tolist(), found.upper.tolist())
        forecast = [
            {"period": period, "value": value, "lower": lower, "upper": upper}
            for period, value, lower, upper in zip(found.periods, *columns, strict=True)
        ]
        rows = zip(*(part.tolist() for part in found.parts.values()), strict=True)
        parts = [
            {"period": period, **dict(zip(found.parts, row, strict=True))}
            for period, row in zip(found.periods, rows, strict=True)
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
