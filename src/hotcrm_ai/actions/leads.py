"""Scores leads and writes score, confidence, reasons and date back to their records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from hotcrm_ai.actions.write_back import Records, write_many, write_one
from hotcrm_ai.assembly import AI

FEATURE: Final = "lead-scoring"
OBJECT_TYPE: Final = "Lead"


async def score_lead(ai: AI, lead_id: str, *, model_id: str | None = None) -> dict[str, Any]:
    """Score one lead, write ``ai_score, ai_confidence, ai_explanation, last_scored_date`` to it, and return the score.

    Returns ``{score: 0-100, confidence: 0-100, explanation, processingTime: ms, cached}`` and what leads further: class, model and
    prediction id. Without ``model_id`` the champion of lead scoring is asked.

    Raises:
        RecordNotFound: the CRM has no such lead; nothing was written.
        InvalidRequest: the model scores no leads, or knows none of the fields that leads have; nothing was written.
        HotCRMAIError: the prediction failed; nothing was written.
    """
    return _as_score(await write_one(ai, FEATURE, lead_id, model_id=model_id))


async def batch_score_leads(
    ai: AI,
    leads: Records = None,
    *,
    model_id: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[dict[str, Any]]:
    """Score many leads and write all of a chunk back in one transaction.

    ``leads`` is a list of ids, or a query ``{"filters": [[field, operator, value], ...]}``; None means all. One result for each
    lead, in order: as of ``score_lead`` with its ``id``, or ``{id, error: {code, message}}`` where a lead could not be scored;
    such a lead is left as it was. ``progress`` is told how many of how many are done.

    Raises:
        InvalidRequest: the model scores no leads, or knows none of the fields that leads have; nothing was written.
    """
    results = await write_many(ai, FEATURE, leads, model_id=model_id, progress=progress)
    return [_as_score(result) for result in results]


def _as_score(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result with score and class beside the rest, instead of within ``prediction``."""
    if "error" in result:
        return result
    prediction = result["prediction"]
    told = {name: value for name, value in result.items() if name not in ("id", "prediction")}
    return {"id": result["id"], "score": prediction["score"], "class": prediction["class"], **told}
