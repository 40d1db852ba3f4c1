"""All open leads of the CRM are scored in one go; the best ones come first."""

import asyncio

from sqlalchemy import create_engine

from hotcrm_ai import AI, Settings
from hotcrm_ai.actions import batch_score_leads
from hotcrm_ai.sample_crm import generate_sample_crm, write_sample_crm


async def main() -> None:
    """Score, sort, print, and ask for a lead that does not exist."""
    engine = create_engine("sqlite:///crm.db")
    write_sample_crm(generate_sample_crm(leads=400, accounts=50), engine)
    engine.dispose()

    async with AI.open(Settings(crm_url="sqlite:///crm.db")) as ai:
        results = await batch_score_leads(ai, {"filters": [["converted", "is null", None]]})
        print(len(results), "open leads scored; call these first:")
        for result in sorted(results, key=lambda result: -result["score"])[:5]:
            reasons = ", ".join(
                f"{top['feature']} {100 * top['contribution']:+.0f}" for top in result["topFeatures"][:3]
            )
            print(f"  {result['id']}  {result['score']:5.1f}  {result['class']:4}  {reasons}")
        print(await batch_score_leads(ai, ["LD-999999"]))


asyncio.run(main())
