"""What was answered before: by the models of a feature, about records of the CRM, and how far it has moved from the training."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from hotcrm_ai.assembly.ai import AI
from hotcrm_ai.assembly.drifting import drift_of
from hotcrm_ai.domain.drift import DriftReport
from hotcrm_ai.domain.errors import ModelNotFound, NotExplainable
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import LoggedPrediction
from hotcrm_ai.storage.log_reading import latest_of_all, latest_of_models, latest_of_objects

MODELS_LOOKED_AT: Final = 20
ANSWERS_LOOKED_AT: Final = 1_000
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


async def feature_models(ai: AI, feature: str, *, among: Sequence[ModelConfig] | None = None) -> list[ModelConfig]:
    """Return the active models of an AI feature, the champion first and then the last trained; ``among`` are all models, where the caller
    has them already."""
    present = await ai.registry.list_models() if among is None else among
    active = [model for model in present if model.feature == feature and model.status == "active"]
    champion = await ai.registry.champion(feature)
    return sorted(
        active, key=lambda model: (model.id == champion, model.last_trained or _LONG_AGO, model.id), reverse=True
    )


async def feature_answers(
    ai: AI, feature: str, *, limit: int = ANSWERS_LOOKED_AT, among: Sequence[ModelConfig] | None = None
) -> list[LoggedPrediction]:
    """Return the newest answers of a feature's active models, newest first; of the champion and the last trained, twenty in all.

    ``among`` are all models of the workspace, where the caller has them already.

    Raises:
        StorageError: the database failed.
    """
    models = [model.id for model in await feature_models(ai, feature, among=among)][:MODELS_LOOKED_AT]
    kept = ai._parts.kept
    return (await latest_of_models(kept.database, kept.workspace, models, limit=limit))[:limit]


async def record_answers(
    ai: AI, object_type: str, object_ids: Sequence[str], *, limit: int = ANSWERS_LOOKED_AT
) -> list[LoggedPrediction]:
    """Return the newest answers about some records, newest first.

    Raises:
        StorageError: the database failed.
    """
    kept = ai._parts.kept
    return await latest_of_objects(kept.database, kept.workspace, object_type, object_ids, limit=limit)


async def newest_answers(
    ai: AI,
    *,
    limit: int,
    model_id: str | None = None,
    record: tuple[str, str] | None = None,
    before: tuple[datetime, str] | None = None,
) -> list[LoggedPrediction]:
    """Return the newest logged answers, newest first: of one model, about one record (its type and id), or all.

    ``before`` is the moment and the id of the last one of the page before.

    Raises:
        StorageError: the database failed.
    """
    kept = ai._parts.kept
    return await latest_of_all(
        kept.database, kept.workspace, limit=limit, model_id=model_id, record=record, before=before
    )


async def newest_drift(ai: AI, model_id: str, *, most: int) -> DriftReport | None:
    """Return the drift of a model's newest predictions of the usual window, at most ``most``; nothing where it cannot be measured.

    Raises:
        ArtifactIntegrity, StorageError: its files or the log cannot be read.
    """
    try:
        return await drift_of(ai._parts, model_id, most=most)
    except (ModelNotFound, NotExplainable):
        return None
