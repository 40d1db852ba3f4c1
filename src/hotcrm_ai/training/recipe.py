"""The recipe of every yes-or-no model: read, type, guard, part, fit, measure beside baselines, set bands, pack."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from hotcrm_ai.domain.signature import Signature
from hotcrm_ai.domain.training import TrainingReport
from hotcrm_ai.local_models.manifest import MODEL_NAME, Manifest, bundle_digest, pack_bundle
from hotcrm_ai.local_models.tabular import TabularModel
from hotcrm_ai.ports.clock import Clock, SystemClock
from hotcrm_ai.training.bands import choose_bands
from hotcrm_ai.training.baselines import NaiveBayes, majority_probabilities
from hotcrm_ai.training.curves import gains_curve, reliability_groups
from hotcrm_ai.training.fit import FitResult, fit_tabular
from hotcrm_ai.training.honest_words import quality_warnings
from hotcrm_ai.training.importance import shuffle_importance
from hotcrm_ai.training.metrics import Measured, measure, metric_values
from hotcrm_ai.training.prepare import Prepared, prepare_rows
from hotcrm_ai.training.reading import read_table
from hotcrm_ai.training.typed_table import TypedTable

Progress = Callable[[str, float], None]
"""Called with the stage in words and the share of the work that is done (0-1)."""

_FIT_FROM: Final = 0.10
_FIT_TO: Final = 0.85


class Trained(msgspec.Struct, frozen=True, kw_only=True):
    """A model that is ready to be published: the report for people, the manifest, and all members of the bundle by name."""

    report: TrainingReport
    manifest: Manifest
    members: dict[str, bytes]


def train_classifier(
    source: Any,
    *,
    feature_name: str,
    target: str,
    positive: str | None = None,
    negative: str | None = None,
    exclude: Collection[str] = (),
    keep: Collection[str] = (),
    time_column: str | None = None,
    missing_values: Collection[str] = (),
    allow_bad_rows: bool = False,
    refit: bool = False,
    seed: int = 0,
    band_names: Sequence[str] = ("hot", "warm"),
    model_id: str | None = None,
    version: str = "1.0.0",
    trained_on: str | None = None,
    clock: Clock | None = None,
    progress: Progress | None = None,
) -> Trained:
    """Train, measure and pack a model of one outcome; nothing is registered, and nothing is written.

    The model that is packed is the one that was measured: it learned from the training part only. With ``refit`` it learns again from
    all closed rows, and the metrics are those of its twin. The same content, options and seed give the same bundle, byte for byte,
    whatever the order of the columns. Options are those of ``prepare_rows``.

    Raises:
        TrainingDataError: the data cannot be used; the message names file, line or column.
        MissingExtra: reading or fitting needs a package that is not installed.
    """
    told, time = progress or _silent, clock or SystemClock()
    started = time.monotonic()
    told("reading the table", 0.0)
    table = read_table(source, allow_bad_rows=allow_bad_rows)
    told("finding types and leaks", 0.04)
    rows = prepare_rows(
        table,
        target=target,
        positive=positive,
        negative=negative,
        exclude=exclude,
        keep=keep,
        time_column=time_column,
        missing_values=missing_values,
        allow_bad_rows=allow_bad_rows,
        seed=seed,
    )
    fitted = _fit(rows.training, rows.training_outcomes, seed=seed, told=told, reach=(_FIT_FROM, _FIT_TO))
    told("measuring on held-out rows", _FIT_TO)
    scored = _score(fitted.model, rows.held_out)
    measured = measure(rows.held_out_outcomes, scored, seed=seed)
    baselines = _measure_baselines(rows)
    bands = choose_bands(fitted.oof_probabilities, rows.training_outcomes, names=band_names)
    shipped = fitted
    if refit:
        everything = rows.training.join(rows.held_out)
        outcomes = np.concatenate([rows.training_outcomes, rows.held_out_outcomes])
        shipped = _fit(everything, outcomes, seed=seed, told=told, reach=(_FIT_TO, 0.98))
    manifest, members = _pack(
        shipped,
        rows,
        measured,
        baselines,
        feature_name=feature_name,
        bands=bands,
        seed=seed,
        refit=refit,
        trained_on=trained_on,
    )
    told("packed", 1.0)
    report = TrainingReport(
        model_id=model_id or f"{feature_name}-v1",
        version=version,
        feature=feature_name,
        metrics=manifest.metrics,
        baselines=baselines,
        excluded=rows.excluded,
        bundle_digest=bundle_digest(members),
        seconds=time.monotonic() - started,
        warnings=(
            *rows.warnings,
            *quality_warnings(
                measured, baselines, outcomes=rows.held_out_outcomes, training_outcomes=rows.training_outcomes
            ),
        ),
        intervals=manifest.intervals,
        chosen=fitted.kind,
        choice=dict(fitted.log_losses),
        rows=len(rows.training_outcomes) + len(rows.held_out_outcomes),
        training_rows=len(rows.training_outcomes),
        held_out_rows=len(rows.held_out_outcomes),
        positives=int(rows.training_outcomes.sum() + rows.held_out_outcomes.sum()),
        split=rows.split,
        target=f"{target} = {rows.positive}",
        data_fingerprint=table.fingerprint,
        columns=rows.columns,
        reliability=reliability_groups(scored, rows.held_out_outcomes),
        gains=gains_curve(scored, rows.held_out_outcomes),
        importance=shuffle_importance(fitted.model, rows.held_out, seed=seed),
        bands=bands,
    )
    return Trained(report=report, manifest=manifest, members=members)


def _fit(
    table: TypedTable, outcomes: NDArray[np.int8], *, seed: int, told: Progress, reach: tuple[float, float]
) -> FitResult:
    first, last = reach
    features = [column.spec() for column in table.columns.values()]
    return fit_tabular(
        table.cells(),
        outcomes,
        features=features,
        seed=seed,
        progress=lambda stage, share: told(stage, first + (last - first) * share),
    )


def _score(model: TabularModel, table: TypedTable) -> NDArray[np.float64]:
    return model.probabilities(model.encode_columns(table.cells(), n_rows=table.row_count))


def _measure_baselines(rows: Prepared) -> dict[str, dict[str, float]]:
    """Measure the base rate and the naive Bayes over categories, learned and measured on the same rows as the model."""
    specs = [column.spec() for column in rows.training.columns.values()]
    bayes = NaiveBayes(rows.training.cells(), rows.training_outcomes, specs)
    majority = majority_probabilities(rows.training_outcomes, rows.held_out.row_count)
    return {
        "majority": metric_values(rows.held_out_outcomes, majority),
        "naive_bayes": metric_values(rows.held_out_outcomes, bayes.probabilities(rows.held_out.cells())),
    }


def _pack(
    fitted: FitResult,
    rows: Prepared,
    measured: Measured,
    baselines: dict[str, dict[str, float]],
    *,
    feature_name: str,
    bands: dict[str, float],
    seed: int,
    refit: bool,
    trained_on: str | None,
) -> tuple[Manifest, dict[str, bytes]]:
    learned = rows.training.join(rows.held_out) if refit else rows.training
    origin: dict[str, Any] = {
        "dataFingerprint": rows.fingerprint,
        "rows": len(rows.training_outcomes) + len(rows.held_out_outcomes),
        "trainingRows": learned.row_count,
        "heldOutRows": len(rows.held_out_outcomes),
        "split": rows.split,
        "seed": seed,
        "target": rows.target,
        "positive": rows.positive,
        "negative": rows.negative,
    }
    manifest = Manifest(
        feature=feature_name,
        model_type="classification",
        signature=Signature(features=tuple(column.spec() for column in learned.columns.values())),
        bands=bands,
        metrics=dict(measured.values),
        origin=origin if trained_on is None else {**origin, "trainedOn": trained_on},
        intervals=dict(measured.intervals),
        baselines=baselines,
        extra={"chosen": fitted.kind, "logLosses": dict(fitted.log_losses), "refit": refit},
    )
    return manifest, pack_bundle(manifest, {MODEL_NAME: fitted.model.to_json()})


def _silent(_stage: str, _share: float) -> None:
    """Tell nobody."""
