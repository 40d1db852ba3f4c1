"""The rules of the target: which values mean success, which records are open, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.training.reading import read_table
from hotcrm_ai.training.target import Target, find_target


def read_target(values: list[Any], **options: Any) -> Target:
    """Read a target column called ``stage``."""
    return find_target(read_table([{"stage": value, "x": 1} for value in values]), "stage", **options)


@pytest.mark.parametrize(
    ("won", "lost"),
    [
        ("yes", "No"),
        ("TRUE", "false"),
        ("1", "0"),
        (1, 0),
        (1.0, 0.0),
        (True, False),
        ("Won", "Lost"),
        ("Ja", "nein"),
        ("oui", "non"),
        ("Sí", "no"),
        ("Converted", "open-ended"),
    ],
)
def test_usual_words_for_success_are_understood(won: Any, lost: Any) -> None:
    """Spelling, case and type of the outcome do not matter; one known word gives the other value its meaning."""
    target = read_target([won, lost] * 10)
    assert target.outcomes.tolist() == [1, 0] * 10


@pytest.mark.parametrize(
    ("left", "stayed"),
    [
        ("lost", "active"),
        ("Churned", "Retained"),
        ("left", "renewed"),
        ("Cancelled", "current"),
        ("inactive", "active"),
        ("yes", "no"),
        (1, 0),
        (True, False),
        ("lost", "with us"),
    ],
)
def test_of_churn_positive_is_who_left(left: Any, stayed: Any) -> None:
    """Words that say of a customer the opposite of what they say of a deal are read as those of a customer."""
    target = read_target([left, stayed] * 10, of_churn=True)
    assert target.outcomes.tolist() == [1, 0] * 10
    assert read_target([left, stayed] * 10, of_churn=True, positive=str(stayed)).outcomes.tolist() == [0, 1] * 10


def test_an_open_record_is_no_opposite_of_a_lost_one() -> None:
    """Of deals, active or new beside lost are not won: which value is success must be said."""
    for value in ("active", "Open", "new"):
        with pytest.raises(TrainingDataError, match="does not say what was won and what was lost"):
            read_target(["lost", value] * 10)
    with pytest.raises(
        TrainingDataError, match=r"does not say who left and who stayed.*that the customer left with --positive"
    ):
        read_target(["red", "blue"] * 10, of_churn=True)


def test_spellings_of_one_outcome_are_put_together() -> None:
    """yes, Yes, true and 1 in one column are the same outcome."""
    assert read_target(["yes", "NO", "Yes", "0", "1", "false"] * 4).outcomes.tolist() == [1, 0, 1, 0, 1, 0] * 4


def test_rows_without_outcome_are_open_records_and_counted() -> None:
    """An empty outcome is an open record, left out with a count."""
    target = read_target(["won", "lost", "", None] * 10)
    assert (target.closed.tolist()[:4], target.open_rows.tolist()[:2]) == ([0, 1, 4, 5], [2, 3])
    assert target.warnings == ("20 of 40 rows have no outcome yet; they were left out as open records",)


def test_named_values_make_all_others_open() -> None:
    """With the two outcomes named, the stages in between are open."""
    target = read_target(["Won", "Lost", "Engaging"] * 10, positive="won", negative="Lost")
    assert (target.outcomes.sum(), len(target.closed), len(target.open_rows)) == (10, 20, 10)
    assert (target.positive, target.negative) == ("Won", "Lost")


def test_one_named_value_makes_its_known_opposite_or_else_all_others_the_failure() -> None:
    """``positive`` alone is enough; what happened to the other values is said."""
    staged = read_target(["Won", "Lost", "Engaging"] * 10, positive="Won")
    assert (len(staged.closed), len(staged.open_rows)) == (20, 10)
    bought = read_target(["Gold", "Silver", "Left"] * 10, positive="Gold")
    assert (bought.outcomes.sum(), len(bought.closed)) == (10, 30)
    assert bought.warnings == (
        "every other value of the target was read as the opposite of 'Gold': 'Left' (10 rows), 'Silver' (10 rows)",
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            ["Won", "Lost", "Engaging"] * 10,
            "its values are 'Engaging' \\(10 rows\\), 'Lost' \\(10 rows\\), 'Won' \\(10 rows\\)",
        ),
        (["red", "blue"] * 10, "Name the value that means success with --positive"),
        (["1", "2", "3"] * 10, "--positive VALUE"),
        (["yes"] * 20, "only one outcome \\('yes', 20 rows\\)"),
        (["yes"] * 20 + ["no"] * 3, "20 positive and 3 negative records; at least 8 of each"),
        (["yes"], "only one outcome"),
        ([""] * 20, "only one outcome \\(none, 0 rows\\)"),
    ],
)
def test_a_target_that_is_not_two_outcomes_is_refused_with_its_values(values: list[str], message: str) -> None:
    """The error lists values and counts, and says which option helps."""
    with pytest.raises(TrainingDataError, match=message):
        read_target(values)


def test_a_few_odd_outcomes_are_left_out_with_a_count_and_many_are_refused() -> None:
    """Up to one per cent of rows may have an outcome that is neither."""
    target = read_target(["yes", "no"] * 100 + ["maybe"])
    assert target.unusable == 1
    assert "'maybe' (1 rows)" in target.warnings[0]
    with pytest.raises(TrainingDataError, match="'maybe'"):
        read_target(["yes", "no"] * 20 + ["maybe"])
    assert read_target(["yes", "no"] * 20 + ["maybe"], allow_bad_rows=True).unusable == 1


def test_an_unknown_column_or_value_names_what_there_is() -> None:
    """A typing error is met with the nearest name."""
    with pytest.raises(TrainingDataError, match="no column 'Stge'; did you mean 'stage'"):
        find_target(read_table([{"stage": 1}]), "Stge")
    with pytest.raises(TrainingDataError, match="No row has 'Gewonnen' in the target column 'stage'"):
        read_target(["Won", "Lost"] * 10, positive="Gewonnen")
