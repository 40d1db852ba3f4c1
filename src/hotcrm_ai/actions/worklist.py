"""What a day begins with: leads to call first, accounts at risk, the mood of the inbox and the forecast.

Where functions take ``among``, these are all models of the workspace; a caller that asks for several things lists them once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from hotcrm_ai.actions.open_records import OUTCOME_FIELDS
from hotcrm_ai.actions.record_insight import ask_about
from hotcrm_ai.assembly import AI
from hotcrm_ai.assembly.history import feature_answers, record_answers
from hotcrm_ai.domain.errors import HotCRMAIError, InvalidRequest
from hotcrm_ai.domain.explanation import FeatureContribution
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import LoggedPrediction
from hotcrm_ai.domain.titles import cause_text
from hotcrm_ai.ports.crm import Filter

_REASON: Final = re.compile(r"^• (.+) \(impact: ([+-]\d+)%\)$", re.MULTILINE)
_REASONS_SHOWN: Final = 3
_FORECASTS_LOOKED_AT: Final = 200


class Reason(msgspec.Struct, frozen=True):
    """One fact in words, and by how many points it moved the answer."""

    words: str
    points: float


class LeadToCall(msgspec.Struct, frozen=True, kw_only=True):
    """An open lead with what was written back to it, and the answer that this came from, where the log still has it."""

    record: dict[str, Any]
    score: float
    confidence: float | None
    reasons: tuple[Reason, ...]
    scored_at: datetime | None
    answer: LoggedPrediction | None


class AccountAtRisk(msgspec.Struct, frozen=True, kw_only=True):
    """An account with the chance (0-1) that it leaves, and why, by the model as it is now."""

    record: dict[str, Any]
    probability: float
    risk: str
    reasons: tuple[Reason, ...]
    answer: LoggedPrediction


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message with its mood; ``record`` is None where the CRM no longer has it."""

    record: dict[str, Any] | None
    sentiment: str
    score: float
    answer: LoggedPrediction


async def leads_to_call(ai: AI, *, limit: int, filters: Sequence[Filter] = ()) -> list[LeadToCall]:
    """Return the open leads with the highest scores that were written back to them, all or those that meet all ``filters``.

    Raises:
        ConfigError: the CRM has no table of leads, or no field for scores.
        StorageError: a database failed.
    """
    records = await _open_leads(ai, limit, filters)
    answers = newest_of_each(await record_answers(ai, "Lead", [record["id"] for record in records]))
    return [
        LeadToCall(
            record=record,
            score=record["ai_score"],
            confidence=record.get("ai_confidence"),
            reasons=read_reasons(record.get("ai_explanation") or "")[:_REASONS_SHOWN],
            scored_at=record.get("last_scored_date"),
            answer=answers.get(record["id"]),
        )
        for record in records
    ]


async def accounts_at_risk(
    ai: AI, *, limit: int, among: Sequence[ModelConfig] | None = None
) -> tuple[list[AccountAtRisk], int]:
    """Return the accounts with the highest chance of leaving by their newest answers, and how many accounts these are of.

    Accounts of which the CRM knows how they ended are left out.

    Raises:
        StorageError: a database failed.
    """
    answers = newest_of_each(
        one for one in await feature_answers(ai, "churn-prediction", among=among) if one.object_type == "Account"
    )
    ids = list(answers)
    present = await ai.crm.find("Account", [["id", "in", ids]], page=1) if ids else []
    records = {record["id"]: record for record in present if record.get(OUTCOME_FIELDS["Account"]) is None}
    asked = [one for one in answers.values() if one.object_id in records]
    worst = sorted(asked, key=lambda one: (-one.prediction_value["probability"], one.object_id))[:limit]
    found = [
        AccountAtRisk(
            record=records[one.object_id],
            probability=one.prediction_value["probability"],
            risk=one.prediction_value["risk"],
            reasons=await _reasons_now(ai, "Account", records[one.object_id], one.requested_model_id),
            answer=one,
        )
        for one in worst
    ]
    return found, len(asked)


async def recent_messages(ai: AI, *, limit: int, among: Sequence[ModelConfig] | None = None) -> list[Message]:
    """Return the messages whose mood was told last, newest answer first; those that went out are not among them.

    Raises:
        StorageError: a database failed.
    """
    answers = [
        one for one in await feature_answers(ai, "sentiment-analysis", limit=limit, among=among) if one.object_id
    ]
    newest = [one for one in newest_of_each(answers).values() if one.object_type == "Email"]
    ids = [one.object_id for one in newest]
    records = (
        {record["id"]: record for record in await ai.crm.find("Email", [["id", "in", ids]], page=1)} if ids else {}
    )
    return [
        Message(
            record=records.get(one.object_id or ""),
            sentiment=one.prediction_value["sentiment"],
            score=one.prediction_value["score"],
            answer=one,
        )
        for one in newest
        if records.get(one.object_id or "", {}).get("direction") != "outbound"
    ]


async def newest_forecast(ai: AI, *, among: Sequence[ModelConfig] | None = None) -> LoggedPrediction | None:
    """Return the newest forecast about records of the CRM: of the whole where there is one, else of a single series.

    Raises:
        StorageError: the database failed.
    """
    logged = await feature_answers(ai, "revenue-forecast", limit=_FORECASTS_LOOKED_AT, among=among)
    answers = [one for one in logged if one.object_id is not None]
    series = ai.features["revenue-forecast"].crm_object
    return next((one for one in answers if one.object_type != series), answers[0] if answers else None)


def read_reasons(explanation: str) -> tuple[Reason, ...]:
    """Read the facts of an explanation in words, the largest first.

    >>> read_reasons("Positive factors:\\n• Budget: 10,000 (impact: +20%)")
    (Reason(words='Budget: 10,000', points=20.0),)
    """
    found = [Reason(words, float(points)) for words, points in _REASON.findall(explanation)]
    return tuple(sorted(found, key=lambda one: -abs(one.points)))


def newest_of_each(answers: Any) -> dict[str, LoggedPrediction]:
    """Return the newest answer about each record, of answers that come newest first."""
    found: dict[str, LoggedPrediction] = {}
    for answer in answers:
        if answer.object_id is not None:
            found.setdefault(answer.object_id, answer)
    return found


async def _open_leads(ai: AI, limit: int, filters: Sequence[Filter]) -> list[dict[str, Any]]:
    """Return the leads with the highest scores; those that are known to be closed are left out where the CRM tells."""
    is_open = [[OUTCOME_FIELDS["Lead"], "is null", None]]
    try:
        return await ai.crm.highest("Lead", "ai_score", [*is_open, *filters], limit=limit)
    except InvalidRequest as problem:
        if OUTCOME_FIELDS["Lead"] not in problem.details.get("missing", ()):
            raise
        return await ai.crm.highest("Lead", "ai_score", filters, limit=limit)


async def _reasons_now(ai: AI, object_type: str, record: dict[str, Any], model_id: str) -> tuple[Reason, ...]:
    """Return why a record gets its answer; nothing where its model cannot say."""
    try:
        asked = await ask_about(ai, object_type, record, model_id=model_id)
    except HotCRMAIError:
        return ()
    largest: Sequence[FeatureContribution] = asked.explanation.feature_contributions[:_REASONS_SHOWN]
    return tuple(
        Reason(
            cause_text(part.feature, part.value, {part.feature: asked.title(part.feature)}), 100.0 * part.contribution
        )
        for part in largest
    )
