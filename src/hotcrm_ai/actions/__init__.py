"""Predictions written back to the records of the CRM."""

from hotcrm_ai.actions.feature_actions import (
    analyze_sentiment,
    batch_analyze_sentiment,
    batch_forecast_revenue,
    batch_predict_churn,
    batch_recommend_products,
    batch_score_opportunities,
    forecast_revenue,
    predict_churn,
    recommend_products,
    score_opportunity,
)
from hotcrm_ai.actions.leads import batch_score_leads, score_lead

__all__ = [
    "analyze_sentiment",
    "batch_analyze_sentiment",
    "batch_forecast_revenue",
    "batch_predict_churn",
    "batch_recommend_products",
    "batch_score_leads",
    "batch_score_opportunities",
    "forecast_revenue",
    "predict_churn",
    "recommend_products",
    "score_lead",
    "score_opportunity",
]
