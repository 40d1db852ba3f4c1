"""The five AI features, each answered by the model that comes with the package."""

from hotcrm_ai import AI

ASKED = {
    "lead-scoring-v1": {"company_size": 500, "industry": "Technology", "engagement_score": 85, "job_title": "CTO"},
    "sentiment-analysis-v1": {"text": "Thank you, the new release is wonderful."},
    "churn-prediction-v1": {
        "account_age": 18,
        "support_tickets": 7,
        "usage_frequency": 3,
        "nps_score": 4,
        "payment_delays": 2,
    },
    "revenue-forecast-v1": {
        "historical_revenue": [100, 104, 98, 110, 115, 117],
        "pipeline_value": 250,
        "growth_rate": 0.1,
        "horizon": 2,
    },
    "product-recommendation-v1": {
        "current_products": ["PR-001", "PR-009"],
        "industry": "Technology",
        "company_size": 500,
        "limit": 3,
    },
}

with AI.open_sync() as ai:
    for model_id, features in ASKED.items():
        print(model_id, "->", ai.predict(model_id, features).prediction)
