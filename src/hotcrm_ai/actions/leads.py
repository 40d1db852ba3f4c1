"""Scores leads and writes score, confidence, reasons and date back to their records."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from hotcrm_ai.actions.record_features import record_features, signatures_of
from hotcrm_ai.assembly import AI
from hotcrm_ai.domain.errors import HotCRMAIError, InvalidRequest, ProviderBadAnswer
from hotcrm_ai.domain.explanation import Explanation
from hotcrm_ai.domain.prediction import Context, PredictionError, PredictionResponse
from hotcrm_ai.domain.signature import Signature
from hotcrm_ai.ports.crm import Filter

OBJECT_TYPE: Final = "Lead"
DEFAULT_MODEL: Final = "lead-scoring-v1"
_CHUNK: Final = 200
_SCORING: Final = ("lead-scoring", "opportunity-scoring")


async def score_lead(ai: AI, lead_id: str, *, model_id: str = DEFAULT_MODEL) -> dict[str, Any]:
    """Score one lead, write ``ai_score, ai_confidence, ai_explanation, last_scored_date`` to it, and return the score.

    Returns ``{score: 0-100, confidence: 0-100, explanation, processingTime: ms, cached}`` and what leads further: class, model and
    prediction id.

    Raises:
        RecordNotFound: the CRM has no such lead; nothing was written.
        InvalidRequest: the model scores no leads, or knows none of the fields that leads have; nothing was written.
        HotCRMAIError: the prediction failed; nothing was written.
    """
    record = await ai.crm.get(OBJECT_TYPE, lead_id)
    signatures = await _signatures(ai, model_id)
    _check_fields(ai, record, signatures, model_id=model_id)
    features = record_features(record, signatures, crm_fields=_crm_fields(ai))
    context = Context(object_type=OBJECT_TYPE, object_id=lead_id)
    response = await ai.predict(model_id, features, context=context)
    explanation = await ai.explainer.explain_prediction(model_id, features, context=context)
    await ai.crm.update(OBJECT_TYPE, lead_id, _changes(ai, response, explanation))
    return _result(lead_id, response, explanation)


async def batch_score_leads(
    ai: AI,
    leads: Sequence[str] | Mapping[str, Any] | None = None,
    *,
    model_id: str = DEFAULT_MODEL,
    progress: Callable[[int, int], None] | None = None,
) -> list[dict[str, Any]]:
    """Score many leads and write all of a chunk back in one transaction.

    ``leads`` is a list of ids, or a query ``{"filters": [[field, operator, value], ...]}``; None means all. One result for each
    lead, in order: as of ``score_lead`` with its ``id``, or ``{id, error: {code, message}}`` where a lead could not be scored;
    such a lead is left as it was. ``progress`` is told how many of how many are done.

    Raises:
        InvalidRequest: the model scores no leads, or knows none of the fields that leads have; nothing was written.
    """
    signatures = await _signatures(ai, model_id)
    ids, records = await _records(ai, leads)
    for record in list(records.values())[:1]:
        _check_fields(ai, record, signatures, model_id=model_id)
    results: list[dict[str, Any]] = []
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        results += await _score_chunk(ai, chunk, records, model_id=model_id, signatures=signatures)
        if progress is not None:
            progress(len(results), len(ids))
    return results


async def _records(
    ai: AI, leads: Sequence[str] | Mapping[str, Any] | None
) -> tuple[list[str], dict[str, dict[str, Any]]]:
    if leads is None or isinstance(leads, Mapping):
        filters: Sequence[Filter] = (leads or {}).get("filters", ())
        found = await ai.crm.find(OBJECT_TYPE, filters)
        return [str(record["id"]) for record in found], {str(record["id"]): record for record in found}
    ids = list(dict.fromkeys(leads))
    records: dict[str, dict[str, Any]] = {}
    for start in range(0, len(ids), _CHUNK):
        found = await ai.crm.find(OBJECT_TYPE, [["id", "in", ids[start : start + _CHUNK]]])
        records.update({str(record["id"]): record for record in found})
    return ids, records


async def _score_chunk(
    ai: AI, ids: Sequence[str], records: Mapping[str, Mapping[str, Any]], *, model_id: str, signatures: Any
) -> list[dict[str, Any]]:
    known = [lead_id for lead_id in ids if lead_id in records]
    features = [record_features(records[lead_id], signatures, crm_fields=_crm_fields(ai)) for lead_id in known]
    contexts = [Context(object_type=OBJECT_TYPE, object_id=lead_id) for lead_id in known]
    responses = await ai.batch_predict(model_id, features, contexts=contexts, on_error="collect")
    scored: dict[str, dict[str, Any]] = {}
    changes: dict[str, dict[str, Any]] = {}
    for lead_id, values, context, response in zip(known, features, contexts, responses, strict=True):
        if isinstance(response, PredictionError):
            scored[lead_id] = _failure(lead_id, response.code, response.message)
            continue
        try:
            explanation = await ai.explainer.explain_prediction(model_id, values, context=context)
            changes[lead_id] = _changes(ai, response, explanation)
        except HotCRMAIError as problem:
            scored[lead_id] = _failure(lead_id, problem.code, problem.message)
        else:
            scored[lead_id] = _result(lead_id, response, explanation)
    await ai.crm.update_many(OBJECT_TYPE, changes)
    absent = {lead_id: _failure(lead_id, "record_not_found", f"The CRM has no lead {lead_id!r}.") for lead_id in ids}
    return [scored.get(lead_id, absent[lead_id]) for lead_id in ids]


async def _signatures(ai: AI, model_id: str) -> tuple[Signature, ...]:
    signatures = await signatures_of(ai, model_id)
    model = await ai.registry.get_model(model_id)
    if model is not None and model.feature not in (None, *_SCORING):
        raise InvalidRequest(
            f"Model {model_id!r} is made for {model.feature}, which scores no leads; give one for lead-scoring. Nothing was written."
        )
    return signatures


def _check_fields(ai: AI, record: Mapping[str, Any], signatures: Sequence[Signature], *, model_id: str) -> None:
    """Refuse a model that would give every lead the same score, because leads have no field that it knows."""
    wanted = {spec.name for signature in signatures for spec in signature.features}
    mapped = _crm_fields(ai)
    if wanted and not any(name in record or mapped.get(name) in record for name in wanted):
        raise InvalidRequest(
            f"The leads have no field that model {model_id!r} knows ({', '.join(map(repr, sorted(wanted)[:8]))}); map them in the setting "
            "crm_objects, or give a model that was trained on leads of this CRM. Nothing was written."
        )


def _crm_fields(ai: AI) -> Mapping[str, str]:
    return ai.features["lead-scoring"].crm_fields


def _changes(ai: AI, response: PredictionResponse, explanation: Explanation) -> dict[str, Any]:
    score = response.prediction["score"]
    if not isinstance(score, int | float) or not math.isfinite(score):
        raise ProviderBadAnswer(
            f"Model {response.model_id!r} gave the score {score!r}, which is no number; nothing was written."
        )
    return {
        "ai_score": round(score, 2),
        "ai_confidence": None if response.confidence is None else round(response.confidence, 2),
        "ai_explanation": explanation.explanation,
        "last_scored_date": ai.now(),
    }


def _result(lead_id: str, response: PredictionResponse, explanation: Explanation) -> dict[str, Any]:
    return {
        "id": lead_id,
        "score": response.prediction["score"],
        "class": response.prediction["class"],
        "confidence": response.confidence,
        "explanation": explanation.explanation,
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
    }


def _failure(lead_id: str, code: str, message: str) -> dict[str, Any]:
    return {"id": lead_id, "error": {"code": code, "message": message}}
