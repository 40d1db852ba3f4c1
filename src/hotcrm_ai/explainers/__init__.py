"""The ways of explaining an answer, one file each, and the picture of an explanation."""

from hotcrm_ai.explainers.counterfactual import LocalCounterfactuals
from hotcrm_ai.explainers.forecast import ForecastExplainer
from hotcrm_ai.explainers.local import LocalExplainer
from hotcrm_ai.explainers.recommendation import RecommendationExplainer
from hotcrm_ai.explainers.sampled import SampledExplainer
from hotcrm_ai.explainers.token import TokenExplainer
from hotcrm_ai.explainers.waterfall import draw_waterfall

__all__ = [
    "ForecastExplainer",
    "LocalCounterfactuals",
    "LocalExplainer",
    "RecommendationExplainer",
    "SampledExplainer",
    "TokenExplainer",
    "draw_waterfall",
]
