"""Predicts for records of the CRM, for whatever AI feature, and writes answer, confidence, reasons and date back to them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from hotcrm_ai.actions.crm_features import CRMFeatures
from hotcrm_ai.assembly import AI
from hotcrm_ai.domain.errors import (
    HotCRMAIError,
    InvalidFeatures,
    InvalidRequest,
    NewerAnswer,
    ProviderBadAnswer,
    RecordNotFound,
)
from hotcrm_ai.domain.explanation import Explanation
from hotcrm_ai.domain.prediction import Context, PredictionError, PredictionResponse
from hotcrm_ai.domain.write_back import WriteBack, is_later
from hotcrm_ai.ports.ai_feature import AIFeature
from hotcrm_ai.ports.crm import Filter

Records = Sequence[str] | Mapping[str, Any] | None
"""Ids of records, or a query ``{"filters": [[field, operator, value], ...]}``; None means all."""

_CHUNK: Final = 200
_CHUNK_SECONDS: Final = 120.0
"""Nobody waits for a single answer of a chunk, and two hundred forecasts take longer than the deadline of a request."""
_LIKE: Final[Mapping[str, frozenset[str]]] = {
    "lead-scoring": frozenset({"opportunity-scoring"}),
    "opportunity-scoring": frozenset({"lead-scoring"}),
}
"""Features whose models answer in the same shape and may stand in for one another."""


async def write_one(ai: AI, feature: str, record_id: str, *, model_id: str | None = None) -> dict[str, Any]:
    """Answer for one record and write the answer to it; see ``write_many`` for what is returned.

    Raises:
        ConfigError: the table of the records lacks a field that would be written; nothing was asked.
        RecordNotFound: the CRM has no such record; nothing was written.
        InvalidRequest: the model is made for something else, or knows none of the record's fields; nothing was written.
        NewerAnswer: the record holds an answer that was made from a later reading of it; that one stays.
        HotCRMAIError: the prediction failed; nothing was written.
    """
    asked = await _Asked.about(ai, feature, model_id)
    moment = ai.now()
    record = await ai.crm.get(asked.feature.crm_object, record_id)
    asked.reading.check(record)
    (features,) = await asked.reading.features([record])
    if isinstance(features, InvalidFeatures):
        raise features
    context = Context(object_type=asked.feature.crm_object, object_id=record_id)
    response = await ai.predict(asked.model_id, features, context=context)
    explanation = await ai.explainer.explain_prediction(asked.model_id, features, context=context)
    text = asked.text(response, explanation)
    changes = {record_id: _changes(moment, asked.feature.write_back, response, text)}
    for problem in (await asked.write(changes)).values():
        raise problem
    return _result(record_id, response, explanation, text)


async def write_many(
    ai: AI,
    feature: str,
    records: Records = None,
    *,
    model_id: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[dict[str, Any]]:
    """Answer for many records and write all answers of a chunk back in one transaction.

    Without ``model_id`` the champion of the feature is asked.

    One result for each record, in order: ``{id, prediction, confidence: 0-100, explanation, topFeatures, processingTime: ms, cached,
    modelId, modelVersion, variant, predictionId, warnings}``, or ``{id, error: {code, message}}`` where a record could not be answered for;
    such a record is left as it was. ``progress`` is told how many of how many are done.

    Raises:
        ConfigError: the table of the records lacks a field that would be written; nothing was asked.
        InvalidRequest: the model is made for something else, or knows none of the records' fields; nothing was written.
    """
    asked = await _Asked.about(ai, feature, model_id)
    moment = ai.now()
    ids, found = await _records(ai, asked.feature.crm_object, records)
    for record in list(found.values())[:1]:
        asked.reading.check(record)
    results: list[dict[str, Any]] = []
    for start in range(0, len(ids), _CHUNK):
        results += await asked.answer_chunk(ids[start : start + _CHUNK], found, moment)
        if progress is not None:
            progress(len(results), len(ids))
    return results


class _Asked:
    """One AI feature, the model to ask, and how records become what that takes."""

    def __init__(self, ai: AI, feature: AIFeature, model_id: str, reading: CRMFeatures) -> None:
        self._ai = ai
        self.feature = feature
        self.model_id = model_id
        self.reading = reading

    @classmethod
    async def about(cls, ai: AI, name: str, model_id: str | None) -> _Asked:
        feature = ai.features[name]
        asked_id = model_id or await ai.registry.champion(name)
        await ai.crm.find(feature.crm_object, [["id", "=", ""]], feature.write_back.fields, page=1)
        reading = await CRMFeatures.of(ai, feature, asked_id)
        model = await ai.registry.get_model(asked_id)
        if model is not None and model.feature not in (None, name, *_LIKE.get(name, ())):
            raise InvalidRequest(
                f"Model {asked_id!r} is made for {model.feature}, not for {name}; give one for {name}. Nothing was written."
            )
        return cls(ai, feature, asked_id, reading)

    async def answer_chunk(
        self, ids: Sequence[str], found: Mapping[str, Mapping[str, Any]], moment: datetime
    ) -> list[dict[str, Any]]:
        results: dict[str, dict[str, Any]] = {}
        changes: dict[str, dict[str, Any]] = {}
        present = [id_ for id_ in ids if id_ in found]
        known: list[str] = []
        rows: list[dict[str, Any]] = []
        for id_, features in zip(present, await self.reading.features([found[id_] for id_ in present]), strict=True):
            if isinstance(features, InvalidFeatures):
                results[id_] = _failure(id_, features.code, features.message)
            else:
                known.append(id_)
                rows.append(features)
        contexts = [Context(object_type=self.feature.crm_object, object_id=id_) for id_ in known]
        responses = await self._ai.predictions.batch_predict(
            self.model_id, rows, contexts=contexts, on_error="collect", timeout=_CHUNK_SECONDS
        )
        for id_, given, context, response in zip(known, rows, contexts, responses, strict=True):
            if isinstance(response, PredictionError):
                results[id_] = _failure(id_, response.code, response.message)
                continue
            try:
                explanation = await self._ai.explainer.explain_prediction(self.model_id, given, context=context)
                text = self.text(response, explanation)
                changes[id_] = _changes(moment, self.feature.write_back, response, text)
            except HotCRMAIError as problem:
                results[id_] = _failure(id_, problem.code, problem.message)
            else:
                results[id_] = _result(id_, response, explanation, text)
        for id_, refusal in (await self.write(changes)).items():
            results[id_] = _failure(id_, refusal.code, refusal.message)
        return [results.get(id_) or _absent(self.feature.crm_object, id_) for id_ in ids]

    def text(self, response: PredictionResponse, explanation: Explanation) -> str:
        """Return the reasons and what the confidence is of, which the bare number beside a class does not tell."""
        sure = self.feature.wording.confidence_text(response.prediction, response.confidence)
        return explanation.explanation if sure is None else f"{explanation.explanation}\n\nConfidence: {sure}."

    async def write(self, changes: Mapping[str, Mapping[str, Any]]) -> dict[str, HotCRMAIError]:
        """Write all in one transaction; where some records refuse it, each on its own. Return why records were left as they were."""
        object_type, date = self.feature.crm_object, self.feature.write_back.date
        try:
            written = await self._ai.crm.update_many(object_type, changes, latest_by=date)
        except (RecordNotFound, InvalidRequest) as problem:
            if len(changes) == 1:
                return dict.fromkeys(changes, problem)
            alone = [await self.write({id_: fields}) for id_, fields in changes.items()]
            return {id_: refusal for refusals in alone for id_, refusal in refusals.items()}
        return {} if written == len(changes) else await self._left(changes)

    async def _left(self, changes: Mapping[str, Mapping[str, Any]]) -> dict[str, HotCRMAIError]:
        """Return the records that hold a later answer than the one that was to be written."""
        object_type, date = self.feature.crm_object, self.feature.write_back.date
        held = await self._ai.crm.find(object_type, [["id", "in", list(changes)]], [date])
        return {
            one["id"]: NewerAnswer(
                f"{object_type} {one['id']!r} holds an answer of a later moment ({one[date]}); this one was not written."
            )
            for one in held
            if is_later(one[date], changes[one["id"]][date])
        }


async def _records(ai: AI, object_type: str, wanted: Records) -> tuple[list[str], dict[str, dict[str, Any]]]:
    if wanted is None or isinstance(wanted, Mapping):
        filters: Sequence[Filter] = (wanted or {}).get("filters", ())
        found = {str(record["id"]): record for record in await ai.crm.find(object_type, filters)}
        return list(found), found
    ids = list(dict.fromkeys(wanted))
    records: dict[str, dict[str, Any]] = {}
    for start in range(0, len(ids), _CHUNK):
        chunk = await ai.crm.find(object_type, [["id", "in", ids[start : start + _CHUNK]]])
        records.update({str(record["id"]): record for record in chunk})
    return ids, records


def _changes(moment: datetime, fields: WriteBack, response: PredictionResponse, text: str) -> dict[str, Any]:
    """Return what is written; the date is the moment at which the record was read, for that is how old the answer is."""
    answer = {field: _cell(response, key) for field, key in fields.answer.items()}
    return answer | {
        fields.confidence: None if response.confidence is None else round(response.confidence, 2),
        fields.explanation: text,
        fields.date: moment,
    }


def _cell(response: PredictionResponse, key: str) -> Any:
    """Return a part of the answer as a field takes it: numbers with their digits that matter, lists as JSON."""
    value = response.prediction.get(key) if isinstance(response.prediction, Mapping) else None
    if isinstance(value, list):
        return msgspec.json.encode(value).decode()
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _unusable(response, key, value)
    if isinstance(value, str):
        return value
    if not math.isfinite(value):
        raise _unusable(response, key, value)
    return round(value, 4 if abs(value) <= 1.0 else 2)


def _unusable(response: PredictionResponse, key: str, value: Any) -> ProviderBadAnswer:
    return ProviderBadAnswer(
        f"Model {response.model_id!r} gave the {key} {value!r}, which cannot be written to a record; nothing was written."
    )


def _result(id_: str, response: PredictionResponse, explanation: Explanation, text: str) -> dict[str, Any]:
    return {
        "id": id_,
        "prediction": response.prediction,
        "confidence": response.confidence,
        "explanation": text,
        "topFeatures": [
            {"feature": top.feature, "value": top.value, "contribution": top.contribution}
            for top in explanation.top_features
        ],
        "processingTime": response.processing_time,
        "cached": response.cached,
        "modelId": response.model_id,
        "modelVersion": response.model_version,
        "variant": response.metadata["variant"],
        "predictionId": response.prediction_id,
        "warnings": list(response.metadata["warnings"]),
    }


def _failure(id_: str, code: str, message: str) -> dict[str, Any]:
    return {"id": id_, "error": {"code": code, "message": message}}


def _absent(object_type: str, id_: str) -> dict[str, Any]:
    return _failure(id_, "record_not_found", f"The CRM has no {object_type} with id {id_!r}; nothing was written.")
