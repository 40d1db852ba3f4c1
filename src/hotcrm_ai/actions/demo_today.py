"""Asks the other models of the demonstration about the sample CRM: which accounts may leave, how messages sound, what revenue comes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final

from hotcrm_ai.actions.record_features import record_features, signatures_of
from hotcrm_ai.assembly import AI
from hotcrm_ai.domain.prediction import Context, PredictionError

CHURN_MODEL: Final = "churn-prediction-v1"
SENTIMENT_MODEL: Final = "sentiment-analysis-v1"
FORECAST_MODEL: Final = "revenue-forecast-v1"
MESSAGES: Final = 200
HORIZON: Final = 6
_CHUNK: Final = 100


async def ask_about_accounts(ai: AI, progress: Callable[[int, int], None]) -> int:
    """Ask which of the accounts under review may leave; return how many were answered."""
    accounts = await ai.crm.find("Account", [["churned", "is null", None]])
    signatures = await signatures_of(ai, CHURN_MODEL)
    crm_fields = ai.features["churn-prediction"].crm_fields
    features = [record_features(account, signatures, crm_fields=crm_fields) for account in accounts]
    return await _ask(ai, CHURN_MODEL, "Account", accounts, features, progress)


async def ask_about_messages(ai: AI, progress: Callable[[int, int], None]) -> int:
    """Ask how the newest messages of customers sound; return how many were answered."""
    messages = await ai.crm.highest("Email", "sent_date", [["direction", "=", "inbound"]], limit=MESSAGES)
    features = [{"text": message["body"]} for message in messages]
    return await _ask(ai, SENTIMENT_MODEL, "Email", messages, features, progress)


async def ask_for_forecast(ai: AI) -> int:
    """Ask what revenue the next months bring, over all product lines; return how many months the history has."""
    months: dict[str, float] = defaultdict(float)
    for row in await ai.crm.find("MonthlyRevenue", (), ["period", "value"]):
        months[str(row["period"])[:7]] += float(row["value"])
    history = [round(months[month], 2) for month in sorted(months)]
    features = {"historical_revenue": history, "seasonality": "monthly", "horizon": HORIZON}
    await ai.predict(FORECAST_MODEL, features, context=Context(object_type="MonthlyRevenue", object_id=max(months)))
    return len(history)


async def _ask(
    ai: AI,
    model_id: str,
    object_type: str,
    records: list[dict[str, Any]],
    features: list[dict[str, Any]],
    progress: Callable[[int, int], None],
) -> int:
    answered = 0
    for start in range(0, len(records), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        contexts = [Context(object_type=object_type, object_id=str(record["id"])) for record in records[chunk]]
        responses = await ai.batch_predict(model_id, features[chunk], contexts=contexts, on_error="collect")
        answered += sum(not isinstance(response, PredictionError) for response in responses)
        progress(min(start + _CHUNK, len(records)), len(records))
    return answered
