"""The operations that answer for records of the CRM and write the answers back, two for each AI feature; leads have a file of their own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from hotcrm_ai.actions.leads import FEATURE as LEADS
from hotcrm_ai.actions.write_back import write_many, write_one
from hotcrm_ai.ai_features import discover_ai_features
from hotcrm_ai.domain import errors
from hotcrm_ai.domain.answers import RecordAnswer
from hotcrm_ai.domain.spelling import to_camel
from hotcrm_ai.entrypoints.http.answers import RecordAnswers
from hotcrm_ai.entrypoints.http.bodies import RecordQuery, RecordsRequest
from hotcrm_ai.entrypoints.http.operation import Call, Operation
from hotcrm_ai.entrypoints.http.written_records import tellable_results, wanted_records
from hotcrm_ai.ports.ai_feature import AIFeature

_ERRORS: Final = (errors.ModelNotFound, errors.ModelNotActive, errors.StorageError, errors.CRMNotConfigured)


def _answer_one(feature: str) -> Callable[[Call], Awaitable[dict[str, Any]]]:
    async def answer(call: Call) -> dict[str, Any]:
        return await write_one(call.ai, feature, call.path["id"], model_id=call.query.model_id)

    return answer


def _answer_many(feature: str) -> Callable[[Call], Awaitable[RecordAnswers]]:
    async def answer(call: Call) -> RecordAnswers:
        asked: RecordsRequest = call.body
        results = await write_many(call.ai, feature, wanted_records(asked), model_id=asked.model_id)
        return RecordAnswers(results=tellable_results(results))

    return answer


def _operations(feature: AIFeature) -> tuple[Operation, Operation]:
    fields = feature.write_back
    written = ", ".join(f"`{name}`" for name in fields.fields)
    one = Operation(
        method="POST",
        path=f"/v1/{fields.records}/{{id}}/{fields.what}",
        scope="predict",
        name=to_camel(fields.one),
        tag="CRM",
        summary=f"Ask {feature.name} about one {feature.crm_object} of the CRM and write the answer back to it.",
        description=f"Writes {written} of the record. Takes no body.",
        answer=_answer_one(feature.name),
        query=RecordQuery,
        gives=RecordAnswer,
        errors=(*_ERRORS, errors.RecordNotFound, errors.NewerAnswer, errors.InvalidFeatures),
        path_words={"id": f"The id of the {feature.crm_object} in the CRM."},
    )
    many = Operation(
        method="POST",
        path=f"/v1/{fields.records}/{fields.what}",
        scope="predict",
        name=to_camel(fields.many),
        tag="CRM",
        summary=f"Ask {feature.name} about several records of {feature.crm_object} and write the answers back to them.",
        description=f"The records of `ids`, or all that meet `filters` of `[field, operator, value]`. Writes {written}. A record that "
        "cannot be answered for is left as it was, and its result says why.",
        answer=_answer_many(feature.name),
        takes=RecordsRequest,
        gives=RecordAnswers,
        records_of=lambda answer: len(answer.results),
        errors=_ERRORS,
    )
    return one, many


RECORD_OPERATIONS: Final = tuple(
    operation
    for name, feature in sorted(discover_ai_features().items())
    if name != LEADS
    for operation in _operations(feature)
)
