"""Product recommendation: what to offer an account next, with the reason for each product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from hotcrm_ai.domain.errors import InvalidFeatures
from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.domain.wording import Wording
from hotcrm_ai.domain.write_back import CRMRow, RelatedRows, WriteBack
from hotcrm_ai.local_models.recommender import MAX_LIMIT, Recommended, Recommender, days_before_latest
from hotcrm_ai.ports.ai_feature import AIFeature, Scale

_DEFAULT_LIMIT: Final = 10
_REASONS_SHOWN: Final = 2


def _purchases(rows: Sequence[CRMRow]) -> dict[str, Any]:
    """Return what an account has and since when: of several purchases of a product the last one counts."""
    bought = {str(row["product_id"]): row["purchase_date"] for row in rows if row["product_id"] is not None}
    products = list(bought)
    if not products or None in bought.values():
        return {"current_products": products}
    return {"current_products": products, "purchase_dates": [str(day) for day in bought.values()]}


_WORDING: Final = Wording(
    number="score of the first product",
    raises="Speaks for the first product",
    lowers="Speaks against the first product",
    confidence="{} % of lists this long hold the next purchase",
)
_WRITE_BACK: Final = WriteBack(
    answer={"ai_recommendations": "items"},
    confidence="ai_recommendation_confidence",
    explanation="ai_recommendation_explanation",
    date="last_recommendation_date",
    records="accounts",
    what="recommendations",
    command="recommendations",
    one="recommend_products",
    many="batch_recommend_products",
    rows=RelatedRows(
        crm_object="Purchase",
        record_field="account_id",
        order_field="purchase_date",
        fields=("product_id",),
        features=_purchases,
    ),
)


@dataclass(frozen=True)
class ProductRecommendation:
    """Products that the account does not have, the likeliest first.

    An item's ``score`` is the calibrated chance (0-1) that it is among the account's next purchases. Confidence is how often, in per
    cent, accounts bought at least one product of a list this long next, measured on held-out purchases.
    """

    name: str = "product-recommendation"
    scale: Scale = "item"
    default_bands: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    crm_object: str = "Account"
    crm_fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    write_back: WriteBack = _WRITE_BACK
    wording: Wording = _WORDING

    def answer(
        self,
        model: Recommender,
        features: Mapping[str, Any],
        *,
        bands: Mapping[str, float],  # noqa: ARG002 - recommendations have no classes
    ) -> PredictionOutput:
        """Return ``{items: [{id, score, reason}]}``.

        Raises:
            InvalidFeatures: ``limit`` is no whole number from 1 to 100, or the dates do not fit the products.
        """
        limit = _limit(features.get("limit"))
        owned = list(features.get("current_products") or ())
        found = model.recommend(
            owned,
            days_ago=days_before_latest(owned, features.get("purchase_dates")),
            industry=features.get("industry"),
            company_size=features.get("company_size"),
            limit=limit,
        )
        items = [{"id": one.product, "score": one.score, "reason": reason_of(one)} for one in found]
        is_new = not any(product in model.number_of for product in owned)
        rates = model.new_hit_rates if is_new else model.hit_rates
        unknown = [product for product in owned if product not in model.number_of]
        notes = (
            [f"{len(unknown)} of the current products are not known to the model, for example {unknown[0]!r}"]
            if unknown
            else []
        )
        return PredictionOutput(
            prediction={"items": items},
            confidence=100.0 * rates[len(items) - 1] if items else None,
            metadata={"warnings": notes} if notes else {},
        )


def reason_of(one: Recommended) -> str:
    """Return the reason for a product in words."""
    if one.kin is not None:
        return f"{one.score:.0%} of {one.kin} have it"
    helping = [product for product, part in one.parts if part > 0.0][:_REASONS_SHOWN]
    return f"because you have {' and '.join(helping)}" if helping else "accounts alike have it"


def _limit(value: float | None) -> int:
    if value is None:
        return _DEFAULT_LIMIT
    if value != int(value) or not 1 <= value <= MAX_LIMIT:
        raise InvalidFeatures({"limit": f"expected a whole number from 1 to {MAX_LIMIT}, got {value:g}"})
    return int(value)


FEATURE: Final[AIFeature] = ProductRecommendation()
