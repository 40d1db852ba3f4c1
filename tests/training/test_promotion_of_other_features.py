"""Models of sentiment, forecast and recommendation, too, take the champion's place only where they are better on the same rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from hotcrm_ai import AI, Settings
from hotcrm_ai.local_models.forecast_model import Driver, ForecastModel
from hotcrm_ai.local_models.text_model import TextModel
from hotcrm_ai.training.judged import JudgedAccounts, JudgedSeries, JudgedTexts
from hotcrm_ai.training.promotion_gate import compare_with_champion
from hotcrm_ai.training.recommend import train_recommender
from hotcrm_ai.training.sentiment import train_sentiment

GLAD = ("great help", "lovely food", "superb room", "kind crew", "good price", "fast reply")
SAD = ("awful help", "cold food", "dirty room", "rude crew", "bad price", "slow reply")


def _texts(count: int, *, wrong: float = 0.0, seed: int = 1) -> list[dict[str, str]]:
    """Return messages with their mood; a share ``wrong`` of the labels is turned."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        glad = bool(random.random() < 0.5)
        words = " and ".join(random.choice(GLAD if glad else SAD, size=2))
        said = glad != bool(random.random() < wrong)
        rows.append({"text": f"{words}, order {number} of may", "label": "positive" if said else "negative"})
    return rows


def _purchases(accounts: int, *, seed: int, ordered: bool = True) -> list[dict[str, Any]]:
    """Return accounts that buy the products of a chain one after the other, or any four of them in any order."""
    random = np.random.default_rng(seed)
    rows = []
    for account in range(accounts):
        start = int(random.integers(0, 8))
        chain = [(start + step) % 12 for step in range(4)] if ordered else random.permutation(12)[:4].tolist()
        rows += [
            {"account": f"a{account}", "product": f"p{number}", "date": f"2026-0{month + 1}-10"}
            for month, number in enumerate(chain)
        ]
    return rows


def test_a_sentiment_model_is_compared_on_the_texts_that_it_held_out() -> None:
    """A champion that learned from turned labels loses; the same model again is no better than itself."""
    trained = train_sentiment(_texts(200))
    assert trained.judged is not None
    twin = TextModel.from_json(trained.members["model.json"])
    again = compare_with_champion(trained.judged, twin, champion_id="twin", seed=0)
    misled = TextModel.from_json(train_sentiment(_texts(200, wrong=0.4, seed=2)).members["model.json"])
    better = compare_with_champion(trained.judged, misled, champion_id="misled", seed=0)
    assert again is not None
    assert better is not None
    assert (again.better, abs(again.difference) < 1e-9, again.unit) == (False, True, "texts")
    assert better.better
    assert "'misled' on the same 51 texts" in better.words


def test_a_champion_is_not_blamed_for_moods_that_it_cannot_state() -> None:
    """Neutral texts are left out where the champion knows two moods, and the words say so."""
    two = TextModel.from_json(train_sentiment(_texts(200)).members["model.json"])
    judged = JudgedTexts(["great help", "cold food", "see you"], ["positive", "negative", "neutral"], np.full(3, 0.5))
    duel = compare_with_champion(judged, two, champion_id="two", seed=0)
    assert duel is not None
    assert duel.rows == 2
    assert round(duel.loss, 4) == 0.6931
    assert "left out are texts that are 'neutral'" in duel.words


def test_a_forecast_model_is_compared_by_its_intervals_on_the_same_series() -> None:
    """Intervals that are far too wide cost, and a pipeline that misleads costs, too."""
    random = np.random.default_rng(3)
    requests, came = [], []
    for _ in range(8):
        values = (1000.0 + random.normal(0.0, 30.0, size=48)).tolist()
        requests.append({"historical_revenue": values[:42], "horizon": 6, "pipeline_value": 3000.0})
        came.append(np.array(values[42:]))
    judged = JudgedSeries(requests, came, [30.0] * 8, ForecastModel(period=12))
    wide = compare_with_champion(judged, ForecastModel(period=12, widening=2.0), champion_id="wide", seed=0)
    driven = Driver(feature="pipeline_value", usual=0.0, weight=0.2, fading=1.0)
    misled = compare_with_champion(judged, ForecastModel(period=12, drivers=[driven]), champion_id="misled", seed=0)
    same = compare_with_champion(judged, ForecastModel(period=12), champion_id="same", seed=0)
    assert wide is not None
    assert misled is not None
    assert same is not None
    assert (wide.better, misled.better, same.better) == (True, True, False)
    assert (same.difference, same.unit, same.measure) == (0.0, "series", "interval score")


def test_a_recommender_is_compared_on_the_same_last_baskets() -> None:
    """A champion that saw purchases without order ranks the next step of a chain worse; one of another kind is not compared."""
    trained = train_recommender(_purchases(300, seed=1))
    champion = train_recommender(_purchases(300, seed=2, ordered=False))
    assert trained.judged is not None
    duel = compare_with_champion(trained.judged, _recommender(champion.members), champion_id="old", seed=0)
    assert duel is not None
    assert duel.better
    assert (duel.unit, duel.rows) == ("accounts", 300)
    assert compare_with_champion(trained.judged, ForecastModel(period=12), champion_id="other", seed=0) is None


def test_products_that_the_champion_does_not_know_are_named() -> None:
    """They count against it, since it cannot recommend them, and the words name some."""
    model = _recommender(train_recommender(_purchases(100, seed=1)).members)
    judged = JudgedAccounts([{"owned": ["p1", "p2"]}], [frozenset({"new"})], np.array([1.0]))
    duel = compare_with_champion(judged, model, champion_id="old", seed=0)
    assert duel is not None
    assert (duel.loss, duel.champion_loss) == (0.0, 1.0)
    assert "it does not know products such as 'new'" in duel.words


def test_a_second_training_on_the_same_texts_is_refused_with_the_figures(tmp_path: Path) -> None:
    """The champion stays, and the report says on how many texts and by how much."""
    with AI.open_sync(Settings(home=tmp_path)) as ai:
        first = ai.train("sentiment-analysis", _texts(200), promote=True, model_id="moods")
        again = ai.train("sentiment-analysis", _texts(200), promote=True, model_id="moods")
    assert (first.status, again.status) == ("active", "testing")
    assert again.champion["promoted"] is False
    assert any("not promoted: held-out log loss" in warning for warning in again.warnings)


def _recommender(members: dict[str, bytes]) -> Any:
    from hotcrm_ai.local_models.recommender_file import read_recommender

    return read_recommender(members)
