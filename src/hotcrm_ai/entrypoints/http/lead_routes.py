"""The operations that score leads of the CRM and write the scores back to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hotcrm_ai.actions import batch_score_leads, score_lead
from hotcrm_ai.domain import errors
from hotcrm_ai.domain.answers import LeadScore
from hotcrm_ai.domain.errors import InvalidRequest
from hotcrm_ai.domain.prediction import PredictionError
from hotcrm_ai.entrypoints.http.answers import LeadScores
from hotcrm_ai.entrypoints.http.bodies import ScoreLeadsRequest
from hotcrm_ai.entrypoints.http.operation import Call, Operation
from hotcrm_ai.entrypoints.http.problems import tellable


async def score_one_lead(call: Call) -> dict[str, Any]:
    """Score one lead."""
    return await score_lead(call.ai, call.path["id"])


async def score_many_leads(call: Call) -> LeadScores:
    """Score several leads."""
    asked: ScoreLeadsRequest = call.body
    if asked.ids is not None and asked.filters is not None:
        raise InvalidRequest("Both ids and filters are given; choose the leads by one of them.")
    if asked.ids is None and asked.filters is None:
        raise InvalidRequest("Neither ids nor filters is given; name the leads, or send filters [] for all of them.")
    leads: Any = asked.ids if asked.ids is not None else {"filters": asked.filters}
    results = await batch_score_leads(call.ai, leads)
    return LeadScores(results=tuple(_tellable_result(result) for result in results))


def _tellable_result(result: Mapping[str, Any]) -> Mapping[str, Any]:
    error = result.get("error")
    if error is None:
        return result
    told = tellable(PredictionError(index=0, code=error["code"], message=error["message"]))
    return {"id": result["id"], "error": {"code": told.code, "message": told.message}}


LEAD_OPERATIONS: Final = (
    Operation(
        method="POST",
        path="/v1/leads/{id}/score",
        scope="predict",
        name="scoreLead",
        tag="CRM",
        summary="Score one lead of the CRM and write the score back to it.",
        description="Writes `ai_score`, `ai_confidence`, `ai_explanation` and `last_scored_date` of the lead. Takes no body.",
        answer=score_one_lead,
        gives=LeadScore,
        errors=(
            errors.RecordNotFound,
            errors.ModelNotActive,
            errors.InvalidFeatures,
            errors.StorageError,
            errors.CRMNotConfigured,
        ),
        path_words={"id": "The lead's id in the CRM."},
    ),
    Operation(
        method="POST",
        path="/v1/leads/score",
        scope="predict",
        name="scoreLeads",
        tag="CRM",
        summary="Score several leads of the CRM and write the scores back to them.",
        description="The leads of `ids`, or all that meet `filters` of `[field, operator, value]`. A lead that cannot be scored "
        "is left as it was, and its result says why.",
        answer=score_many_leads,
        takes=ScoreLeadsRequest,
        gives=LeadScores,
        records_of=lambda answer: len(answer.results),
        errors=(errors.ModelNotActive, errors.StorageError, errors.CRMNotConfigured),
    ),
)
