"""Draws a forecast behind the history that it was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from hotcrm_ai.domain.prediction import LoggedPrediction
from hotcrm_ai.entrypoints.dashboard.charts import Line, Lines

_HISTORY_SHOWN: Final = 24
_MONTHS_OF_A_YEAR: Final = 12


class DrawnForecast(msgspec.Struct, frozen=True, kw_only=True):
    """The picture, and what stands beside it: the total with its bounds, the method, and what the last as many periods brought."""

    chart: Lines
    total: float
    periods: int
    next_value: float
    next_lower: float
    next_upper: float
    before: float | None
    method: str
    unit: str
    next_name: str
    last_name: str


def forecast_chart(answer: LoggedPrediction) -> DrawnForecast:
    """Return the picture of a logged forecast."""
    history = answer.input_features.get("historical_revenue") or ()
    return draw_forecast(history, answer.prediction_value)


def draw_forecast(known_values: Sequence[float | None], forecast: Mapping[str, Any]) -> DrawnForecast:
    """Return the picture of a forecast and the history behind it; its axis has months where the forecast has."""
    history: list[float | None] = list(known_values)
    coming: list[dict[str, Any]] = forecast["forecast"]
    shown = history[-_HISTORY_SHOWN:]
    known = len(shown)
    none_before: tuple[float | None, ...] = (None,) * known
    # The interval begins in the last known value, so that the picture has no gap.
    joint = shown[-1:] if shown else []
    gap = none_before[: known - len(joint)]
    chart = Lines(
        label=f"Revenue: the last {known} periods, and the next {len(coming)} with their 80 % interval",
        places=_places(coming, known),
        lines=(
            Line(name="Revenue", values=(*shown, *(None for _ in coming))),
            Line(
                name="Forecast",
                values=(*gap, *joint, *(one["value"] for one in coming)),
                lower=(*gap, *joint, *(one["lower"] for one in coming)),
                upper=(*gap, *joint, *(one["upper"] for one in coming)),
                dashed=True,
            ),
        ),
        axis="Revenue",
        place_title="Month" if _has_months(coming) else "Period from the last known one",
    )
    before = [value for value in history[-len(coming) :] if value is not None]
    return DrawnForecast(
        chart=chart,
        total=forecast["value"],
        periods=len(coming),
        next_value=coming[0]["value"],
        next_lower=coming[0]["lower"],
        next_upper=coming[0]["upper"],
        before=sum(before) if len(before) == len(coming) else None,
        method=str(forecast.get("method", "")),
        unit="months" if _has_months(coming) else "periods",
        next_name=_name(coming[0]),
        last_name=_name(coming[-1]),
    )


def _places(coming: Sequence[Mapping[str, Any]], known: int) -> tuple[str | float, ...]:
    """Return the names of the known periods, back from the first coming one at the same pace, and of the coming ones."""
    if not _has_months(coming):
        return tuple(float(place) for place in range(1 - known, len(coming) + 1))
    months = [_month(one["period"]) for one in coming]
    pace = months[1] - months[0] if len(months) > 1 else 1
    before = [months[0] - pace * place for place in range(known, 0, -1)]
    return tuple(
        f"{month // _MONTHS_OF_A_YEAR:04d}-{month % _MONTHS_OF_A_YEAR + 1:02d}" for month in (*before, *months)
    )


def _has_months(coming: Sequence[Mapping[str, Any]]) -> bool:
    return bool(coming) and isinstance(coming[0]["period"], str)


def _month(text: str) -> int:
    year, month = text.split("-")
    return int(year) * _MONTHS_OF_A_YEAR + int(month) - 1


def _name(coming: Mapping[str, Any]) -> str:
    """Return what people call a coming period."""
    period = coming["period"]
    return period if isinstance(period, str) else f"period {period}"
