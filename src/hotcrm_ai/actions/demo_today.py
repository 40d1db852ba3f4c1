"""Asks the other models of the demonstration about the sample CRM, and writes the answers back: who may leave, what to offer, how messages
sound, what revenue comes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final

from hotcrm_ai.actions.write_back import write_many
from hotcrm_ai.assembly import AI
from hotcrm_ai.domain.prediction import Context

FORECAST_MODEL: Final = "revenue-forecast-v1"
MESSAGES: Final = 200
HORIZON: Final = 6
_UNDER_REVIEW: Final = {"filters": [["churned", "is null", None]]}


async def ask_about_accounts(ai: AI, progress: Callable[[int, int], None]) -> int:
    """Ask which of the accounts under review may leave, and what to offer them; return how many were answered for."""
    leaving = await write_many(ai, "churn-prediction", _UNDER_REVIEW, progress=progress)
    offered = await write_many(ai, "product-recommendation", _UNDER_REVIEW, progress=progress)
    return sum("error" not in one and "error" not in other for one, other in zip(leaving, offered, strict=True))


async def ask_about_messages(ai: AI, progress: Callable[[int, int], None]) -> int:
    """Ask how the newest messages of customers sound; return how many were answered for."""
    messages = await ai.crm.highest("Email", "sent_date", [["direction", "=", "inbound"]], limit=MESSAGES)
    results = await write_many(ai, "sentiment-analysis", [message["id"] for message in messages], progress=progress)
    return _answered(results)


async def ask_about_series(ai: AI, progress: Callable[[int, int], None]) -> int:
    """Ask what each revenue series brings in the next year; return how many were answered for."""
    return _answered(await write_many(ai, "revenue-forecast", progress=progress))


async def ask_for_forecast(ai: AI) -> int:
    """Ask what revenue the next months bring, over all product lines; return how many months the history has."""
    months: dict[str, float] = defaultdict(float)
    for row in await ai.crm.find("MonthlyRevenue", (), ["period", "value"]):
        months[str(row["period"])[:7]] += float(row["value"])
    history = [round(months[month], 2) for month in sorted(months)]
    last = max(months)
    features = {"historical_revenue": history, "last_period": last, "seasonality": "monthly", "horizon": HORIZON}
    await ai.predict(FORECAST_MODEL, features, context=Context(object_type="MonthlyRevenue", object_id=last))
    return len(history)


def _answered(results: list[dict[str, Any]]) -> int:
    return sum("error" not in result for result in results)
