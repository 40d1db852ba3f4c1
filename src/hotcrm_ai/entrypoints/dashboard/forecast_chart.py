"""Draws a forecast behind the history that it was made from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from hotcrm_ai.domain.prediction import LoggedPrediction
from hotcrm_ai.entrypoints.dashboard.charts import Line, Lines

_HISTORY_SHOWN: Final = 24
_MONTH: Final = re.compile(r"([0-9]{4})-([0-9]{2})(?:-[0-9]{2})?")


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


def forecast_chart(answer: LoggedPrediction) -> DrawnForecast:
    """Return the picture of a logged forecast."""
    history = answer.input_features.get("historical_revenue") or ()
    return draw_forecast(history, answer.prediction_value, last_period=answer.object_id or "")


def draw_forecast(
    known_values: Sequence[float | None], forecast: Mapping[str, Any], *, last_period: str = ""
) -> DrawnForecast:
    """Return the picture of a forecast and the history behind it; its axis has months where the last period is called like one."""
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
        places=_places(last_period, known, len(coming)),
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
        place_title="Month" if _last_month(last_period) else "Period from the last known one",
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
    )


def _places(last_period: str, known: int, coming: int) -> tuple[str | float, ...]:
    last = _last_month(last_period)
    if last is None:
        return tuple(float(place) for place in range(1 - known, coming + 1))
    months = [last + place for place in range(1 - known, coming + 1)]
    return tuple(f"{month // 12:04d}-{month % 12 + 1:02d}" for month in months)


def _last_month(last_period: str) -> int | None:
    """Return the last month of the history, counted from the year 0."""
    found = _MONTH.fullmatch(last_period)
    if found is None or not 1 <= int(found[2]) <= 12:
        return None
    return int(found[1]) * 12 + int(found[2]) - 1
