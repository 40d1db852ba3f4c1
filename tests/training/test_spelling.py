"""Rare misspellings of a frequent category are taken for it, by one slip and no more."""

from __future__ import annotations

import pytest

from hotcrm_ai.training.recommend import train_recommender
from hotcrm_ai.training.spelling import misspellings_of


@pytest.mark.parametrize("slip", ["educaton", "educatoin", "educattion", "aducation", "educatio", "xeducation"])
def test_one_slip_is_taken_for_the_frequent_category(slip: str) -> None:
    """A letter missing, swapped, doubled, changed or too many, at any place."""
    assert misspellings_of({"education": 40, slip: 4}) == {slip: "education"}


@pytest.mark.parametrize(
    ("name", "count", "why"),
    [
        ("educaton", 5, "more than a tenth as frequent"),
        ("educatn", 2, "two slips"),
        ("plan 10", 1, "a number"),
        ("it", 1, "too short"),
        ("education", 40, "itself"),
    ],
)
def test_other_categories_stay_as_they_are(name: str, count: int, why: str) -> None:
    """Anything that may be a category of its own is left alone."""
    assert misspellings_of({"education": 40, "plan 11": 40, "id": 40, name: count}) == {}, why


def test_a_category_between_two_frequent_ones_stays() -> None:
    """It cannot be known which of them was meant."""
    assert misspellings_of({"retail": 30, "rental": 30, "retal": 1}) == {}


def test_a_recommender_merges_misspelt_industries_and_says_so() -> None:
    """The few accounts of the misspelling count with the frequent industry; the warning names both."""
    rows = [
        {
            "account": f"a{account}",
            "product": f"p{(account + step) % 5}",
            "date": f"2026-0{step + 1}-01",
            "industry": "Educaton" if account == 0 else "Education",
        }
        for account in range(40)
        for step in range(3)
    ]
    trained = train_recommender(rows)
    assert any("'educaton' (1) for 'education'" in warning for warning in trained.report.warnings)
    spec = next(one for one in trained.manifest.signature.features if one.name == "industry")
    assert spec.categories == ("education",)
