"""Explanations of recommendations: products for accounts that have some, industry and size for new ones; both add up."""

from __future__ import annotations

import numpy as np
import pytest

from hotcrm_ai.ai_features.product_recommendation import reason_of
from hotcrm_ai.local_models.recommender import MAX_LIMIT, Recommended, Recommender


def _recommender() -> Recommender:
    """Two products; 20 % of all accounts have ``p1``, 40 % of schools, 30 % of small ones, 60 % of small schools."""

    def shares(first: float, second: float) -> tuple[np.ndarray, np.ndarray]:
        return np.array([0, 1], dtype=np.int32), np.array([first, second])

    return Recommender(
        products=("p1", "p2"),
        starts=np.array([0, 1, 2]),
        neighbours=np.array([1, 0], dtype=np.int32),
        weights=np.array([0.5, 0.5], dtype=np.float32),
        decay_days=None,
        floor=1.0,
        slope=1.0,
        shift=-2.0,
        segments={
            "*|*": shares(0.2, 0.1),
            "schools|*": shares(0.4, 0.1),
            "*|0": shares(0.3, 0.1),
            "schools|0": shares(0.6, 0.1),
        },
        hit_rates=(0.5,) * MAX_LIMIT,
        new_hit_rates=(0.4,) * MAX_LIMIT,
        names=("Till", ""),
    )


def test_a_new_account_is_answered_in_parts_of_industry_and_size() -> None:
    """By hand: 0.2 of all; the industry's 0.25 and the size's 0.15 are the means of both orders; together 0.6."""
    first = _recommender().recommend([], industry="Schools", company_size=5.0)[0]
    assert (first.product, first.base, first.score) == ("p1", 0.2, 0.6)
    assert dict(first.parts) == {"industry": pytest.approx(0.25), "company_size": pytest.approx(0.15)}
    assert reason_of(_recommender(), first) == "60% of accounts in Schools with up to 10 employees have it"


@pytest.mark.parametrize(("industry", "size"), [(None, None), ("Schools", None), (None, 5.0), ("Mines", 5000.0)])
def test_the_parts_add_up_for_whatever_is_known_of_an_account(industry: str | None, size: float | None) -> None:
    """What is not known, or of a group that the model does not know, adds nothing."""
    for one in _recommender().recommend([], industry=industry, company_size=size):
        assert one.base + sum(part for _, part in one.parts) == pytest.approx(one.score)
    known = dict(_recommender().recommend([], industry=industry, company_size=size)[0].parts)
    assert (known["industry"] != 0.0, known["company_size"] != 0.0) == (industry == "Schools", size == 5.0)


def test_an_account_with_products_is_answered_from_them() -> None:
    """The one part is of the product that it has."""
    only = _recommender().recommend(["p1"], limit=1)[0]
    assert [name for name, _ in only.parts] == ["p1"]
    assert reason_of(_recommender(), only) == "because you have Till"


def test_what_says_nearly_nothing_is_no_reason() -> None:
    """Where the account's products move a chance by less than a twentieth, the share of accounts that have the product is told."""
    told = Recommended(product="p1", score=0.1, base=0.096, parts=(("p2", 0.004),))
    assert reason_of(_recommender(), told) == "20% of all accounts have it"
    moved = Recommended(product="p1", score=0.1, base=0.09, parts=(("p2", 0.01),))
    assert reason_of(_recommender(), moved) == "because you have p2"
