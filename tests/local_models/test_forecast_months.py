"""Coming periods are months where the last one of the history is known."""

from __future__ import annotations

import pytest

from hotcrm_ai.ai_features.revenue_forecast import RevenueForecast
from hotcrm_ai.domain.errors import InvalidFeatures
from hotcrm_ai.local_models.forecast_model import ForecastModel
from hotcrm_ai.local_models.forecast_months import coming_periods
from hotcrm_ai.training.forecast import train_forecast

HISTORY = [100.0 + 5 * (place % 12) + place for place in range(30)]


@pytest.mark.parametrize(
    ("last", "own_length", "seasonality", "names"),
    [
        ("2026-11", 12, None, ("2026-12", "2027-01", "2027-02")),
        ("2026-11-30", 12, "monthly", ("2026-12", "2027-01", "2027-02")),
        ("2026-06", 4, None, ("2026-09", "2026-12", "2027-03")),
        ("2026-06", 12, "quarterly", ("2026-09", "2026-12", "2027-03")),
        ("2026-12", 1, None, ("2027-12", "2028-12", "2029-12")),
        ("2026-12", 12, "none", ("2027-01", "2027-02", "2027-03")),
        ("2026-06", 12, "weekly", (1, 2, 3)),
        (None, 12, None, (1, 2, 3)),
    ],
)
def test_periods_follow_the_last_one(last: str | None, own_length: int, seasonality: str | None, names: tuple) -> None:
    """Months follow at the pace of the history; weeks, and what nobody knows, are counted from 1."""
    assert coming_periods(last, 3, own_length=own_length, seasonality=seasonality) == names


@pytest.mark.parametrize("last", ["June", "2026-13", "2026", "06-2026", 202606])
def test_what_is_no_month_is_refused(last: object) -> None:
    """A month that cannot be read is named, and no other one is made of it."""
    with pytest.raises(InvalidFeatures) as caught:
        coming_periods(last, 3, own_length=12, seasonality=None)
    assert caught.value.problems == {"last_period": f"expected a month such as 2026-06, got {str(last)!r}"}


def test_an_answer_names_its_months() -> None:
    """The periods of the forecast and of its parts are months, and the numbers are those without them."""
    asked = {"historical_revenue": HISTORY, "horizon": 2}
    plain = RevenueForecast().answer(ForecastModel(period=12), asked, bands={}).prediction
    told = RevenueForecast().answer(ForecastModel(period=12), asked | {"last_period": "2026-06"}, bands={}).prediction
    assert [row["period"] for row in plain["forecast"]] == [1, 2]
    assert [row["period"] for row in told["forecast"]] == ["2026-07", "2026-08"]
    assert [row["period"] for row in told["parts"]] == ["2026-07", "2026-08"]
    assert [row["value"] for row in told["forecast"]] == [row["value"] for row in plain["forecast"]]


def test_a_kept_series_knows_its_last_month() -> None:
    """Training keeps the month of each series' last value, so that its forecast has months without being told; a model without any
    is the same file as before."""
    rows = [
        {"series": name, "period": f"{2023 + month // 12}-{month % 12 + 1:02d}", "value": 100.0 + month}
        for name, months in (("a", 30), ("b", 27))
        for month in range(months)
    ]
    model = train_forecast(rows).judged.model
    assert model.last_periods == {"a": "2025-06", "b": "2025-03"}
    again = ForecastModel.from_json(model.to_json())
    assert again.answer({"series": "b", "horizon": 2}).periods == ("2025-04", "2025-05")
    assert b"lastPeriods" not in ForecastModel(period=12).to_json()
