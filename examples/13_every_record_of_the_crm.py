"""Accounts, messages and revenue series of the CRM are answered for, and each answer is written back to its record."""

import asyncio
import json

from sqlalchemy import create_engine

from hotcrm_ai import AI, Settings
from hotcrm_ai.actions import batch_analyze_sentiment, forecast_revenue, predict_churn, recommend_products
from hotcrm_ai.sample_crm import generate_sample_crm, write_sample_crm


async def main() -> None:
    """Ask for churn and next products of an account, the mood of its messages, and the forecast of a series."""
    engine = create_engine("sqlite:///crm.db")
    write_sample_crm(generate_sample_crm(leads=50, accounts=50), engine)
    engine.dispose()

    async with AI.open(Settings(crm_url="sqlite:///crm.db")) as ai:
        account = (await ai.crm.find("Email", [["direction", "=", "inbound"]], ["account_id"]))[0]["account_id"]
        await predict_churn(ai, account)
        await recommend_products(ai, account)
        record = await ai.crm.get("Account", account)
        print(account, record["ai_churn_risk"], record["ai_churn_probability"])
        print("offer next:", [item["id"] for item in json.loads(record["ai_recommendations"])[:3]])

        results = await batch_analyze_sentiment(ai, {"filters": [["account_id", "=", account]]})
        print("moods:", [result["prediction"]["sentiment"] for result in results])

        await forecast_revenue(ai, "Small / Core")
        series = await ai.crm.get("RevenueSeries", "Small / Core")
        print("next periods:", len(json.loads(series["ai_forecast"])), "total", series["ai_forecast_total"])


asyncio.run(main())
