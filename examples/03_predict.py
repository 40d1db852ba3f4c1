"""One prediction, and the same one again from the cache."""

import asyncio

from hotcrm_ai import AI

LEAD = {"company_size": 500, "industry": "Technology", "engagement_score": 85, "job_title": "CTO", "budget": 100000}


async def main() -> None:
    """Ask twice."""
    async with AI.open() as ai:
        result = await ai.predict("lead-scoring-v1", LEAD)
        print(result.prediction)
        print("confidence", result.confidence, "by", result.model_id, result.model_version)
        again = await ai.predict("lead-scoring-v1", dict(reversed(LEAD.items())))
        print("cached:", result.cached, again.cached)


asyncio.run(main())
