"""The recipe of a forecast model: read a long table, back-test, choose widths and drivers, measure on the last year, pack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Unpack

import msgspec
import numpy as np

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.domain.training import TrainingReport
from hotcrm_ai.local_models.forecast_clean import FEWEST_VALUES
from hotcrm_ai.local_models.forecast_model import MAX_HORIZON, Coverage, ForecastModel
from hotcrm_ai.local_models.forecast_months import LAST_PERIOD
from hotcrm_ai.local_models.manifest import MODEL_NAME, Manifest, bundle_digest, pack_bundle
from hotcrm_ai.training.forecast_choice import Origin, driver_of, origins_of, widening_of
from hotcrm_ai.training.forecast_metrics import measure_forecasts, usual_change
from hotcrm_ai.training.forecast_table import SeriesTable, series_table
from hotcrm_ai.training.judged import JudgedSeries
from hotcrm_ai.training.run import Progress, RunOptions, TrainingRun

_NAMES_SHOWN: Final = 200
_SPLIT: Final = "the last year of each series"


class TrainedForecast(msgspec.Struct, frozen=True, kw_only=True):
    """A forecast model that is ready to be published: the report for people, the manifest, and all members of the bundle by name."""

    report: TrainingReport
    manifest: Manifest
    members: dict[str, bytes]
    judged: JudgedSeries | None = None


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    """The series that can be forecast, the model chosen on them, and the forecasts of the last year that measure it."""

    table: SeriesTable
    fingerprint: str
    series: int
    model: ForecastModel
    origins: list[Origin]
    words: tuple[str, ...]


def train_forecast(
    source: Any,
    *,
    feature_name: str = "revenue-forecast",
    target: str | None = None,
    time_column: str | None = None,
    series: str | None = None,
    season_length: int | None = None,
    keep_histories: bool = True,
    **asked: Unpack[RunOptions],
) -> TrainedForecast:
    """Train, measure and pack a forecast model of a long table ``series?, period, value``; nothing is registered or written.

    ``target`` names the column of values (``value``), ``time_column`` that of periods (``period``), ``series`` that of the series'
    names (``series`` where the table has it; else all rows are one series). ``season_length`` is the number of values a year, found from
    the dates unless given. Columns ``pipeline_value`` and ``growth_rate``, known at the end of each period, are used where a back-test
    shows that they help, unless in ``exclude``. ``asked`` are the options of ``TrainingRun``; ``keep``, ``seed`` and ``band_names`` change
    nothing here.

    Raises:
        TrainingDataError: the table cannot be used, or no series has three known values.
    """
    run = TrainingRun(feature_name=feature_name, **asked)
    started = run.clock.monotonic()
    table = run.read(source)
    columns = {name: cells for name, cells in table.columns.items() if name not in run.exclude}
    read = series_table(
        msgspec.structs.replace(table, columns=columns),
        series=series or ("series" if "series" in columns else None),
        period=time_column or "period",
        value=target or "value",
        season_length=season_length,
        allow_bad_rows=run.allow_bad_rows,
    )
    found = _find(read, table.fingerprint, told=run.progress, keep_histories=keep_histories)
    manifest = _manifest(found, run, target=target or "value")
    members = pack_bundle(manifest, {MODEL_NAME: found.model.to_json()})
    run.progress("packed", 1.0)
    report = _report(found, manifest, run)
    return TrainedForecast(
        report=msgspec.structs.replace(
            report, bundle_digest=bundle_digest(members), seconds=run.clock.monotonic() - started
        ),
        manifest=manifest,
        members=members,
        judged=_judged(found),
    )


def _judged(found: _Found) -> JudgedSeries:
    """Keep the last year of each series for a comparison; one whose values never change has no scale and is left out."""
    scales = [(one, usual_change(one, found.table.period)) for one in found.origins]
    usable = [(one, scale) for one, scale in scales if scale > 0.0]
    return JudgedSeries(
        requests=[
            {"historical_revenue": list(one.known), "horizon": len(one.true), **one.drivers} for one, _ in usable
        ],
        came=[one.true for one, _ in usable],
        scales=[scale for _, scale in usable],
        model=found.model,
    )


def _find(read: SeriesTable, fingerprint: str, *, told: Progress, keep_histories: bool) -> _Found:
    """Back-test on the year before the last, choose, and forecast the last year as the chosen model would have done."""
    histories = {
        name: row for name, row in read.histories.items() if sum(value is not None for value in row) >= FEWEST_VALUES
    }
    if not histories:
        raise TrainingDataError(f"No series has {FEWEST_VALUES} known values; add earlier periods.")
    earlier, latest = (
        origins_of(
            histories,
            read.drivers,
            period=read.period,
            years_ago=ago,
            told=lambda share, start=start: told("back-testing", start + 0.45 * share),  # type: ignore[misc]  # bound at once
        )
        for ago, start in ((1, 0.05), (0, 0.5))
    )
    model, origins, words = _choose(read, histories, earlier, latest, keep_histories=keep_histories)
    short = len(read.histories) - len(histories)
    left_out = (f"{short} series have too few values and were left out",) if short else ()
    return _Found(
        table=read,
        fingerprint=fingerprint,
        series=len(histories),
        model=model,
        origins=origins,
        words=(*read.warnings, *words, *left_out),
    )


def _manifest(found: _Found, run: TrainingRun, *, target: str) -> Manifest:
    metrics, baselines = measure_forecasts(found.origins, period=found.table.period)
    return Manifest(
        feature=run.feature_name,
        model_type="forecasting",
        kind="forecast",
        signature=_signature(found.model),
        bands={},
        metrics=metrics,
        baselines=baselines,
        origin=run.origin(
            dataFingerprint=found.fingerprint,
            rows=found.table.rows,
            series=found.series,
            heldOutRows=_values(found.origins),
            split=_SPLIT,
            target=target,
        ),
        extra={"period": found.table.period, "widening": found.model.widening},
    )


def _report(found: _Found, manifest: Manifest, run: TrainingRun) -> TrainingReport:
    held_out = _values(found.origins)
    return TrainingReport(
        model_id=run.id,
        version=run.version,
        feature=manifest.feature,
        metrics=manifest.metrics,
        baselines=manifest.baselines,
        excluded=(),
        bundle_digest="",
        seconds=0.0,
        warnings=found.words,
        chosen=f"mean of several methods, {found.table.period} values a year",
        choice={"widening": found.model.widening, **{one.feature: one.weight for one in found.model.drivers}},
        rows=found.table.rows,
        training_rows=found.table.rows - held_out,
        held_out_rows=held_out,
        split=_SPLIT,
        target=manifest.origin["target"],
        data_fingerprint=found.fingerprint,
    )


def _choose(
    found: SeriesTable,
    histories: dict[str, list[float | None]],
    earlier: Sequence[Origin],
    latest: Sequence[Origin],
    *,
    keep_histories: bool,
) -> tuple[ForecastModel, list[Origin], list[str]]:
    """Return the model, the last year's forecasts as it would have made them, and what was found about drivers."""
    drivers, words = [], []
    for column in found.drivers:
        driver, said = driver_of("pipeline_value" if column == "pipeline_value" else "growth_rate", earlier, latest)
        words.append(f"{said}; {'used' if driver else 'not used'}")
        drivers += [driver] if driver else []
    widening = widening_of(earlier)
    origins = [_widened(one, widening) for one in latest]
    inside = sum(int(((one.true >= one.lower) & (one.true <= one.upper)).sum()) for one in origins)
    model = ForecastModel(
        period=found.period,
        widening=widening,
        coverage=Coverage(inside=inside, values=_values(origins)) if origins else None,
        drivers=drivers,
        histories=histories if keep_histories else {},
        last_periods=found.last_months if keep_histories else {},
    )
    return model, origins, words


def _widened(one: Origin, widening: float) -> Origin:
    floor = 0.0 if all(value is None or value >= 0.0 for value in one.known) else -np.inf
    return one._replace(
        lower=np.maximum(one.value - (one.value - one.lower) * widening, floor),
        upper=one.value + (one.upper - one.value) * widening,
    )


def _values(origins: Sequence[Origin]) -> int:
    return sum(int((~np.isnan(one.true)).sum()) for one in origins)


def _signature(model: ForecastModel) -> Signature:
    learned = {driver.feature for driver in model.drivers}
    own = (
        [
            FeatureSpec(
                name="series",
                type="category",
                categories=tuple(list(model.histories)[:_NAMES_SHOWN]) if len(model.histories) <= _NAMES_SHOWN else (),
                description="A series of the training table, instead of historical_revenue.",
            )
        ]
        if model.histories
        else []
    )
    return Signature(
        features=(
            FeatureSpec(name="historical_revenue", type="number_list", description="Oldest first; null where unknown."),
            *own,
            FeatureSpec(
                name=LAST_PERIOD,
                type="category",
                option=True,
                description="The month of the last value, such as 2026-06; coming periods are then months.",
            ),
            FeatureSpec(name="pipeline_value", type="number", option="pipeline_value" not in learned),
            FeatureSpec(name="seasonality", type="category", option=True),
            FeatureSpec(name="growth_rate", type="number", option="growth_rate" not in learned),
            FeatureSpec(name="horizon", type="number", minimum=1.0, maximum=float(MAX_HORIZON), option=True),
        )
    )
