"""Reads the features of a request for recommendations, for the answer and for its explanation alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from hotcrm_ai.domain.errors import InvalidFeatures
from hotcrm_ai.local_models.recommender import MAX_LIMIT, Recommended, Recommender

_DEFAULT_LIMIT: Final = 10
_DAY_SECONDS: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendationRequest:
    """What is known of an account, and what to answer: a list of ``limit`` products, or ``product`` alone."""

    owned: tuple[str, ...]
    unknown: tuple[str, ...]
    days_ago: Sequence[float] | None
    industry: str | None
    company_size: float | None
    product: str | None
    limit: int

    def ask(self, model: Recommender) -> list[Recommended]:
        """Return the products that the model recommends."""
        return model.recommend(
            self.owned,
            days_ago=self.days_ago,
            industry=self.industry,
            company_size=self.company_size,
            limit=self.limit,
            only=self.product,
        )


def read_request(model: Recommender, features: Mapping[str, Any]) -> RecommendationRequest:
    """Return the request that fitted features make.

    Raises:
        InvalidFeatures: ``limit`` is no whole number from 1 to 100, the dates do not fit the products, the ``product`` is not known or
            the account has it, or none of the products that the account has is known to the model.
    """
    owned = tuple(product.strip() for product in features.get("current_products") or ())
    unknown = tuple(product for product in dict.fromkeys(owned) if product not in model.number_of)
    if owned and len(unknown) == len(set(owned)):
        raise InvalidFeatures({"current_products": _all_unknown(unknown)})
    return RecommendationRequest(
        owned=owned,
        unknown=unknown,
        days_ago=days_before_latest(owned, features.get("purchase_dates")),
        industry=features.get("industry"),
        company_size=features.get("company_size"),
        product=_product(model, owned, features.get("product")),
        limit=_limit(features.get("limit")),
    )


def days_before_latest(owned: Sequence[str], dates: Sequence[str] | None) -> list[float] | None:
    """Return for each product the days between its purchase and the account's latest one; nothing without dates.

    Raises:
        InvalidFeatures: there is not one readable date for each product.
    """
    if not dates:
        return None
    if len(dates) != len(owned):
        raise InvalidFeatures(
            {"purchase_dates": f"expected one date for each of {len(owned)} products, got {len(dates)}"}
        )
    try:
        moments = [datetime.fromisoformat(date).replace(tzinfo=None) for date in dates]
    except ValueError as problem:
        raise InvalidFeatures({"purchase_dates": f"expected dates in ISO 8601: {problem}"}) from problem
    latest = max(moments)
    return [(latest - moment).total_seconds() / _DAY_SECONDS for moment in moments]


def _all_unknown(unknown: Sequence[str]) -> str:
    which = (
        f"the only one, {unknown[0]!r}," if len(unknown) == 1 else f"any of the {len(unknown)}, such as {unknown[0]!r},"
    )
    return (
        f"the model does not know {which} so it cannot say what goes with that; train a model on your own purchases, or leave "
        "current_products out to be answered as a new account"
    )


def _product(model: Recommender, owned: Sequence[str], asked: str | None) -> str | None:
    if asked is None:
        return None
    product = asked.strip()
    if product not in model.number_of:
        raise InvalidFeatures(
            {
                "product": f"the model does not know {product[:60]!r}; give the id of one of its {len(model.products):,} products"
            }
        )
    if product in owned:
        raise InvalidFeatures({"product": f"the account has {product!r} already, so there is nothing to recommend"})
    return product


def _limit(value: float | None) -> int:
    if value is None:
        return _DEFAULT_LIMIT
    if value != int(value) or not 1 <= value <= MAX_LIMIT:
        raise InvalidFeatures({"limit": f"expected a whole number from 1 to {MAX_LIMIT}, got {value:g}"})
    return int(value)
