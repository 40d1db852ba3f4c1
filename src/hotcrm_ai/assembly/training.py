"""Trains a model, publishes its bundle and registers it: a failed or stopped run leaves nothing behind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from hotcrm_ai.assembly.placing import id_for, next_version, place_model
from hotcrm_ai.assembly.promotion import decide_promotion
from hotcrm_ai.domain.errors import ConfigError, MissingExtra
from hotcrm_ai.domain.model import MetricsSource, ModelConfig, ModelStatus, ModelType
from hotcrm_ai.domain.training import TrainingReport, registry_metrics

if TYPE_CHECKING:
    from hotcrm_ai.assembly.opening import Parts
    from hotcrm_ai.training.recipe import Trained

ProgressCallback = Callable[[str, float], None]
"""Called with the stage in words and the share of the work that is done (0-1)."""


async def train_and_register(
    parts: Parts,
    feature: str,
    data: Any,
    *,
    target: str | None,
    model_id: str | None,
    version: str | None,
    exclude: Sequence[str],
    keep: Sequence[str],
    time_column: str | None,
    promote: bool,
    seed: int,
    progress: ProgressCallback | None,
    options: Mapping[str, Any],
) -> TrainingReport:
    """Train in a worker thread, publish, then register in one step; see ``AI.train``."""
    if feature not in parts.features:
        known = ", ".join(sorted(parts.features))
        raise ConfigError(f"There is no AI feature {feature!r} to train; known are {known}.")
    chosen_id = await id_for(parts.registry, feature, model_id)
    chosen_version = version or await next_version(parts.registry, chosen_id)
    trained = await _in_thread(
        parts,
        progress,
        source=_source(data),
        feature_name=feature,
        target=target,
        exclude=tuple(exclude),
        keep=tuple(keep),
        time_column=time_column,
        seed=seed,
        model_id=chosen_id,
        version=chosen_version,
        band_names=tuple(parts.features[feature].default_bands),
        **options,
    )
    decision = await decide_promotion(parts, trained, model_id=chosen_id, promote=promote, seed=seed)
    digest = await asyncio.to_thread(parts.kept.bundles.publish, trained.members)
    config = _config(trained, parts, model_id=chosen_id, version=chosen_version, status=decision.status, digest=digest)
    registered = await place_model(parts.registry, config, is_chosen=model_id is not None)
    warnings = decision.warnings
    if registered.id != chosen_id:
        warnings = (*warnings, f"{chosen_id!r} stays as it is; the new model was registered as {registered.id!r}")
    return msgspec.structs.replace(
        trained.report,
        model_id=registered.id,
        status=decision.status,
        champion=decision.champion,
        warnings=(*trained.report.warnings, *warnings),
    )


def _config(
    trained: Trained, parts: Parts, *, model_id: str, version: str, status: ModelStatus, digest: str
) -> ModelConfig:
    manifest, report = trained.manifest, trained.report
    wording = parts.features[manifest.feature].wording
    learned = wording.learned_from(report.training_rows, report.held_out_rows)
    return ModelConfig(
        id=model_id,
        name=manifest.feature.replace("-", " ").title(),
        version=version,
        type=msgspec.convert(manifest.model_type, type=ModelType),
        feature=manifest.feature,
        status=status,
        description=f"{learned[0].upper()}{learned[1:]}.",
        signature=manifest.signature,
        metrics=registry_metrics(manifest.metrics),
        metrics_source=MetricsSource(
            kind="measured",
            data_fingerprint=trained.report.data_fingerprint,
            rows=trained.report.held_out_rows,
            measured_at=parts.clock.now(),
        ),
        last_trained=parts.clock.now(),
        bundle_digest=digest,
    )


def _source(data: Any) -> Any:
    """Return the data as the recipe reads them: a pair of URL and query becomes a query."""
    if isinstance(data, tuple) and len(data) == 2 and all(isinstance(part, str) for part in data):
        from hotcrm_ai.training.raw_table import SQLQuery

        return SQLQuery(url=data[0], query=data[1])
    return data


class _StoppedByCaller(Exception):
    """Ends the worker thread of a cancelled run at its next report of progress."""


async def _in_thread(parts: Parts, progress: ProgressCallback | None, *, source: Any, **options: Any) -> Trained:
    stopped = threading.Event()

    def told(stage: str, share: float) -> None:
        if stopped.is_set():
            raise _StoppedByCaller
        if progress is not None:
            progress(stage, share)

    def train() -> Trained:
        try:
            from hotcrm_ai.training.recipes import recipe_of
        except ModuleNotFoundError as missing:
            raise MissingExtra(feature="Training", extra="train") from missing
        recipe = recipe_of(options["feature_name"])
        if recipe.needs_target and options["target"] is None:
            raise ConfigError(
                f"Say which column holds the outcome that {options['feature_name']!r} learns: give target, for example "
                "target='converted' (--target converted)."
            )
        trained: Trained = recipe.train(source, clock=parts.clock, progress=told, **options)
        return trained

    try:
        return await asyncio.to_thread(train)
    except asyncio.CancelledError:
        stopped.set()
        raise
    except TypeError as problem:
        if "unexpected keyword argument" in str(problem):
            raise ConfigError(f"Unknown training option: {problem}.") from problem
        raise
