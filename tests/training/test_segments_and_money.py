"""The report tells quality segment by segment and worth in money, and says where there is too little to tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hotcrm_ai import AI, Settings
from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.training.money import money_quality, money_warnings
from hotcrm_ai.training.recipe import train_classifier
from hotcrm_ai.training.report_files import write_report
from hotcrm_ai.training.segments import segment_quality, segment_warnings
from hotcrm_ai.training.typed_table import TypedColumn


def _deals(count: int) -> list[dict[str, Any]]:
    """Return closed deals whose chance follows ``calls`` and whose amounts are lognormal; one in twenty has none."""
    random = np.random.default_rng(8)
    found = []
    for _ in range(count):
        calls, lacking = float(random.normal()), random.random() < 0.05
        found.append(
            {
                "calls": round(calls, 4),
                "region": str(random.choice(["North", "north ", "South"])),
                "amount": None if lacking else round(float(random.lognormal(8, 1)), 2),
                "won": int(random.random() < 1 / (1 + np.exp(-1.5 * calls))),
            }
        )
    return found


def test_segments_are_counted_by_hand() -> None:
    """Spellings of one value are one segment, the missing ones come last, and few outcomes have no AUC."""
    cells = ["North", "north ", "North", "South", "South", None] * 20
    outcomes = np.array([1, 0, 1, 0, 1, 0] * 20, dtype=np.int8)
    stated = np.where(outcomes == 1, 0.8, 0.3)
    column = TypedColumn(name="region", type="category", cells=cells)
    north, south, missing = segment_quality(column, stated, outcomes, seed=0)
    assert (north["segment"], north["rows"], north["positives"]) == ("North", 60, 40)
    assert north["observed"] == pytest.approx(2 / 3)
    assert north["predicted"] == pytest.approx((2 * 0.8 + 0.3) / 3)
    assert north["metrics"]["roc_auc"] == 1.0
    assert (south["segment"], south["rows"], south["few"]) == ("South", 40, False)
    assert (missing["segment"], missing["positives"], missing["few"]) == ("(missing)", 0, True)
    assert "metrics" not in missing


def test_numbers_are_parted_into_quarters() -> None:
    """Forty different numbers make four segments of ten rows each, named by their ends."""
    column = TypedColumn(name="size", type="number", cells=np.arange(1.0, 41.0))
    outcomes = np.array([0, 1] * 20, dtype=np.int8)
    segments = segment_quality(column, np.full(40, 0.5), outcomes, seed=0)
    assert sorted((segment["segment"], segment["rows"]) for segment in segments) == [
        ("1 to 10", 10),
        ("11 to 20", 10),
        ("21 to 30", 10),
        ("31 to 40", 10),
    ]
    assert all(segment["few"] for segment in segments)


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        ([1_000_001.0, 1_000_002.0], ["1000001", "1000002"]),
        ([0.1234567, 0.1234568], ["0.1234567", "0.1234568"]),
        (
            list(range(1_000_001, 1_000_041)),
            ["1000001 to 1000010", "1000011 to 1000020", "1000021 to 1000030", "1000031 to 1000040"],
        ),
    ],
)
def test_long_numbers_are_segments_of_their_own(cells: list[float], names: list[str]) -> None:
    """Two ids of seven digits are two segments, each with all its digits."""
    column = TypedColumn(name="region", type="number", cells=np.array(cells, dtype=np.float64))
    outcomes = (np.arange(len(cells)) % 2).astype(np.int8)
    segments = segment_quality(column, np.full(len(cells), 0.5), outcomes, seed=0)
    assert sorted(segment["segment"] for segment in segments) == names


def test_a_segment_that_is_promised_too_much_is_named_and_chance_is_not() -> None:
    """Of 400 rows 60 % promised and 40 % true is no chance; 52 % instead of 50 % of 100 rows is."""
    cells = ["bad"] * 400 + ["fine"] * 100
    outcomes = np.array([1] * 160 + [0] * 240 + [1] * 50 + [0] * 50, dtype=np.int8)
    stated = np.array([0.6] * 400 + [0.52] * 100)
    segments = segment_quality(TypedColumn(name="region", type="category", cells=cells), stated, outcomes, seed=0)
    assert segment_warnings(segments, "region") == (
        "where region is 'bad', probabilities are too high: 60.0 % promised, 40.0 % came true of 400 held-out rows",
    )


def test_money_is_counted_by_hand() -> None:
    """Four records: 100 of 130 won lies in the record of highest expected value, which is not the likeliest."""
    values = np.array([1000.0, 20.0, 10.0, np.nan, 100.0] * 4)
    stated = np.array([0.1, 0.9, 0.8, 0.9, 0.5] * 4)
    outcomes = np.array([0, 1, 1, 1, 1] * 4, dtype=np.int8)
    found = money_quality("amount", values, stated, outcomes, seed=0)
    assert (found["rows"], found["withoutValue"]) == (16, 4)
    assert found["expected"] == pytest.approx(4 * (100 + 18 + 8 + 50))
    assert found["won"] == 4 * 130.0
    half = found["gains"][9]
    assert half["share"] == 0.5
    assert half["byExpectedValue"] == pytest.approx(100 / 130)
    assert half["byProbability"] == pytest.approx(30 / 130)
    assert any("4 held-out rows have no amount" in warning for warning in money_warnings(found))


def test_a_promise_that_does_not_hold_in_money_is_said() -> None:
    """Two hundred records of 100 at one half promise about 10,000; 20 won are 2,000, far less."""
    outcomes = np.array([1] * 20 + [0] * 180, dtype=np.int8)
    found = money_quality("amount", np.full(200, 100.0), np.full(200, 0.5), outcomes, seed=0)
    assert any("brought less money than promised: 2,000" in warning for warning in money_warnings(found))


def test_a_run_tells_segments_and_money_and_its_answers_what_a_record_is_worth(tmp_path: Path) -> None:
    """From records to report, pictures and answers; without a value there is no worth, and the record is answered all the same."""
    with AI.open_sync(Settings(home=tmp_path / "home")) as ai:
        report = ai.train(
            "opportunity-scoring",
            _deals(900),
            target="won",
            model_id="deals",
            keep=("calls",),
            monotone={"calls": "+"},
            segment="region",
            value="amount",
            promote=True,
        )
        rich = ai.predict("deals", {"calls": 1.0, "region": "North", "amount": 1000.0}).prediction
        unknown = ai.predict("deals", {"calls": 1.0, "region": "North"}).prediction
    assert rich["worth"] == pytest.approx(1000.0 * rich["probability"])
    assert unknown["worth"] is None
    assert [segment["segment"] for segment in report.segments] == ["North", "South"]
    assert report.money["column"] == "amount"
    assert report.money["gain"]["lower"] > 0.0
    written = write_report(report, tmp_path / "report")
    text = (tmp_path / "report" / "report.md").read_text(encoding="utf-8")
    assert "How well does it do for each region?" in text
    assert "What is it worth in money?" in text
    assert "calls only raises the probability" in text
    assert {"confusion", "money"} <= set(written.files)


def test_a_value_that_is_known_only_afterwards_is_refused() -> None:
    """An amount that is zero for every lost record gives the outcome away, so it cannot be what an open one is worth."""
    rows = [{**deal, "amount": 500.0 + at if deal["won"] else 0.0} for at, deal in enumerate(_deals(300))]
    with pytest.raises(TrainingDataError, match="'amount' cannot be the value: it was kept out because it"):
        train_classifier(rows, feature_name="opportunity-scoring", target="won", keep=("calls",), value="amount")


def test_values_below_zero_and_words_are_refused() -> None:
    """Expected values need amounts of 0 or more."""
    rows = [{**deal, "amount": -1.0} if at == 3 else deal for at, deal in enumerate(_deals(300))]
    with pytest.raises(TrainingDataError, match="holds -1"):
        train_classifier(rows, feature_name="opportunity-scoring", target="won", keep=("calls",), value="amount")
    with pytest.raises(TrainingDataError, match="it is a category"):
        train_classifier(rows, feature_name="opportunity-scoring", target="won", keep=("calls",), value="region")
