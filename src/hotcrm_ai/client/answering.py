"""Requests for predictions, reasons, outcomes and scores of leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from hotcrm_ai.client.request import Request, given, post, record_reader
from hotcrm_ai.domain.answers import Accepted
from hotcrm_ai.domain.errors import ServerError
from hotcrm_ai.domain.explanation import Comparison, Counterfactual, Explanation
from hotcrm_ai.domain.prediction import Context, PredictionError, PredictionRequest, PredictionResponse

ContextLike = Context | Mapping[str, Any]


class _Results(msgspec.Struct, frozen=True):
    results: list[msgspec.Raw]


def predict(
    model_id: str | PredictionRequest,
    features: Mapping[str, Any] | None = None,
    *,
    context: ContextLike | None = None,
    use_cache: bool = True,
) -> Request[PredictionResponse]:
    """Predict for one record, given as a model's id and features, or as one ``PredictionRequest``.

    It is sent without an Idempotency-Key, which would make the server write to its database before every answer; an answer that was lost
    on the way is asked for again and may then be in the log twice.

    Raises:
        ModelNotFound, ModelNotActive, InvalidFeatures, ProviderError: as the AI object raises them.
    """
    asked = model_id if isinstance(model_id, PredictionRequest) else None
    if asked is None:
        body = {"modelId": model_id, "features": features or {}, "useCache": use_cache, **given(context=context)}
    else:
        body = {"modelId": asked.model_id, "features": asked.features, "useCache": asked.use_cache}
        body |= given(context=asked.context)
    read: Callable[[bytes], PredictionResponse] = record_reader(PredictionResponse)
    return post("/v1/predict", lambda answer: read(answer).from_json(), body, repeats="freely")


def batch_predict(
    model_id: str,
    features: Sequence[Mapping[str, Any]],
    *,
    contexts: Sequence[ContextLike | None] | None = None,
    use_cache: bool = True,
    on_error: Literal["raise", "collect"] = "raise",
) -> Request[list[PredictionResponse | PredictionError]]:
    """Predict for several records, in order; with ``on_error="collect"`` a failed one is a ``PredictionError`` at its place."""
    body = {"modelId": model_id, "features": list(features), "useCache": use_cache, "onError": on_error}
    body |= given(contexts=None if contexts is None else list(contexts))
    read = results_reader(PredictionResponse, PredictionError, marked_by="code")
    return post("/v1/predict/batch", lambda answer: [result.from_json() for result in read(answer)], body)


def explain(
    model_id: str,
    features: Mapping[str, Any],
    *,
    context: ContextLike | None = None,
    prediction: Any = None,
    confidence: float | None = None,
) -> Request[Explanation]:
    """Say why a record gets its prediction; ``prediction`` and ``confidence``, where given, are checked against the model."""
    body = {"modelId": model_id, "features": features}
    body |= given(context=context, prediction=prediction, confidence=confidence)
    return post("/v1/explain", record_reader(Explanation), body, repeats="freely")


def compare(model_id: str, features1: Mapping[str, Any], features2: Mapping[str, Any]) -> Request[Comparison]:
    """Say why two records get different predictions."""
    body = {"modelId": model_id, "features1": features1, "features2": features2}
    return post("/v1/compare", record_reader(Comparison), body, repeats="freely")


def what_if(
    model_id: str,
    features: Mapping[str, Any],
    *,
    changeable: Sequence[str],
    goal: str | float,
    context: ContextLike | None = None,
) -> Request[Counterfactual]:
    """Say what would have to change, among the fields ``changeable``, for the class or probability ``goal``."""
    body = {"modelId": model_id, "features": features, "changeable": list(changeable), "goal": goal}
    return post("/v1/what-if", record_reader(Counterfactual), body | given(context=context), repeats="freely")


def record_outcome(
    prediction_id: str | None = None,
    actual: Any = None,
    *,
    object_type: str | None = None,
    object_id: str | None = None,
    model_id: str | None = None,
) -> Request[int]:
    """Tell what really happened to one prediction, or to an object about which a model was asked; return how many predictions it joined.

    Raises:
        PredictionNotFound: no logged prediction fits.
    """
    body = {"actual": actual}
    body |= given(predictionId=prediction_id, objectType=object_type, objectId=object_id, modelId=model_id)
    read: Callable[[bytes], Accepted] = record_reader(Accepted)
    return post("/v1/outcomes", lambda answer: read(answer).joined, body)


def results_reader(right: Any, failed: Any, *, marked_by: str) -> Callable[[bytes], list[Any]]:
    """Return what reads a list of results, of which those that have the field ``marked_by`` are failures."""
    read: Callable[[bytes], _Results] = record_reader(_Results)
    read_right, read_failed = record_reader(right), record_reader(failed)

    def one(raw: msgspec.Raw) -> Any:
        fields = msgspec.json.decode(raw)
        if not isinstance(fields, dict):
            raise ServerError(
                "The server's answer holds a result that is no object; check the versions of client and server."
            )
        return (read_failed if marked_by in fields else read_right)(bytes(raw))

    return lambda body: [one(raw) for raw in read(body).results]
