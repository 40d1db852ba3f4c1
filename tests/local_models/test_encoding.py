"""Encoders give every value a place and fail on none."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest

from hotcrm_ai.local_models.encoding import (
    CategoryEncoding,
    ConstantEncoding,
    DateEncoding,
    NumberEncoding,
    TextEncoding,
    encode_column,
)

INDUSTRY = CategoryEncoding(
    keys=("retail", "bank", "farm"), indicators=2, rare=True, missing=True, rates=(0.1, 0.2, 0.3, 0.4, 0.5)
)


@pytest.mark.parametrize(
    ("value", "columns"),
    [
        ("Retail", (1.0, 0.0, 0.0, 0.0, 0.1)),
        ("  BANK ", (0.0, 1.0, 0.0, 0.0, 0.2)),
        ("farm", (0.0, 0.0, 1.0, 0.0, 0.3)),
        ("never seen", (0.0, 0.0, 1.0, 0.0, 0.4)),
        (None, (0.0, 0.0, 0.0, 1.0, 0.5)),
        ("", (0.0, 0.0, 0.0, 1.0, 0.5)),
        (7, (0.0, 0.0, 0.0, 1.0, 0.5)),
    ],
)
def test_category_columns(value, columns):
    """Frequent values have an indicator, others share one, and what is no text is missing; case and blanks do not matter."""
    assert INDUSTRY.row(value) == columns


@pytest.mark.parametrize("value", [None, "12", float("nan"), float("inf"), 10**400, [], {}])
def test_unusable_number_is_missing(value):
    """Only finite numbers count as numbers."""
    assert math.isnan(NumberEncoding().row(value)[0])


@pytest.mark.parametrize(
    ("value", "number"), [(0, 0.0), (-2.5, -2.5), (True, 1.0), (False, 0.0), (np.float32(0.5), 0.5)]
)
def test_numbers_and_booleans_keep_their_value(value, number):
    """Zero and false are values."""
    assert NumberEncoding().row(value) == (number,)


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 3, 31, 22, 30, tzinfo=UTC),
        datetime(2026, 3, 31, 22, 30),  # noqa: DTZ001 - a moment without a zone counts as UTC
        datetime(2026, 4, 1, 0, 30, tzinfo=timezone(timedelta(hours=2))),
        "2026-03-31T22:30:00+00:00",
    ],
)
def test_date_parts_are_those_of_the_moment_in_utc(value):
    """The same moment gives the same parts however it is written; 31 March 2026 was a Tuesday."""
    assert DateEncoding(parts=("weekday", "month", "day", "hour")).row(value) == (1.0, 3.0, 31.0, 22.0)


def test_date_without_time_and_unreadable_date():
    """A plain date starts at midnight; text that is no date, or one before the first day in UTC, is missing."""
    encoding = DateEncoding(parts=("day", "hour"))
    assert encoding.row(date(2026, 3, 31)) == (31.0, 0.0)
    assert all(math.isnan(part) for part in encoding.row("soon"))
    assert all(math.isnan(part) for part in encoding.row("0001-01-01T00:00:00+14:00"))


def test_text_columns_match_words_not_parts_of_words():
    """Words are matched whole and without case; a missing text has no words but a missing length."""
    encoding = TextEncoding(tokens=("director", "cto"))
    assert encoding.row("CTO, acting") == (0.0, 1.0, 2.0)
    assert encoding.row("Director") == (1.0, 0.0, 1.0)
    assert encoding.row(None)[:2] == (0.0, 0.0)
    assert math.isnan(encoding.row("  ")[2])


@pytest.mark.parametrize(
    "encoding", [INDUSTRY, NumberEncoding(), DateEncoding(parts=("month",)), TextEncoding(tokens=("a",))]
)
def test_column_of_values_encodes_as_each_value(encoding):
    """Encoding many values at once gives the rows of encoding each."""
    values = ["retail", None, 3.0, "2026-01-05", "a b", True, "retail"]
    assert np.array_equal(encode_column(encoding, values), np.array([encoding.row(v) for v in values]), equal_nan=True)


def test_no_rows_and_no_columns_have_their_shapes():
    """Empty input and features without columns encode to matrices without rows or columns."""
    assert encode_column(INDUSTRY, []).shape == (0, 5)
    assert encode_column(ConstantEncoding(), [1, 2]).shape == (2, 0)
