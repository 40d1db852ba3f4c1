"""The recommender: what it ranks, how its scores split, and what it refuses to read."""

from __future__ import annotations

import dataclasses
import math

import msgspec
import numpy as np
import pytest

from hotcrm_ai.domain.errors import ArtifactIntegrity, InvalidFeatures
from hotcrm_ai.local_models.recommender import Recommender, familiarity, largest, size_band
from hotcrm_ai.local_models.recommender_file import NEIGHBOURS, WEIGHTS, read_recommender, write_recommender
from hotcrm_ai.local_models.recommender_request import days_before_latest, read_request

RATES = tuple(min(1.0, 0.01 * number) for number in range(1, 101))


def _segment(*shares: float) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(-np.array(shares), kind="stable")
    return order.astype(np.int32), np.array(shares)[order]


@pytest.fixture
def model() -> Recommender:
    """Four products: who has A buys B (2.0) and C (1.0), who has B buys C (0.5) and dislikes D."""
    return Recommender(
        products=("A", "B", "C", "D"),
        starts=np.array([0, 2, 4, 4, 4]),
        neighbours=np.array([1, 2, 2, 3], dtype=np.int32),
        weights=np.array([2.0, 1.0, 0.5, -1.0], dtype=np.float32),
        decay_days=10.0,
        floor=0.5,
        slope=1.0,
        shift=-3.0,
        segments={"*|*": _segment(0.4, 0.3, 0.2, 0.1), "retail|*": _segment(0.1, 0.1, 0.1, 0.9)},
        hit_rates=RATES,
        new_hit_rates=RATES,
        names=("Desk", "Chair", "", "Lamp"),
    )


def test_what_follows_from_what_the_account_has_comes_first(model: Recommender) -> None:
    """B and C by their weights, then D of which nothing speaks; nothing that the account has, and all scores are chances of one kind."""
    found = model.recommend(["A"], limit=4)
    assert [one.product for one in found] == ["B", "C", "D"]
    assert [one.kin for one in found] == [None, None, None]
    assert found[0].score == pytest.approx(1 / (1 + np.exp(1.0)), abs=1e-6)
    assert found[2].score == found[2].base == pytest.approx(1 / (1 + np.exp(3.0)), abs=1e-6)


def test_what_an_account_has_may_speak_against_a_product(model: Recommender) -> None:
    """Who has B dislikes D, which falls below the chance of any account; the parts add up all the same."""
    last = model.recommend(["B"])[-1]
    assert (last.product, [part[0] for part in last.parts]) == ("D", ["B"])
    assert last.score < last.base
    assert last.base + last.parts[0][1] == pytest.approx(last.score, abs=1e-12)


def test_popular_products_begin_higher(model: Recommender) -> None:
    """By hand: shares 0.4 to 0.1 have a mean of 0.25, so B begins with 2 ln(1 + 0.3 / 0.25) / ln(1 + 0.4 / 0.25) and D with less."""
    popular = dataclasses.replace(model, popularity=2.0)
    by_product = {one.product: one for one in popular.recommend(["C"])}
    start = 2.0 * math.log(2.2) / math.log(2.6)
    assert by_product["B"].base == pytest.approx(1 / (1 + math.exp(3.0 - start)))
    assert list(by_product) == ["A", "B", "D"]
    assert by_product["A"].score == by_product["A"].base == pytest.approx(1 / (1 + math.exp(1.0)))


def test_ties_are_broken_by_the_order_of_products() -> None:
    """Whatever the sums' places and however many are equal at the end of the list."""
    sums = np.array([0.0, 1.0, 0.0, 2.0, 1.0, 0.0, 1.0])
    assert largest(sums, 3).tolist() == [3, 1, 4]
    assert largest(sums, 5).tolist() == [3, 1, 4, 6, 0]
    assert largest(sums, 20).tolist() == [3, 1, 4, 6, 0, 2, 5]
    assert familiarity(np.zeros(3)).tolist() == [0.0, 0.0, 0.0]


def test_a_model_of_an_earlier_version_is_read(model: Recommender) -> None:
    """Its file has neither names nor popularity, and popularity then only breaks ties."""
    files = write_recommender(model)
    small = msgspec.json.decode(files["model.json"])
    del small["names"], small["popularity"]
    old = read_recommender({**files, "model.json": msgspec.json.encode(small)})
    assert (old.names, old.popularity) == ((), 1e-6)
    assert [one.product for one in old.recommend(["D"])] == ["A", "B", "C"]


def test_base_and_parts_of_the_owned_products_give_the_score(model: Recommender) -> None:
    """C is recommended for A and for B, two thirds and one third."""
    found = model.recommend(["A", "B"], limit=1)[0]
    assert found.product == "C"
    assert [product for product, _ in found.parts] == ["A", "B"]
    assert found.base + sum(part for _, part in found.parts) == pytest.approx(found.score, abs=1e-12)
    assert found.parts[0][1] == pytest.approx(2 * found.parts[1][1])


def test_older_purchases_count_less(model: Recommender) -> None:
    """Ten days before the latest purchase a product counts 0.5 + 0.5 / e."""
    fresh = model.recommend(["A"], days_ago=[0.0], limit=1)[0]
    old = model.recommend(["A"], days_ago=[10.0], limit=1)[0]
    raw = np.log(old.score / (1 - old.score)) + 3.0
    assert raw == pytest.approx(2.0 * (0.5 + 0.5 / np.e), rel=1e-6)
    assert old.score < fresh.score


def test_new_accounts_are_answered_from_their_kin(model: Recommender) -> None:
    """An account of a known industry gets what that industry has; an unknown one what all have."""
    assert model.recommend([], industry=" Retail ", limit=1)[0].product == "D"
    assert model.recommend(["never heard of"], industry="Space", limit=1)[0].product == "A"
    assert (size_band(None), size_band(10), size_band(11), size_band(5000)) == (None, 0, 1, 4)


def test_files_round_trip_and_odd_ones_are_refused(model: Recommender) -> None:
    """A number out of range, a weight that is none, a missing file, another count."""
    files = write_recommender(model)
    assert write_recommender(read_recommender(files)) == files
    odd = [
        {**files, NEIGHBOURS: np.array([1, 2, 2, 9], dtype="<i4").tobytes()},
        {**files, WEIGHTS: np.array([1, np.nan, 2, 3], dtype="<f4").tobytes()},
        {**files, WEIGHTS: files[WEIGHTS][:-1]},
        {name: content for name, content in files.items() if name != NEIGHBOURS},
        {**files, "model.json": msgspec.json.encode({"products": ["A"]})},
        {**files, "model.json": files["model.json"].replace(b'"Lamp"]', b'"Lamp","Rug"]')},
    ]
    for broken in odd:
        with pytest.raises(ArtifactIntegrity):
            read_recommender(broken)


def test_dates_must_fit_the_products() -> None:
    """One readable date for each product, or none at all."""
    assert days_before_latest(["A", "B"], ["2026-01-01", "2026-01-03"]) == [2.0, 0.0]
    assert days_before_latest(["A"], None) is None
    with pytest.raises(InvalidFeatures, match="one date for each of 2 products, got 1"):
        days_before_latest(["A", "B"], ["2026-01-01"])
    with pytest.raises(InvalidFeatures, match="ISO 8601"):
        days_before_latest(["A"], ["yesterday"])


def test_products_have_the_names_that_the_training_said(model: Recommender) -> None:
    """A product without name, or one that is not known, has its id for people."""
    assert (model.name_of("A"), model.name_of("C"), model.name_of("X")) == ("Desk", None, None)
    assert (model.title_of("A"), model.title_of("C")) == ("Desk (A)", "C")
    assert read_recommender(write_recommender(model)).names == ("Desk", "Chair", "", "Lamp")


def test_one_product_alone_is_answered_for_whatever_its_place(model: Recommender) -> None:
    """It has the score and parts that it has in the list, also where the account's products say nothing of it."""
    listed = {one.product: one for one in model.recommend(["A"], limit=3)}
    for product in "BCD":
        assert model.recommend(["A"], only=product) == [listed[product]]
    assert [one.product for one in model.recommend([], only="C")] == ["C"]


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ({"current_products": ["X", "Y", "X"]}, "the model does not know any of the 2, such as 'X',"),
        (
            {"current_products": ["X"], "industry": "Retail"},
            "does not know the only one, 'X',.*leave current_products out",
        ),
        ({"current_products": ["A"], "product": "X"}, "does not know 'X'; give the id of one of its 4 products"),
        ({"current_products": ["A"], "product": " A "}, "the account has 'A' already"),
        ({"limit": 0}, "whole number from 1 to 100, got 0"),
    ],
)
def test_what_cannot_be_answered_is_refused(model: Recommender, features: dict[str, object], message: str) -> None:
    """Products of another catalogue than the model's say nothing, also where industry or size are known."""
    with pytest.raises(InvalidFeatures, match=message):
        read_request(model, features)


def test_partly_known_products_are_answered_from_those(model: Recommender) -> None:
    """The others are told once each; spaces around ids do not count."""
    request = read_request(model, {"current_products": [" A ", "X", "X"]})
    assert (request.owned, request.unknown, request.limit) == (("A", "X", "X"), ("X",), 10)
    assert request.ask(model) == model.recommend(["A"])
