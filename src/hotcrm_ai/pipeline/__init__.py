"""The life of one request: validate, choose the model, reuse an answer, ask the provider, record, shape the response."""

from hotcrm_ai.pipeline.explain import ExplainabilityService
from hotcrm_ai.pipeline.service import PredictionService

__all__ = ["ExplainabilityService", "PredictionService"]
