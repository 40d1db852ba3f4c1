"""Many records in one call: the order is kept, and a bad record spoils only itself."""

from hotcrm_ai import AI, PredictionError

LEADS = [
    {"company_size": 500, "industry": "Technology", "engagement_score": 85},
    {"company_size": 100, "industry": "Finance", "engagement_score": 40},
    {"company_size": "many", "industry": "Healthcare"},
    {"company_size": 1000, "industry": "Healthcare", "engagement_score": 70},
]

with AI.open_sync() as ai:
    for lead, result in zip(LEADS, ai.batch_predict("lead-scoring-v1", LEADS, on_error="collect"), strict=True):
        if isinstance(result, PredictionError):
            print(lead["company_size"], "->", result.code, result.message)
        else:
            print(lead["company_size"], "->", round(result.prediction["score"], 1), result.prediction["class"])
