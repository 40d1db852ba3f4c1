"""The operations that score leads of the CRM and write the scores back to them."""

from __future__ import annotations

from typing import Any, Final

from hotcrm_ai.actions import batch_score_leads, score_lead
from hotcrm_ai.domain import errors
from hotcrm_ai.domain.answers import LeadScore
from hotcrm_ai.entrypoints.http.answers import LeadScores
from hotcrm_ai.entrypoints.http.bodies import RecordQuery, RecordsRequest
from hotcrm_ai.entrypoints.http.operation import Call, Operation
from hotcrm_ai.entrypoints.http.written_records import tellable_results, wanted_records


async def score_one_lead(call: Call) -> dict[str, Any]:
    """Score one lead."""
    return await score_lead(call.ai, call.path["id"], model_id=call.query.model_id)


async def score_many_leads(call: Call) -> LeadScores:
    """Score several leads."""
    asked: RecordsRequest = call.body
    results = await batch_score_leads(call.ai, wanted_records(asked), model_id=asked.model_id)
    return LeadScores(results=tellable_results(results))


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
        query=RecordQuery,
        gives=LeadScore,
        errors=(
            errors.RecordNotFound,
            errors.NewerAnswer,
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
        takes=RecordsRequest,
        gives=LeadScores,
        records_of=lambda answer: len(answer.results),
        errors=(errors.ModelNotActive, errors.StorageError, errors.CRMNotConfigured),
    ),
)
