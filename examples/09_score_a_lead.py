"""A lead of the CRM is scored, and score, confidence, reasons and date are written back to it."""

import asyncio

from sqlalchemy import create_engine

from hotcrm_ai import AI, Settings
from hotcrm_ai.actions import score_lead
from hotcrm_ai.sample_crm import generate_sample_crm, write_sample_crm


async def main() -> None:
    """Score one lead of a sample CRM and read it back."""
    engine = create_engine("sqlite:///crm.db")
    write_sample_crm(generate_sample_crm(leads=200, accounts=50), engine)
    engine.dispose()

    async with AI.open(Settings(crm_url="sqlite:///crm.db")) as ai:
        lead_id = (await ai.crm.find("Lead", [["converted", "is null", None]], fields=["id"]))[0]["id"]
        result = await score_lead(ai, lead_id)
        print(lead_id, {name: result[name] for name in ("score", "confidence", "cached")})
        lead = await ai.crm.get("Lead", lead_id)
        print("in the CRM:", lead["ai_score"], lead["ai_confidence"], lead["last_scored_date"] is not None)
        print(lead["ai_explanation"])


asyncio.run(main())
