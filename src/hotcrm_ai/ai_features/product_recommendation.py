"""Product recommendation: what to offer an account next, with the reason for each product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.domain.wording import Wording
from hotcrm_ai.domain.write_back import CRMRow, RelatedRows, WriteBack
from hotcrm_ai.local_models.recommender import Recommended, Recommender
from hotcrm_ai.local_models.recommender_request import read_request
from hotcrm_ai.ports.ai_feature import AIFeature, Scale

_REASONS_SHOWN: Final = 2
_TELLING: Final = 0.05
"""From this share of a chance on, what an account has is the reason for it; below, it is popularity."""


def _purchases(rows: Sequence[CRMRow]) -> dict[str, Any]:
    """Return what an account has and since when: of several purchases of a product the last one counts."""
    bought = {_id_text(row["product_id"]): row["purchase_date"] for row in rows if row["product_id"] is not None}
    products = list(bought)
    if not products or None in bought.values():
        return {"current_products": products}
    return {"current_products": products, "purchase_dates": [str(day) for day in bought.values()]}


_WORDING: Final = Wording(
    number="chance of the product",
    raises="Speaks for it",
    lowers="Speaks against it",
    confidence="{} % of lists this long hold the next purchase",
    records="purchases",
    measured="accounts",
)


def _id_text(value: Any) -> str:
    """Return an id as the training reads it: a whole number without the decimal point that some databases give it."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


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
    cent, accounts bought at least one product of a list this long next, measured on held-out purchases; for a single ``product`` that
    is asked about there is none, as its score is the chance.
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
        """Return ``{items: [{id, name?, score, reason}]}``.

        Raises:
            InvalidFeatures: ``limit`` is no whole number from 1 to 100, the dates do not fit the products, the one ``product`` that is
                asked about is not known or the account has it, or the model knows none of the products that the account has.
        """
        request = read_request(model, features)
        found = request.ask(model)
        rates = model.hit_rates if request.owned else model.new_hit_rates
        is_list = bool(found) and request.product is None
        return PredictionOutput(
            prediction={"items": [_item(model, one) for one in found]},
            confidence=100.0 * rates[len(found) - 1] if is_list else None,
            metadata={"warnings": [_not_known(request.unknown, len(set(request.owned)))]} if request.unknown else {},
        )


def reason_of(model: Recommender, one: Recommended) -> str:
    """Return the reason for a product in words."""
    if one.kin is not None:
        return f"{one.score:.0%} of {one.kin} have it"
    helping = [model.name_of(product) or product for product, part in one.parts if part > 0.0][:_REASONS_SHOWN]
    if helping and one.score - one.base > _TELLING * one.score:
        return f"because you have {' and '.join(helping)}"
    return f"{model.shares[model.number_of[one.product]]:.0%} of all accounts have it"


def _item(model: Recommender, one: Recommended) -> dict[str, Any]:
    name = model.name_of(one.product)
    named = {} if name is None else {"name": name}
    return {"id": one.product, **named, "score": one.score, "reason": reason_of(model, one)}


def _not_known(unknown: Sequence[str], count: int) -> str:
    return f"{len(unknown)} of the {count} current products are not known to the model, for example {unknown[0]!r}, and count for nothing"


FEATURE: Final[AIFeature] = ProductRecommendation()
