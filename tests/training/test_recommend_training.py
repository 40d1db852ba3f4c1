"""Training a recommender from purchase rows: settings from the past, figures from last baskets, the same bytes each time."""

from __future__ import annotations

import random
import tracemalloc

import numpy as np
import pytest

from hotcrm_ai import AI, TrainingDataError
from hotcrm_ai.local_models.recommender_file import read_recommender
from hotcrm_ai.training import recommend_weights
from hotcrm_ai.training.recommend import train_recommender
from hotcrm_ai.training.recommend_fit import fit_ranker
from hotcrm_ai.training.recommend_rank import Ranker, Settings, rank
from hotcrm_ai.training.recommend_table import Purchase
from hotcrm_ai.training.recommend_weights import Weights, fit_weights


def _rows(accounts: int = 120) -> list[dict[str, object]]:
    """Two kinds of accounts that buy within their own five of ten products, one product a month."""
    chance = random.Random(4)
    rows: list[dict[str, object]] = []
    for number in range(accounts):
        kind = number % 2
        products = [f"P{5 * kind + at}" for at in range(5)]
        chance.shuffle(products)
        for month, product in enumerate(products[:4], start=1):
            trade = "Retail" if kind else "Energy"
            rows.append(
                {
                    "account": f"A{number}",
                    "product": product,
                    "date": f"2026-{month:02d}-01",
                    "quantity": 1,
                    "industry": trade,
                    "company_size": 20,
                }
            )
    return rows


def test_it_learns_what_belongs_together_and_beats_popularity() -> None:
    """Products of the other kind are never recommended first."""
    trained = train_recommender(_rows())
    metrics, popularity = trained.report.metrics, trained.report.baselines["popularity"]
    assert metrics["ndcg_at_10"] > popularity["ndcg_at_10"] + 0.05
    model = read_recommender(trained.members)
    assert {one.product for one in model.recommend(["P0", "P1"], limit=3)} == {"P2", "P3", "P4"}
    assert {one.product for one in model.recommend([], industry="retail", limit=5)} == {f"P{at}" for at in range(5, 10)}
    assert model.hit_rates[9] >= model.hit_rates[0]


def test_long_numbers_of_accounts_and_products_stay_apart() -> None:
    """A spreadsheet or data frame gives ids of seven digits as 1234567.0; none is rounded to a neighbour's, and no number is no id."""
    rows = [
        {
            **row,
            "account": 1_234_567.0 + int(str(row["account"])[1:]),
            "product": 9_000_001.0 + int(str(row["product"])[1:]),
        }
        for row in _rows()
    ]
    trained = train_recommender([*rows, {**rows[0], "account": float("nan")}])
    assert trained.manifest.origin["accounts"] == 120
    assert read_recommender(trained.members).products[:2] == ("9000001", "9000002")
    assert any("1 of 481 rows have no account" in warning for warning in trained.report.warnings)


def test_a_small_table_is_shrunk_less_than_a_large_one_usually_is() -> None:
    """Ten products whose buyers are clearly of two kinds need no ridge of hundreds."""
    assert train_recommender(_rows()).manifest.extra["settings"]["ridge"] <= 100


def test_large_catalogues_are_fitted_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand: of the two popular products the weights are 1/2 and 2/3, others have cosines times the mean of those."""
    history = {
        "x": (Purchase(0.0, 0), Purchase(1.0, 1), Purchase(2.0, 3)),
        "y": (Purchase(0.0, 0), Purchase(1.0, 1), Purchase(2.0, 3)),
        "z": (Purchase(0.0, 0), Purchase(1.0, 2)),
    }
    dense = fit_weights(history, 4, ridge=1.0, basket_weight=0.0).matrix(4).toarray()
    monkeypatch.setattr(recommend_weights, "DENSE_PRODUCTS", 2)
    monkeypatch.setattr(recommend_weights, "_BLOCK", 3)
    joined = fit_weights(history, 4, ridge=1.0, basket_weight=0.0).matrix(4).toarray()
    assert (joined[0, 1], joined[1, 0]) == (pytest.approx(1 / 2), pytest.approx(2 / 3))
    assert joined[0, 3] == pytest.approx(7 / 12 * 2 / (3 * 2) ** 0.5)
    assert joined[2, 3] == 0.0
    assert dense.diagonal().tolist() == joined.diagonal().tolist() == [0.0] * 4


def test_what_an_account_has_is_never_in_its_list() -> None:
    """Short catalogues end in -1, and equal products come in their order."""
    history = {"x": (Purchase(0.0, 0), Purchase(1.0, 2)), "y": (Purchase(0.0, 1), Purchase(1.0, 3))}
    settings = Settings(ridge=1.0, basket_weight=0.0, decay_days=None, floor=1.0, popularity=0.1)
    lists = rank(fit_ranker(history, 4, settings), history, ["x", "y"], limit=4)
    assert lists.numbers.tolist() == [[1, 3, -1, -1], [0, 2, -1, -1]]


def test_the_same_rows_give_the_same_bundle() -> None:
    """Also in another order of columns."""
    turned = [dict(reversed(row.items())) for row in _rows()]
    assert train_recommender(_rows()).members["model.json"] == train_recommender(turned).members["model.json"]


def test_returns_are_left_out_and_counted() -> None:
    """A quantity of 0 or less is no purchase."""
    rows = _rows()
    rows[0]["quantity"] = -1
    assert any("1 rows with a quantity of 0 or less" in warning for warning in train_recommender(rows).report.warnings)


def test_a_missing_quantity_is_no_return() -> None:
    """Missing is not 0: such a row is a purchase, however many there are, and the report says so."""
    rows = [{**row, "quantity": None} if number % 2 else row for number, row in enumerate(_rows())]
    trained = train_recommender(rows)
    assert trained.report.rows == 480
    assert trained.report.warnings[0] == "240 rows without a quantity were taken for purchases"


def test_what_describes_an_account_need_not_stand_in_its_last_row() -> None:
    """An industry and a size that one row of the account has are known, and an empty cell below takes neither away."""
    rows = [row if "-01-" in str(row["date"]) else {**row, "industry": "", "company_size": None} for row in _rows()]
    assert train_recommender(rows).members["model.json"] == train_recommender(_rows()).members["model.json"]


def test_products_that_the_account_has_are_not_counted_as_offered() -> None:
    """Where fewer than ten are left the list is shorter; a product that everybody has is never offered."""
    rows = [{**row, "product": "P-all", "date": "2025-12-01"} for row in _rows() if str(row["date"]).endswith("01-01")]
    trained = train_recommender(rows + _rows())
    assert trained.report.metrics["coverage_at_10"] == pytest.approx(10 / 11)


def test_many_accounts_are_ranked_in_parts() -> None:
    """Scores of 20,000 accounts by 2,000 products take 320 MB and as much again in order; they are never all in memory."""
    products, accounts = 2_000, 20_000
    known = {f"A{number}": (Purchase(0.0, number % products),) for number in range(accounts)}
    neighbour = (np.arange(products, dtype=np.int32) + 1) % products
    weights = Weights(
        starts=np.arange(products + 1, dtype=np.int64), neighbours=neighbour, values=np.ones(products, dtype=np.float32)
    )
    settings = Settings(ridge=100.0, basket_weight=0.0, decay_days=None, floor=1.0, popularity=0.0)
    ranker = Ranker(weights=weights, settings=settings, popularity=0.0, shares=np.zeros(products))
    tracemalloc.start()
    ranked = rank(ranker, known, list(known), limit=1).numbers
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert ranked[:, 0].tolist() == [(number + 1) % products for number in range(accounts)]
    assert most < 200 * 1024 * 1024


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"account": "A", "item": "P"}], "product"),
        ([{"account": f"A{n}", "product": "P"} for n in range(20)], "are of 1 products"),
        (
            [{"account": f"A{n}", "product": f"P{n % 4}"} for n in range(40)],
            "0 accounts have two products and a later basket",
        ),
        ([{"account": None, "product": "P1"}] * 5 + _rows(20), "rows have no account, product or date"),
    ],
)
def test_tables_that_teach_nothing_are_refused(rows: list[dict[str, object]], message: str) -> None:
    """The message says what is missing."""
    with pytest.raises(TrainingDataError, match=message):
        train_recommender(rows)


def test_names_of_products_are_kept_and_most_rows_decide() -> None:
    """Spaces are set right; of two as frequent names the first by letter; a product that no row names has none."""
    calls: dict[object, list[str]] = {
        "P0": ["Desk", "Old desk", "Desk"],
        "P1": ["Lamp ", "Chair"],
        "P2": ["  Table   lamp"],
    }
    rows = _rows()
    for row in rows:
        waiting = calls.get(row["product"], [])
        row["title"] = waiting.pop(0) if waiting else ""
    model = read_recommender(train_recommender(rows, product_name="title").members)
    assert model.names == ("Desk", "Chair", "Table lamp", *[""] * 7)
    assert read_recommender(train_recommender(rows).members).names == ()


def test_what_the_model_learned_nothing_from_is_never_missing() -> None:
    """Without industry, size and dates in the table only the account's products can be missing; options never are."""
    bare = [{name: row[name] for name in ("account", "product", "date")} for row in _rows()]
    signature = train_recommender(bare).manifest.signature
    assert signature.fit({}).missing[:1] == ("current_products",)
    assert not {"industry", "company_size", "limit", "usage_patterns", "product"} & set(signature.fit({}).missing)
    full = train_recommender(_rows()).manifest.signature
    assert {"industry", "company_size"} <= set(full.fit({"current_products": ["P1"]}).missing)


async def test_a_recommendation_is_explained_by_what_the_account_has(tmp_path: object) -> None:
    """The parts of the owned products add up to the first item's score; limits are checked."""
    from hotcrm_ai import InvalidFeatures, Settings

    async with AI.open(Settings(home=tmp_path)) as ai:  # type: ignore[arg-type]
        features = {"current_products": ["PR-001", "PR-004"], "limit": 3}
        response = await ai.predict("product-recommendation-v1", features)
        assert len(response.prediction["items"]) == 3
        first, last = response.prediction["items"][0], response.prediction["items"][-1]
        assert first["reason"].startswith("because you have Forecast Studio and Pulse CRM Seats")
        assert not any("limit" in note or "usage_patterns" in note for note in response.metadata["warnings"])
        for item, asked in ((first, features), (last, {**features, "product": last["id"]})):
            explanation = await ai.explain("product-recommendation-v1", asked)
            total = explanation.base_value + sum(part.contribution for part in explanation.feature_contributions)
            assert total == pytest.approx(item["score"], abs=1e-9)
            assert explanation.about == f"{item['name']} ({item['id']})"
            assert explanation.explanation.startswith(f"About {item['name']} ({item['id']}):")
            assert "• Has PR-001: Pulse CRM Seats (impact: +" in explanation.explanation
        alone = await ai.predict("product-recommendation-v1", {**features, "product": last["id"]})
        assert (alone.prediction["items"], alone.confidence) == ([last], None)
        with pytest.raises(InvalidFeatures, match="whole number from 1 to 100"):
            await ai.predict("product-recommendation-v1", {"limit": 101})
