"""Answers a logged request once more, by the very revision and bundle that answered it, and says whether the answer is the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec

from hotcrm_ai.domain.errors import InvalidRequest, ModelNotFound, PredictionNotFound
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import LoggedPrediction, PredictionOutput
from hotcrm_ai.domain.replay import Replay, first_difference
from hotcrm_ai.domain.signature import FittedFeatures
from hotcrm_ai.pipeline.explain import ChosenModel, PastAnswer
from hotcrm_ai.ports.model_history import ModelHistory
from hotcrm_ai.ports.prediction_log import PredictionLog

_DIGEST_BEGINS: Final = "sha256:"


async def find_past(prediction_id: str, *, log: PredictionLog, models: object) -> PastAnswer:
    """Return a logged prediction with the model as it was then and the features that it was given.

    Raises:
        PredictionNotFound: no such prediction is in the log.
        ModelNotFound: the registry does not know the revision that answered.
        InvalidRequest: personal features were kept as digests only, so the request cannot be made again.
    """
    logged = await log.get(prediction_id)
    if logged is None:
        raise PredictionNotFound(
            f"No prediction {prediction_id!r} is in the log; check the id, and whether it was removed by age."
        )
    model = await _model_of(logged, models)
    specs = model.signature.features if model.signature is not None else ()
    hidden = [spec.name for spec in specs if spec.personal and _is_digest(logged.input_features.get(spec.name))]
    if hidden:
        raise InvalidRequest(
            f"Prediction {prediction_id!r} cannot be made again: its personal features {', '.join(map(repr, hidden))} "
            "are kept as digests only; predict again with the record itself."
        )
    missing = tuple(spec.name for spec in specs if spec.name not in logged.input_features)
    fitted = FittedFeatures(values=dict(logged.input_features), missing=missing)
    chosen = ChosenModel(
        model=model, fitted=fitted, requested_model_id=logged.requested_model_id, variant=logged.variant
    )
    return PastAnswer(logged=logged, chosen=chosen)


async def replay(past: PastAnswer, *, answer: Callable[[ChosenModel], Awaitable[PredictionOutput]]) -> Replay:
    """Ask the model of a past answer again, without cache, log or fallback, and compare."""
    logged = past.logged
    output = await answer(past.chosen)
    difference = first_difference(logged.prediction_value, output.prediction, place="prediction") or first_difference(
        logged.confidence_score, output.confidence, place="confidence"
    )
    return Replay(
        prediction_id=logged.id,
        model_id=logged.model_id,
        model_version=logged.model_version,
        model_revision=logged.model_revision,
        bundle_digest=logged.bundle_digest,
        same=difference is None,
        difference=difference,
        logged_prediction=logged.prediction_value,
        logged_confidence=logged.confidence_score,
        prediction=output.prediction,
        confidence=output.confidence,
    )


async def _model_of(logged: LoggedPrediction, models: object) -> ModelConfig:
    revisions = await models.history(logged.model_id) if isinstance(models, ModelHistory) else []
    for revision in revisions:
        if revision.number == logged.model_revision and revision.config is not None:
            return msgspec.structs.replace(
                revision.config, revision=revision.number, bundle_digest=logged.bundle_digest
            )
    raise ModelNotFound(
        f"Revision {logged.model_revision} of model {logged.model_id!r}, which gave prediction {logged.id!r}, is not in the "
        "registry's history; check that this is the workspace that answered.",
        model_id=logged.model_id,
    )


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(_DIGEST_BEGINS)
