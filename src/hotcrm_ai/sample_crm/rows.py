"""The form in which the rows of the sample CRM travel: one mapping of column name to value for each record."""

from collections.abc import Sequence
from datetime import date
from typing import TypeAlias

from hotcrm_ai.sample_crm.streams import Stream

Row: TypeAlias = dict[str, object]
"""One record of a table."""


def rows_from(columns: dict[str, Sequence[object]]) -> list[Row]:
    """Return one row for each place of the columns, which are all equally long."""
    names = tuple(columns)
    return [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def record_ids(prefix: str, count: int, *, digits: int) -> list[str]:
    """Return ids such as `LD-000001`, counted from 1."""
    return [f"{prefix}-{number:0{digits}d}" for number in range(1, count + 1)]


def leave_out(values: Sequence[object], share: float, *, seed: int, column: str) -> list[object]:
    """Return the values with the given share of them, from 0 to 1, left out at random."""
    gone = Stream(seed, f"{column}.missing").chance(share, len(values)).tolist()
    return [None if absent else value for value, absent in zip(values, gone, strict=True)]


def date_in(row: Row, column: str) -> date:
    """Return the date that a column of the row holds; raises `TypeError` where it holds none."""
    found = row[column]
    if not isinstance(found, date):
        raise TypeError(f"The column {column!r} of the record {row.get('id')!r} holds no date, but {found!r}.")
    return found
