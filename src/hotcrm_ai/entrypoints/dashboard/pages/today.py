"""The first page: what to look at this morning."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from hotcrm_ai.actions.model_concerns import DRIFT_MODELS, model_concerns
from hotcrm_ai.actions.record_search import record_line, record_name
from hotcrm_ai.actions.worklist import (
    LeadToCall,
    Message,
    accounts_at_risk,
    leads_to_call,
    newest_forecast,
    recent_messages,
)
from hotcrm_ai.assembly import AI
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import LoggedPrediction
from hotcrm_ai.entrypoints.dashboard.charts import Bar, Bars, Tone
from hotcrm_ai.entrypoints.dashboard.forecast_chart import forecast_chart
from hotcrm_ai.entrypoints.dashboard.page import Menu, Page, Shown, Visit
from hotcrm_ai.entrypoints.dashboard.tried import Tried, tried

LEADS_SHOWN: Final = 8
ACCOUNTS_SHOWN: Final = 6
MESSAGES_LOOKED_AT: Final = 300
MESSAGES_SHOWN: Final = 4
MODELS_SHOWN: Final = 6
_WEEKS_SHOWN: Final = 8
_MOODS: Final[tuple[tuple[str, Tone], ...]] = (("positive", "good"), ("neutral", "soft"), ("negative", "bad"))


async def show_today(visit: Visit) -> Shown:
    """Show the leads to call, the accounts at risk, the mood, the forecast and the models that need a look."""
    ai = visit.ai
    present = await ai.registry.list_models()
    leads, accounts, messages, forecast, models = await asyncio.gather(
        tried(leads_to_call(ai, limit=LEADS_SHOWN)),
        tried(accounts_at_risk(ai, limit=ACCOUNTS_SHOWN, among=present)),
        tried(recent_messages(ai, limit=MESSAGES_LOOKED_AT, among=present)),
        tried(newest_forecast(ai, among=present)),
        tried(models_to_look_at(ai, present)),
    )
    risky, judged = accounts.value or ([], 0)
    mood = mood_of(messages)
    names = await tried(account_names(ai, mood["worst"] if mood else ()))
    values = {
        "name": record_name,
        "line": record_line,
        "leads": leads,
        "lead_sure": {lead.record["id"]: _sure(ai, lead) for lead in leads.value or ()},
        "lead_models": models_of([lead.answer for lead in leads.value or ()]),
        "accounts": Tried(risky, accounts.problem),
        "accounts_judged": judged,
        "account_models": models_of([account.answer for account in risky]),
        "mood": mood,
        "account_names": names.value or {},
        "messages": messages,
        "message_models": models_of([message.answer for message in messages.value or ()]),
        "forecast": forecast,
        "forecast_chart": forecast_chart(forecast.value) if forecast.value else None,
        "models": models,
    }
    return Shown(template="today.html", title="Today", values=values)


def _sure(ai: AI, lead: LeadToCall) -> str | None:
    wording = ai.features["lead-scoring"].wording
    return wording.confidence_text({"probability": lead.score / 100}, lead.confidence)


async def models_to_look_at(ai: AI, present: Sequence[ModelConfig]) -> dict[str, Any]:
    """Return the models that need a look and why, those that wait to be promoted, and how many are active."""
    health = await ai.monitor.get_all_health()
    concerned = await model_concerns(ai, among=present)
    waiting = [model for model in present if model.status == "testing"]
    return {
        "concerned": concerned[:MODELS_SHOWN],
        "concerned_count": len(concerned),
        "waiting": waiting[:MODELS_SHOWN],
        "waiting_count": len(waiting),
        "active": sum(model.status == "active" for model in present),
        "asked": len(health),
        "window_minutes": ai.settings.health_window_seconds / 60,
        "drift_models": DRIFT_MODELS,
    }


async def account_names(ai: AI, messages: Sequence[Message]) -> dict[str, str]:
    """Return the names of the accounts that some messages belong to, by id."""
    ids = sorted({str(one.record["account_id"]) for one in messages if one.record and one.record.get("account_id")})
    found = await ai.crm.find("Account", [["id", "in", ids]], page=1) if ids else []
    return {account["id"]: record_name(account) for account in found}


def models_of(answers: Sequence[LoggedPrediction | None]) -> str:
    """Return the models and versions that gave some answers, in words."""
    named = Counter(f"{one.model_id} {one.model_version}" for one in answers if one is not None)
    return " and ".join(name for name, _ in named.most_common(3))


def mood_of(messages: Tried[list[Message]]) -> dict[str, Any] | None:
    """Return how many messages sound how, by week where the CRM tells when they were sent, and the most negative of them."""
    found = messages.value
    if not found:
        return None
    counts = Counter(message.sentiment for message in found)
    worst = sorted((one for one in found if one.sentiment == "negative" and one.record), key=lambda one: one.score)
    return {
        "total": len(found),
        "shares": [(mood, tone, counts[mood], 100 * counts[mood] / len(found)) for mood, tone in _MOODS],
        "chart": _weeks(found),
        "worst": worst[:MESSAGES_SHOWN],
        "newest": max(message.answer.created_date for message in found),
    }


def _weeks(messages: Sequence[Message]) -> Bars | None:
    dated = [(day, one.sentiment) for one in messages if one.record and (day := _day(one.record.get("sent_date")))]
    weeks = sorted({day - timedelta(days=day.weekday()) for day, _ in dated})[-_WEEKS_SHOWN:]
    if len(weeks) < 2:
        return None
    counts = Counter((day - timedelta(days=day.weekday()), mood) for day, mood in dated)
    return Bars(
        label="Messages by mood and week",
        places=tuple(f"{week.day} {week:%b}" for week in weeks),
        bars=tuple(
            Bar(name=mood.capitalize(), values=tuple(float(counts[week, mood]) for week in weeks), tone=tone)
            for mood, tone in _MOODS
        ),
        axis="Messages",
        place_title="Week from",
        stacked=True,
    )


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


PAGES: Final = (Page(path="/", scope="read", show=show_today, menu=Menu("Today", 10)),)
