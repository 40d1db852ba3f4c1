"""The rules of parting rows, of bands, and of the curves that a report shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.training.bands import choose_bands
from hotcrm_ai.training.curves import gains_curve, reliability_groups, wilson_interval
from hotcrm_ai.training.split import split_rows
from hotcrm_ai.training.typed_table import TypedColumn

OUTCOMES = np.array([1, 0, 0, 0] * 50, dtype=np.int8)


def days(numbers: list[int]) -> TypedColumn:
    """Return a date column of these days."""
    first = datetime(2026, 1, 1, tzinfo=UTC)
    return TypedColumn(name="created", type="date", cells=[first + timedelta(days=number) for number in numbers])


def test_the_newest_quarter_is_held_out() -> None:
    """By time the model is measured on rows that are newer than all it learned from."""
    split = split_rows(OUTCOMES, time=days(list(range(199, -1, -1))), seed=0)
    assert (split.kind, split.held_out.tolist()) == ("time", list(range(50)))
    assert split.description == "by time: the newest 25 % of the rows by 'created' (from 2026-05-31) were held out"


def test_rows_of_one_moment_stay_together() -> None:
    """No time stands on both sides of the split."""
    split = split_rows(OUTCOMES, time=days([row // 60 for row in range(200)]), seed=0)
    assert split.held_out.tolist() == list(range(180, 200)) or split.held_out.tolist() == list(range(120, 200))


def test_without_time_each_outcome_gives_a_quarter_and_the_seed_decides() -> None:
    """The random split is stratified, repeatable, and another one under another seed."""
    split = split_rows(OUTCOMES, time=None, seed=3)
    assert (len(split.held_out), int(OUTCOMES[split.held_out].sum())) == (50, 12)
    assert not set(split.training.tolist()) & set(split.held_out.tolist())
    assert split.held_out.tolist() == split_rows(OUTCOMES, time=None, seed=3).held_out.tolist()
    assert split.held_out.tolist() != split_rows(OUTCOMES, time=None, seed=4).held_out.tolist()


def test_a_time_that_cannot_part_the_rows_falls_back_and_says_so() -> None:
    """All rows of one day cannot be parted by it; a column of texts is refused."""
    split = split_rows(OUTCOMES, time=days([0] * 200), seed=0, asked=True)
    assert split.kind == "stratified"
    assert "the split is stratified" in split.warnings[0]
    texts = TypedColumn(name="when", type="category", cells=["soon"] * 200)
    with pytest.raises(TrainingDataError, match="'when' holds neither dates nor numbers"):
        split_rows(OUTCOMES, time=texts, seed=0, asked=True)


@pytest.mark.parametrize("base", [0.01, 0.2, 0.5, 0.9])
def test_bands_fit_any_base_rate(base: float) -> None:
    """Warm begins at the base rate; hot is at most the best fifth and at least twice the odds of an average record."""
    outcomes = (np.arange(1000) < 1000 * base).astype(np.int8)
    sharp = np.linspace(0.001, 0.999, 1000)
    bands = choose_bands(sharp, outcomes)
    assert bands["warm"] == base
    assert bands["hot"] >= 2 * base / (1 + base) - 1e-4
    assert (sharp >= bands["hot"]).mean() <= 0.201


def test_without_signal_nothing_is_hot() -> None:
    """A model that only knows the base rate calls no record hot."""
    outcomes = (np.arange(1000) < 300).astype(np.int8)
    bands = choose_bands(np.full(1000, 0.3), outcomes, names=("high", "medium"))
    assert bands == {"high": 0.4615, "medium": 0.3}


def test_records_that_share_a_score_are_not_left_out_by_rounding() -> None:
    """A fifth of all records has the score 0.75006: the class of the best fifth holds them, and the middle one those at the base rate."""
    outcomes = (np.arange(1500) < 250).astype(np.int8)
    scores = np.where(np.arange(1500) < 301, 0.75006, 1 / 6)
    bands = choose_bands(scores, outcomes)
    assert bands == {"hot": 0.75, "warm": 0.1666}
    assert int((scores >= bands["hot"]).sum()) == 301
    assert int((scores >= bands["warm"]).sum()) == 1500


def test_reliability_groups_hold_all_rows_with_their_rates() -> None:
    """Each group says how many rows, what was predicted and what came; Wilson's interval is the textbook one."""
    probabilities = np.array([0.1] * 50 + [0.8] * 50)
    outcomes = np.array([1] * 5 + [0] * 45 + [1] * 40 + [0] * 10, dtype=np.int8)
    low, high = reliability_groups(probabilities, outcomes)
    assert (low["rows"], low["observed"], high["rows"], high["observed"]) == (50.0, 0.1, 50.0, 0.8)
    assert high["predicted"] == pytest.approx(0.8)
    assert wilson_interval(5, 50) == pytest.approx((0.04348, 0.21360), abs=1e-4)


def test_gains_say_which_share_of_positives_the_best_rows_hold() -> None:
    """Perfect scores reach all positives early; equal scores reach them evenly."""
    outcomes = np.array([1] * 20 + [0] * 80, dtype=np.int8)
    perfect = gains_curve(np.linspace(1, 0, 100), outcomes)
    assert perfect[3] == pytest.approx({"share": 0.2, "captured": 1.0, "lift": 5.0})
    assert gains_curve(np.full(100, 0.2), outcomes)[3] == pytest.approx({"share": 0.2, "captured": 0.2, "lift": 1.0})
