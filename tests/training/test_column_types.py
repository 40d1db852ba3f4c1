"""The rules of types: what a column of texts is, decided for the whole column, with every doubt said."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.domain.written_numbers import read_number
from hotcrm_ai.training.infer_types import infer_types
from hotcrm_ai.training.reading import read_table
from hotcrm_ai.training.typed_table import TypedColumn, TypedTable


def type_cells(cells: list[Any], **options: Any) -> TypedTable:
    """Type one column called ``x``."""
    return infer_types(read_table([{"x": cell} for cell in cells]), **options)


def typed_column(cells: list[Any], **options: Any) -> TypedColumn:
    """Type one column and return it."""
    return type_cells(cells, **options).columns["x"]


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["1", "-2.5", "+3e2", ".5"], [1.0, -2.5, 300.0, 0.5]),
        (["1,234", "12,345,678.9", "5"], [1234.0, 12345678.9, 5.0]),
        (["$1,200.50", "$ 3", "-$4"], [1200.5, 3.0, -4.0]),
        (["12 %", "7.5%"], [12.0, 7.5]),
        (["1.234,50 €", "12,3 €"], [1234.5, 12.3]),
        (["1 234", "56\u00a0789,5"], [1234.0, 56789.5]),
        (["1'234.5", "2"], [1234.5, 2.0]),
        (["3,5", "4,25"], [3.5, 4.25]),
        (["(1,234.50)", "$ 3", "($ 4)", "(0)"], [-1234.5, 3.0, -4.0, 0.0]),
    ],
)
def test_numbers_are_read_as_people_write_them(texts: list[str], numbers: list[float]) -> None:
    """Thousands separators, currency and percent signs are taken off; the decimal sign is that of the whole column."""
    column = typed_column(texts)
    assert (column.type, column.cells.tolist()) == ("number", numbers)


@pytest.mark.parametrize("text", ["(-4)", "((4))", "()", "(4", "4)", "-(4)", "(n/a)"])
def test_brackets_that_are_no_accountants_minus_are_no_number(text: str) -> None:
    """A number in brackets is negative; anything else in brackets says nothing."""
    assert read_number(text, ".") is None


@pytest.mark.parametrize("texts", [["00123", "04155"], ["1234567890123456789", "1234567890123456780"]])
def test_codes_of_digits_stay_categories(texts: list[str]) -> None:
    """A postcode with a leading zero and a number too long for a float are names, not quantities."""
    assert typed_column(texts).type == "category"


def test_only_true_and_false_are_boolean() -> None:
    """Yes and No stay a category, 0 and 1 stay numbers."""
    assert typed_column(["true", "FALSE", "", "True"]).cells == [True, False, None, True]
    assert typed_column([True, None, False]).cells == [True, None, False]
    assert typed_column(["Yes", "No"]).type == "category"
    assert typed_column(["0", "1"]).type == "number"


def test_a_number_in_a_record_is_no_truth_value() -> None:
    """True, 1 and "1" in one column do not become each other silently."""
    assert typed_column([1, 0, 1]).type == "number"
    assert typed_column([True, 1, "b"]).cells == ["true", "1", "b"]


@pytest.mark.parametrize("word", ["", "  ", "NA", "n/a", "NULL", "None", "nan", "-", "#N/A", "#DIV/0!", "#NV"])
def test_words_for_no_value_are_missing(word: str) -> None:
    """The usual words for "no value" are missing, and missing is not zero."""
    column = typed_column(["1", word, "3"])
    assert column.missing.tolist() == [False, True, False]


@pytest.mark.parametrize("prompt", ["Select", "-- Select --", "Please choose one", "Select an option", "--None--"])
def test_a_forms_prompt_is_missing_and_the_reader_says_so(prompt: str) -> None:
    """A prompt that nobody touched is no category; values that only contain the word are."""
    table = type_cells(["Mumbai", prompt, "Selected Partners", "Thane"])
    assert table.columns["x"].cells == ["Mumbai", None, "Selected Partners", "Thane"]
    assert table.warnings == (f"x: {prompt!r} is a form's prompt, not a value; it was read as missing",)


def test_further_words_for_no_value_can_be_named() -> None:
    """``missing_values`` adds to the usual words, whatever their case."""
    assert typed_column(["a", "Unknown", "b"], missing_values=["unknown"]).cells == ["a", None, "b"]


def test_dates_of_several_clear_formats_are_read_in_one_column() -> None:
    """ISO, dotted, named and slashed dates with a day above 12 each say which day they mean."""
    column = typed_column(["2026-03-04", "31.12.2025", "Mar 5, 2026", "13/02/2026", "2026-01-02T03:04:05+02:00", None])
    assert column.type == "date"
    assert column.cells == [
        datetime(2026, 3, 4, tzinfo=UTC),
        datetime(2025, 12, 31, tzinfo=UTC),
        datetime(2026, 3, 5, tzinfo=UTC),
        datetime(2026, 2, 13, tzinfo=UTC),
        datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC),
        None,
    ]


def test_one_clear_slashed_date_decides_for_the_column() -> None:
    """A month cannot be 25, so the other dates of that column are month first too."""
    column = typed_column(["3/4/2026", "12/25/2025"])
    assert column.cells == [datetime(2026, 3, 4, tzinfo=UTC), datetime(2025, 12, 25, tzinfo=UTC)]


@pytest.mark.parametrize("texts", [["3/4/2026", "5/6/2026"], ["13/4/2026", "4/13/2026"]])
def test_unclear_dates_are_kept_as_categories_with_a_warning(texts: list[str]) -> None:
    """Day and month are never guessed."""
    table = type_cells(texts)
    assert table.columns["x"].type == "category"
    assert "day and month cannot be told apart" in table.warnings[0]


def test_values_with_types_of_their_own_keep_them() -> None:
    """Dates, decimals and whole numbers of a query need no guessing."""
    assert typed_column([date(2026, 1, 2), None]).cells == [datetime(2026, 1, 2, tzinfo=UTC), None]
    assert typed_column([Decimal("1.5"), 2]).cells.tolist() == [1.5, 2.0]
    assert typed_column([float("nan"), float("inf"), 1.0]).missing.tolist() == [True, True, False]


def test_long_texts_that_hardly_repeat_are_free_text() -> None:
    """Sentences are text; a few long labels are categories."""
    assert typed_column([f"Call number {at} about the renewal of the contract" for at in range(200)]).type == "text"
    assert typed_column(["Landing Page Submission Form", "Lead Add Form On Site"] * 100).type == "category"


def test_a_few_dirty_cells_are_missing_with_their_line_and_many_are_refused() -> None:
    """Up to one per cent of odd cells in a column of numbers is tolerated and said; more needs a decision."""
    table = type_cells([*[str(at) for at in range(400)], "soon"])
    assert table.columns["x"].type == "number"
    assert table.warnings == (
        "x: 1 of 401 cells are no number (first: 'soon' in record 401); they were read as missing",
    )
    dirty = [*[str(at) for at in range(95)], *["soon"] * 5]
    with pytest.raises(TrainingDataError, match="record 96, column 'x': 5 of 100 cells are no number"):
        type_cells(dirty)
    assert typed_column(dirty, allow_bad_cells=True).missing.sum() == 5
    assert typed_column(dirty, missing_values=["soon"]).type == "number"


def test_empty_and_constant_columns_are_dropped_with_the_reason() -> None:
    """A column that says nothing is named, not silently kept; a constant with gaps still tells filled from empty."""
    rows = [{"none": "", "same": "No", "gaps": at or None, "lists": [at], "x": at} for at in (0, 1, 1)]
    table = infer_types(read_table(rows))
    assert table.dropped == {
        "none": "has no value in any row",
        "same": "has the same value 'No' in every row",
        "lists": "holds lists, objects or bytes, which this kind of model does not take",
    }
    assert list(table.columns) == ["gaps", "x"]


def test_the_signature_knows_ranges_and_the_most_frequent_categories() -> None:
    """Ranges are those seen, categories come most frequent first and are capped."""
    assert (typed_column(["3", "", "-1"]).spec().minimum, typed_column(["3", "", "-1"]).spec().maximum) == (-1.0, 3.0)
    assert typed_column(["b", "a", "b", "c", "a", "b"]).spec().categories == ("b", "a", "c")
    assert len(typed_column([f"v{at}" for at in range(500)]).spec().categories) == 200
