"""The operations that answer: predict, batch, explain, compare, and what really happened."""

from __future__ import annotations

from typing import Final

from hotcrm_ai.domain import errors
from hotcrm_ai.domain.answers import Accepted
from hotcrm_ai.domain.errors import InvalidRequest
from hotcrm_ai.domain.explanation import Comparison, Counterfactual, Explanation
from hotcrm_ai.domain.limits import MAX_BATCH_BODY_BYTES
from hotcrm_ai.domain.prediction import PredictionError, PredictionRequest, PredictionResponse
from hotcrm_ai.entrypoints.http.answers import BatchAnswer
from hotcrm_ai.entrypoints.http.bodies import (
    BatchRequest,
    CompareRequest,
    ExplainRequest,
    OutcomeRequest,
    WhatIfRequest,
)
from hotcrm_ai.entrypoints.http.operation import Call, Operation
from hotcrm_ai.entrypoints.http.problems import tellable

_ANSWERING_ERRORS: Final = (
    errors.ModelNotFound,
    errors.ModelNotActive,
    errors.InvalidFeatures,
    errors.ProviderBadAnswer,
    errors.ProviderUnavailable,
    errors.ProviderTimeout,
    errors.ArtifactIntegrity,
)


async def predict(call: Call) -> PredictionResponse:
    """Answer one record."""
    answered: PredictionResponse = await call.ai.predict(call.body)
    return answered.for_json()


async def predict_batch(call: Call) -> BatchAnswer:
    """Answer several records, in order."""
    batch: BatchRequest = call.body
    if batch.contexts is not None and len(batch.contexts) != len(batch.features):
        raise InvalidRequest(
            f"contexts has {len(batch.contexts)} entries and features {len(batch.features)}; give one context (or null) for each record."
        )
    results = await call.ai.batch_predict(
        batch.model_id, batch.features, contexts=batch.contexts, use_cache=batch.use_cache, on_error=batch.on_error
    )
    return BatchAnswer(
        results=tuple(
            (tellable(result) if isinstance(result, PredictionError) else result).for_json() for result in results
        )
    )


async def explain(call: Call) -> Explanation:
    """Say why a record gets its prediction."""
    asked: ExplainRequest = call.body
    return await call.ai.explainer.explain_prediction(
        asked.model_id, asked.features, prediction=asked.prediction, confidence=asked.confidence, context=asked.context
    )


async def compare(call: Call) -> Comparison:
    """Say why two records get different predictions."""
    asked: CompareRequest = call.body
    return await call.ai.compare(asked.model_id, asked.features1, asked.features2)


async def what_if(call: Call) -> Counterfactual:
    """Say what would have to change for another answer."""
    asked: WhatIfRequest = call.body
    return await call.ai.explainer.counterfactual(
        asked.model_id, asked.features, changeable=asked.changeable, goal=asked.goal, context=asked.context
    )


async def record_outcome(call: Call) -> Accepted:
    """Take what really happened."""
    told: OutcomeRequest = call.body
    by_object = (told.object_type, told.object_id, told.model_id)
    if (told.prediction_id is None) == (None in by_object) or (told.prediction_id is not None and any(by_object)):
        raise InvalidRequest(
            "An outcome needs predictionId, or objectType, objectId and modelId together, and not both."
        )
    joined = await call.ai.predictions.record_outcome(
        told.prediction_id,
        told.actual,
        object_type=told.object_type,
        object_id=told.object_id,
        model_id=told.model_id,
    )
    return Accepted(joined=joined)


PREDICT: Final = Operation(
    method="POST",
    path="/v1/predict",
    scope="predict",
    name="predict",
    tag="Predictions",
    summary="Predict for one record.",
    description="Validates the features against the model's signature, chooses the A/B arm by `context`, answers from the cache where "
    "it can, and logs the answer. Features may be left out: a missing one is imputed and named in `metadata.warnings`.",
    answer=predict,
    takes=PredictionRequest,
    gives=PredictionResponse,
    errors=_ANSWERING_ERRORS,
)
"""The operation that most calls are of; it is answered ahead of the router."""

PREDICTION_OPERATIONS: Final = (
    PREDICT,
    Operation(
        method="POST",
        path="/v1/predict/batch",
        scope="predict",
        name="predictBatch",
        tag="Predictions",
        summary="Predict for several records, in order.",
        description="The same rules for each record as for a single prediction. At most 10,000 records and 10 MiB.",
        answer=predict_batch,
        takes=BatchRequest,
        gives=BatchAnswer,
        errors=_ANSWERING_ERRORS,
        body_limit=MAX_BATCH_BODY_BYTES,
        records_of=lambda answer: len(answer.results),
    ),
    Operation(
        method="POST",
        path="/v1/explain",
        is_lookup=True,
        scope="predict",
        name="explain",
        tag="Explanations",
        summary="Explain the prediction of one record.",
        description="Splits the number that the user sees among the features: `baseValue` and all contributions add up to it, up to "
        "`additivityError`.",
        answer=explain,
        takes=ExplainRequest,
        gives=Explanation,
        errors=(*_ANSWERING_ERRORS, errors.NotExplainable),
    ),
    Operation(
        method="POST",
        path="/v1/compare",
        is_lookup=True,
        scope="predict",
        name="compare",
        tag="Explanations",
        summary="Compare the predictions of two records.",
        description="Says which features make the difference; the impact differences add up to the difference of the two predictions.",
        answer=compare,
        takes=CompareRequest,
        gives=Comparison,
        errors=(*_ANSWERING_ERRORS, errors.NotExplainable),
    ),
    Operation(
        method="POST",
        path="/v1/what-if",
        is_lookup=True,
        scope="predict",
        name="whatIf",
        tag="Explanations",
        summary="Say what would have to change for another answer.",
        description="The smallest realistic change of the named fields after which the model gives the wished class or probability: one "
        "field if that is enough, then two, then three, with values that training has seen. The changed record is answered by the model "
        "itself. Models for tables that run here can be asked so.",
        answer=what_if,
        takes=WhatIfRequest,
        gives=Counterfactual,
        errors=(*_ANSWERING_ERRORS, errors.NotExplainable),
    ),
    Operation(
        method="POST",
        path="/v1/outcomes",
        scope="predict",
        name="recordOutcome",
        tag="Predictions",
        summary="Say what really happened.",
        description="Joins an outcome with the prediction of `predictionId`, or with all predictions that `modelId` made about the object. "
        "`actual` is what such a prediction is about: yes or no, a mood, numbers, products; "
        "the latest outcome told counts, null takes it back.",
        answer=record_outcome,
        takes=OutcomeRequest,
        gives=Accepted,
        status=202,
        is_idempotent=True,
        errors=(errors.InvalidOutcome, errors.PredictionNotFound, errors.StorageError),
    ),
)
