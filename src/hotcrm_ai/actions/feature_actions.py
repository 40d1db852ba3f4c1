"""The actions of the AI features beside lead scoring, by their own names; each writes its answer back to the record it is about.

The fields of each are told in its feature's declaration; all of them take and return what ``write_one`` and ``write_many`` do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hotcrm_ai.actions.write_back import Records, write_many, write_one
from hotcrm_ai.assembly import AI

Progress = Callable[[int, int], None]


async def score_opportunity(ai: AI, opportunity_id: str, *, model_id: str | None = None) -> dict[str, Any]:
    """Score one open deal and write ``ai_score, ai_confidence, ai_explanation, last_scored_date`` to it; ``model_id`` is one of yours."""
    return await write_one(ai, "opportunity-scoring", opportunity_id, model_id=model_id)


async def batch_score_opportunities(
    ai: AI, opportunities: Records = None, *, model_id: str | None = None, progress: Progress | None = None
) -> list[dict[str, Any]]:
    """Score several open deals, as ``score_opportunity`` does one."""
    return await write_many(ai, "opportunity-scoring", opportunities, model_id=model_id, progress=progress)


async def predict_churn(ai: AI, account_id: str, *, model_id: str | None = None) -> dict[str, Any]:
    """Say how likely an account leaves, and write ``ai_churn_probability`` (0-1), ``ai_churn_risk`` and the reasons to it."""
    return await write_one(ai, "churn-prediction", account_id, model_id=model_id)


async def batch_predict_churn(
    ai: AI, accounts: Records = None, *, model_id: str | None = None, progress: Progress | None = None
) -> list[dict[str, Any]]:
    """Say of several accounts how likely they leave, as ``predict_churn`` does of one."""
    return await write_many(ai, "churn-prediction", accounts, model_id=model_id, progress=progress)


async def analyze_sentiment(ai: AI, email_id: str, *, model_id: str | None = None) -> dict[str, Any]:
    """Say how a message sounds, and write ``ai_sentiment``, ``ai_sentiment_score`` (0-1) and the words that made it to it."""
    return await write_one(ai, "sentiment-analysis", email_id, model_id=model_id)


async def batch_analyze_sentiment(
    ai: AI, emails: Records = None, *, model_id: str | None = None, progress: Progress | None = None
) -> list[dict[str, Any]]:
    """Say of several messages how they sound, as ``analyze_sentiment`` does of one."""
    return await write_many(ai, "sentiment-analysis", emails, model_id=model_id, progress=progress)


async def forecast_revenue(ai: AI, series_id: str, *, model_id: str | None = None) -> dict[str, Any]:
    """Forecast a series from its monthly rows, and write ``ai_forecast`` (JSON), ``ai_forecast_total`` and the parts to its record."""
    return await write_one(ai, "revenue-forecast", series_id, model_id=model_id)


async def batch_forecast_revenue(
    ai: AI, series: Records = None, *, model_id: str | None = None, progress: Progress | None = None
) -> list[dict[str, Any]]:
    """Forecast several series, as ``forecast_revenue`` does one."""
    return await write_many(ai, "revenue-forecast", series, model_id=model_id, progress=progress)


async def recommend_products(ai: AI, account_id: str, *, model_id: str | None = None) -> dict[str, Any]:
    """Say what to offer an account from its purchases, and write ``ai_recommendations`` (JSON) and the reasons to it."""
    return await write_one(ai, "product-recommendation", account_id, model_id=model_id)


async def batch_recommend_products(
    ai: AI, accounts: Records = None, *, model_id: str | None = None, progress: Progress | None = None
) -> list[dict[str, Any]]:
    """Say what to offer several accounts, as ``recommend_products`` does for one."""
    return await write_many(ai, "product-recommendation", accounts, model_id=model_id, progress=progress)
