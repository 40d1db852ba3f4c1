"""Shapes what the caller gets: the answer, who gave it, how long it took, and what to know about it."""

from __future__ import annotations

from typing import Any

from hotcrm_ai.domain.errors import HotCRMAIError
from hotcrm_ai.domain.json_value import copied_json
from hotcrm_ai.domain.prediction import PredictionError, PredictionResponse
from hotcrm_ai.pipeline.journey import Journey


def shape_response(journey: Journey) -> PredictionResponse:
    """Return the response of an answered journey; raises the journey's error where it failed."""
    output = journey.output
    if journey.error is not None or output is None:
        raise journey.error or AssertionError("a journey ends with an answer or an error")
    model, choice = journey.answering, journey.choice
    metadata: dict[str, Any] = copied_json(output.metadata) if output.metadata else {}
    noted = metadata.get("warnings")
    warnings = [*journey.fitted.warnings, *(noted if isinstance(noted, list) else ())]
    metadata["provider"] = journey.provider_name
    metadata["variant"] = choice.variant
    if choice.experiment_id is not None:
        metadata["experiment"] = choice.experiment_id
    if journey.failed_model is not None:
        metadata["fallback"] = journey.failed_model.id
        warnings.append(f"model {journey.failed_model.id!r} failed; its declared fallback {model.id!r} answered")
    metadata["warnings"] = warnings
    if journey.attempts:
        metadata["attempts"] = copied_json(journey.attempts)
    metadata["stages"] = journey.stages
    return PredictionResponse(
        prediction=copied_json(output.prediction),
        confidence=output.confidence,
        model_id=model.id,
        model_version=model.version,
        requested_model_id=choice.requested.id,
        processing_time=journey.took,
        cached=journey.cached,
        prediction_id=journey.prediction_id,
        metadata=metadata,
    )


def shape_failure(index: int, error: HotCRMAIError) -> PredictionError:
    """Return the record of one failed item of a batch."""
    return PredictionError(index=index, code=error.code, message=error.message, details=dict(error.details))


def naming_the_item(index: int, error: HotCRMAIError) -> HotCRMAIError:
    """Return a twin of an item's error whose message and facts name its place in the batch (from 0)."""
    twin = type(error).__new__(type(error))
    twin.__dict__.update(error.__dict__)
    twin.message = f"Item {index} of the batch: {error.message}"
    twin.args = (twin.message,)
    twin.details = {**error.details, "index": index}
    twin.__cause__ = error
    return twin
