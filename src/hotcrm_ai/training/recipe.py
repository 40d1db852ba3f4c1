"""The recipe of every yes-or-no model: read, type, guard, part, fit, measure beside baselines, set bands, pack."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, Unpack

import msgspec
import numpy as np
from numpy.typing import NDArray

from hotcrm_ai.domain.signature import Signature
from hotcrm_ai.domain.training import TrainingReport
from hotcrm_ai.local_models.expected_value import VALUE_COLUMN
from hotcrm_ai.local_models.manifest import MODEL_NAME, Manifest, bundle_digest, pack_bundle
from hotcrm_ai.training.bands import band_quality, choose_bands
from hotcrm_ai.training.baselines import NaiveBayes, majority_probabilities
from hotcrm_ai.training.curves import gains_curve, reliability_groups
from hotcrm_ai.training.directions import Direction, check_directions
from hotcrm_ai.training.evidence import evidence_words, half_width, records_to_ten_points
from hotcrm_ai.training.fit import FitResult, fit_tabular
from hotcrm_ai.training.honest_words import quality_warnings
from hotcrm_ai.training.importance import shuffle_importance
from hotcrm_ai.training.insight import confusion_counts, insight_of, partial_dependence
from hotcrm_ai.training.judged import JudgedRecords
from hotcrm_ai.training.metrics import Measured, measure, metric_values
from hotcrm_ai.training.money import check_value_column, money_quality, money_warnings
from hotcrm_ai.training.prepare import Prepared, prepare_rows
from hotcrm_ai.training.run import RunOptions, TrainingRun
from hotcrm_ai.training.segments import segment_quality, segment_warnings
from hotcrm_ai.training.typed_table import TypedTable

_CHURN: Final = "churn-prediction"
_FIT_FROM: Final = 0.10
_FIT_TO: Final = 0.85


class Trained(msgspec.Struct, frozen=True, kw_only=True):
    """A model that is ready to be published: the report for people, the manifest, and all members of the bundle by name."""

    report: TrainingReport
    manifest: Manifest
    members: dict[str, bytes]
    judged: JudgedRecords | None = None


class _Job(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for, apart from the rows."""

    run: TrainingRun
    refit: bool
    monotone: Mapping[str, Direction]
    segment: str | None
    value: str | None


class _Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """The model that was measured, its probabilities of the held-out rows, and what came of them."""

    fitted: FitResult
    probabilities: NDArray[np.float64]
    measured: Measured
    baselines: dict[str, dict[str, float]]
    bands: dict[str, float]


def train_classifier(
    source: Any,
    *,
    feature_name: str,
    target: str,
    positive: str | None = None,
    negative: str | None = None,
    time_column: str | None = None,
    missing_values: Collection[str] = (),
    refit: bool = False,
    monotone: Mapping[str, str] | None = None,
    segment: str | None = None,
    value: str | None = None,
    **asked: Unpack[RunOptions],
) -> Trained:
    """Train, measure and pack a model of one outcome; nothing is registered, and nothing is written.

    The model that is packed is the one that was measured: it learned from the training part only. With ``refit`` it learns again from
    all closed rows, and the metrics are those of its twin. The same content, options and seed give the same bundle, byte for byte,
    whatever the order of the columns. ``source`` is that of ``read_table``, the options on rows and columns those of ``prepare_rows``,
    ``asked`` those of ``TrainingRun``.

    ``monotone`` says for columns whether the probability may only rise with them ("+") or only fall ("-"). With ``segment`` the report
    measures each value of that column apart. ``value`` names a column of amounts: answers then say what the record is worth.

    Raises:
        TrainingDataError: the data cannot be used; the message names file, line or column.
        ConfigError: a direction is neither "+" nor "-".
        MissingExtra: reading or fitting needs a package that is not installed.
    """
    run = TrainingRun(feature_name=feature_name, **asked)
    started = run.clock.monotonic()
    table = run.read(source)
    run.progress("finding types and leaks", 0.04)
    rows = prepare_rows(
        table,
        target=target,
        positive=positive,
        negative=negative,
        of_churn=feature_name == _CHURN,
        exclude=run.exclude,
        keep=run.keep,
        time_column=time_column,
        missing_values=missing_values,
        allow_bad_rows=run.allow_bad_rows,
        beside=tuple(dict.fromkeys(name for name in (segment, value) if name is not None)),
        seed=run.seed,
    )
    job = _Job(
        run=run,
        refit=refit,
        monotone=_directions(rows, monotone or {}, value),
        segment=segment,
        value=value,
    )
    trained = _train_rows(rows, job)
    run.progress("packed", 1.0)
    return msgspec.structs.replace(
        trained, report=msgspec.structs.replace(trained.report, seconds=run.clock.monotonic() - started)
    )


def _directions(rows: Prepared, monotone: Mapping[str, str], value: str | None) -> dict[str, Direction]:
    """Return the directions after checking them and the value column against the columns that are left."""
    specs = [column.spec() for column in rows.training.columns.values()]
    if value is not None:
        check_value_column(value, specs, rows.excluded)
    return check_directions(monotone, specs, rows.excluded)


def _train_rows(rows: Prepared, job: _Job) -> Trained:
    found = _measure(rows, job)
    shipped, learned = found.fitted, rows.training
    if job.refit:
        learned = rows.training.join(rows.held_out)
        outcomes = np.concatenate([rows.training_outcomes, rows.held_out_outcomes])
        shipped = _fit(learned, outcomes, job, reach=(_FIT_TO, 0.98))
    report = _report(rows, found, job, digest="")
    manifest = _manifest(rows, found, job, learned=learned)
    extra = {**manifest.extra, "insight": insight_of(report)}
    manifest = msgspec.structs.replace(manifest, extra=extra)
    members = pack_bundle(manifest, {MODEL_NAME: shipped.model.to_json()})
    return Trained(
        report=msgspec.structs.replace(report, bundle_digest=bundle_digest(members)),
        manifest=manifest,
        members=members,
        judged=JudgedRecords(
            cells=dict(rows.held_out.cells()),
            outcomes=rows.held_out_outcomes,
            probabilities=found.probabilities,
            parting=rows.parting,
        ),
    )


def _measure(rows: Prepared, job: _Job) -> _Measurement:
    """Fit on the training part and measure on the held-out part, beside the baselines."""
    fitted = _fit(rows.training, rows.training_outcomes, job, reach=(_FIT_FROM, _FIT_TO))
    job.run.progress("measuring on held-out rows", _FIT_TO)
    matrix = fitted.model.encode_columns(rows.held_out.cells(), n_rows=rows.held_out.row_count)
    probabilities = fitted.model.probabilities(matrix)
    return _Measurement(
        fitted=fitted,
        probabilities=probabilities,
        measured=measure(rows.held_out_outcomes, probabilities, seed=job.run.seed),
        baselines=_measure_baselines(rows),
        bands=choose_bands(fitted.oof_probabilities, rows.training_outcomes, names=job.run.band_names),
    )


def _fit(table: TypedTable, outcomes: NDArray[np.int8], job: _Job, *, reach: tuple[float, float]) -> FitResult:
    first, last = reach
    return fit_tabular(
        table.cells(),
        outcomes,
        features=[column.spec() for column in table.columns.values()],
        seed=job.run.seed,
        monotone=job.monotone,
        progress=lambda stage, share: job.run.progress(stage, first + (last - first) * share),
    )


def _measure_baselines(rows: Prepared) -> dict[str, dict[str, float]]:
    """Measure the base rate and the naive Bayes over categories, learned and measured on the same rows as the model."""
    specs = [column.spec() for column in rows.training.columns.values()]
    bayes = NaiveBayes(rows.training.cells(), rows.training_outcomes, specs)
    majority = majority_probabilities(rows.training_outcomes, rows.held_out.row_count)
    return {
        "majority": metric_values(rows.held_out_outcomes, majority),
        "naive_bayes": metric_values(rows.held_out_outcomes, bayes.probabilities(rows.held_out.cells())),
    }


def _manifest(rows: Prepared, found: _Measurement, job: _Job, *, learned: TypedTable) -> Manifest:
    return Manifest(
        feature=job.run.feature_name,
        model_type="classification",
        signature=Signature(features=tuple(column.spec() for column in learned.columns.values())),
        bands=found.bands,
        metrics=dict(found.measured.values),
        origin=job.run.origin(
            dataFingerprint=rows.fingerprint,
            rows=len(rows.training_outcomes) + len(rows.held_out_outcomes),
            trainingRows=learned.row_count,
            heldOutRows=len(rows.held_out_outcomes),
            split=rows.split,
            target=rows.target,
            positive=rows.positive,
            negative=rows.negative,
            **rows.parting.told(refit=job.refit),
        ),
        intervals=dict(found.measured.intervals),
        baselines=found.baselines,
        extra={
            "chosen": found.fitted.kind,
            "logLosses": dict(found.fitted.log_losses),
            "refit": job.refit,
            **({"monotone": dict(job.monotone)} if job.monotone else {}),
            **({VALUE_COLUMN: job.value} if job.value is not None else {}),
        },
    )


def _asked_quality(rows: Prepared, found: _Measurement, job: _Job) -> tuple[tuple[dict[str, Any], ...], dict[str, Any]]:
    """Measure the segments and the money that the run was asked for."""
    segments: tuple[dict[str, Any], ...] = ()
    money: dict[str, Any] = {}
    outcomes, stated = rows.held_out_outcomes, found.probabilities
    if job.segment is not None:
        segments = segment_quality(rows.beside.columns[job.segment], stated, outcomes, seed=job.run.seed)
    if job.value is not None:
        money = money_quality(job.value, rows.beside.columns[job.value].cells, stated, outcomes, seed=job.run.seed)
    return segments, money


def _evidence(rows: Prepared, found: _Measurement) -> dict[str, float]:
    """Return how wide the answers' intervals are, and how many more records would narrow them to ±10 points; nothing without intervals."""
    spread = found.fitted.model.spread
    if spread is None:
        return {}
    half = half_width(spread, found.probabilities)
    return {"halfWidth": half, "moreRecords": float(records_to_ten_points(half, len(rows.training_outcomes)))}


def _report(rows: Prepared, found: _Measurement, job: _Job, *, digest: str) -> TrainingReport:
    evidence = _evidence(rows, found)
    segments, money = _asked_quality(rows, found, job)
    honest = quality_warnings(
        found.measured,
        found.baselines,
        outcomes=rows.held_out_outcomes,
        training_outcomes=rows.training_outcomes,
        evidence=evidence_words(evidence["halfWidth"], len(rows.training_outcomes)) if evidence else None,
    )
    return TrainingReport(
        model_id=job.run.id,
        version=job.run.version,
        feature=job.run.feature_name,
        metrics=dict(found.measured.values),
        baselines=found.baselines,
        excluded=rows.excluded,
        bundle_digest=digest,
        seconds=0.0,
        warnings=(
            *rows.warnings,
            *honest,
            *segment_warnings(segments, job.segment or ""),
            *(money_warnings(money) if money else ()),
        ),
        intervals=dict(found.measured.intervals),
        chosen=found.fitted.kind,
        choice=dict(found.fitted.log_losses),
        rows=len(rows.training_outcomes) + len(rows.held_out_outcomes),
        training_rows=len(rows.training_outcomes),
        held_out_rows=len(rows.held_out_outcomes),
        positives=int(rows.training_outcomes.sum() + rows.held_out_outcomes.sum()),
        split=rows.split,
        target=f"{rows.target} = {rows.positive}",
        data_fingerprint=rows.fingerprint,
        columns=rows.columns,
        reliability=reliability_groups(found.probabilities, rows.held_out_outcomes),
        gains=gains_curve(found.probabilities, rows.held_out_outcomes),
        importance=shuffle_importance(found.fitted.model, rows.held_out, seed=job.run.seed),
        bands=found.bands,
        evidence=evidence,
        confusion=confusion_counts(found.probabilities, rows.held_out_outcomes),
        partial_dependence=partial_dependence(found.fitted.model, rows.held_out),
        band_quality=band_quality(found.probabilities, rows.held_out_outcomes, found.bands),
        monotone=dict(job.monotone),
        segment_column=job.segment or "",
        segments=segments,
        money=money,
    )
