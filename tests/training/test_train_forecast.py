"""Training of forecasts: reading long tables, choosing by back-test, and what the report says."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.local_models.forecast_model import ForecastModel
from hotcrm_ai.local_models.manifest import MODEL_NAME
from hotcrm_ai.training.forecast import train_forecast


def _rows(*, series: int = 4, months: int = 60, pipeline: bool = False, seed: int = 5) -> list[dict[str, Any]]:
    """Monthly sales; with ``pipeline`` a column that says what the next month brings."""
    chance = random.Random(seed)
    rows = []
    for number in range(series):
        shocks = [chance.gauss(0.0, 0.15) for _ in range(months + 1)]
        for month in range(months):
            value = 1000.0 * (number + 1) * math.exp(0.2 * math.sin(month * math.pi / 6.0) + shocks[month])
            row = {"series": f"s{number}", "period": f"{2018 + month // 12}-{month % 12 + 1:02d}", "value": value}
            rows.append(
                row | ({"pipeline_value": 3000.0 * (number + 1) * math.exp(shocks[month + 1])} if pipeline else {})
            )
    return rows


def _model(trained: Any) -> ForecastModel:
    return ForecastModel.from_json(trained.members[MODEL_NAME])


def test_a_long_table_gives_a_model_that_keeps_its_series() -> None:
    """Series are found by name, measured on their last year beside simpler forecasts, and kept."""
    trained = train_forecast(_rows())
    assert sorted(_model(trained).histories) == ["s0", "s1", "s2", "s3"]
    assert trained.report.held_out_rows == 48
    assert set(trained.report.metrics) == {"mase", "smape", "coverage"}
    assert trained.report.metrics["mase"] < trained.report.baselines["seasonal_naive"]["mase"]
    assert trained.manifest.kind == "forecast"
    assert trained.manifest.signature.feature("series") is not None


def test_the_same_rows_give_the_same_bundle_in_any_order_of_rows_and_columns() -> None:
    """Nothing depends on where a row stands."""
    rows = _rows(series=2, months=30)
    turned = [dict(reversed(list(row.items()))) for row in reversed(rows)]
    assert _model(train_forecast(rows)).to_json() == _model(train_forecast(turned)).to_json()
    assert train_forecast(rows).report.bundle_digest == train_forecast(rows).report.bundle_digest


def test_other_column_names_are_mapped_by_options() -> None:
    """Value, period and series may be called otherwise; without a series column all rows are one series."""
    rows = [{"month": row["period"], "sales": row["value"]} for row in _rows(series=1, months=30)]
    assert list(_model(train_forecast(rows, target="sales", time_column="month")).histories) == ["all"]


def test_gaps_are_kept_as_gaps_and_rows_of_one_month_are_added_up() -> None:
    """A missing month is None and no zero; two rows of a month count together, and the report says so."""
    rows = [{"period": f"2024-{month:02d}-15", "value": 10.0} for month in range(1, 13) if month != 5]
    trained = train_forecast([*rows, {"period": "2024-02-01", "value": 1.0}])
    assert _model(trained).histories["all"] == (10.0, 11.0, 10.0, 10.0, None, *[10.0] * 7)
    assert any("added up" in warning for warning in trained.report.warnings)


def test_quarters_are_recognised() -> None:
    """Dates three months apart make four values a year."""
    rows = [
        {"period": f"{2010 + quarter // 4}-{3 * (quarter % 4) + 1:02d}", "value": 100.0 + quarter % 4}
        for quarter in range(24)
    ]
    assert _model(train_forecast(rows)).period == 4


def test_a_pipeline_that_helps_is_used_and_one_that_does_not_is_not() -> None:
    """The back-test decides; either way the report carries the evidence."""
    helping = train_forecast(_rows(series=40, months=40, pipeline=True))
    assert [driver.feature for driver in _model(helping).drivers] == ["pipeline_value"]
    chance = random.Random(1)
    useless = [row | {"pipeline_value": chance.uniform(1.0, 9.0)} for row in _rows(series=40, months=40)]
    told = train_forecast(useless)
    assert _model(told).drivers == ()
    assert any("not used" in warning for warning in told.report.warnings)


def test_unreadable_rows_are_refused_with_their_place() -> None:
    """More than one per cent of bad rows stop the run; allowed, they are left out and counted."""
    rows = [*_rows(series=1, months=30), {"series": "s0", "period": "soon", "value": 1.0}]
    with pytest.raises(TrainingDataError, match="record 31"):
        train_forecast(rows)
    trained = train_forecast(rows, allow_bad_rows=True)
    assert any(warning.startswith("1 rows") for warning in trained.report.warnings)


def test_series_that_are_too_short_are_named_or_refused() -> None:
    """One short series is left out; nothing but short series is an error."""
    short = [{"series": "tiny", "period": "2024-01", "value": 1.0}]
    assert any("too few" in warning for warning in train_forecast([*_rows(series=1), *short]).report.warnings)
    with pytest.raises(TrainingDataError, match="3 known values"):
        train_forecast(short)
