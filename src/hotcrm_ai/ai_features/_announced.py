"""The models that every workspace lists although their features are not trained yet: they say so and answer nothing."""

from __future__ import annotations

from typing import Final

from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.signature import FeatureSpec, Signature

_UNTRAINED: Final = "Not trained yet, so it answers no predictions."


def announced_models() -> tuple[ModelConfig, ...]:
    """Return the pre-registered models in status ``training``, with the signatures they will have."""
    return (_FORECAST, _RECOMMENDATION)


def _signature(**types: str) -> Signature:
    return Signature(features=tuple(FeatureSpec(name=name, type=kind) for name, kind in types.items()))  # type: ignore[arg-type]  # the literals below


_FORECAST: Final = ModelConfig(
    id="revenue-forecast-v1",
    name="Revenue Forecast",
    type="forecasting",
    feature="revenue-forecast",
    status="training",
    description=f"What the next months bring. {_UNTRAINED}",
    signature=_signature(
        historical_revenue="number_list",
        pipeline_value="number",
        seasonality="category",
        growth_rate="number",
        horizon="number",
    ),
)
_RECOMMENDATION: Final = ModelConfig(
    id="product-recommendation-v1",
    name="Product Recommendation",
    type="recommendation",
    feature="product-recommendation",
    status="training",
    description=f"What to offer next. {_UNTRAINED}",
    signature=_signature(
        current_products="category_list",
        industry="category",
        company_size="number",
        usage_patterns="text",
        limit="number",
    ),
)
