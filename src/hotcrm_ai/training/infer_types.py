"""Finds the type of each column from its cells, and says where it had to decide."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec
import numpy as np

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.domain.limits import MAX_NAME_CHARACTERS
from hotcrm_ai.domain.missing_values import is_missing_word
from hotcrm_ai.domain.written_numbers import is_code, read_numbers, written_number
from hotcrm_ai.training.cell_dates import day_order, looks_like_date, read_date
from hotcrm_ai.training.cell_missing import find_placeholders
from hotcrm_ai.training.raw_table import RawTable
from hotcrm_ai.training.typed_table import DECIMAL_COMMA, TypedColumn, TypedTable

TOLERATED_SHARE: Final = 0.01
"""Share of cells that may not fit the type of their column; they count as missing, with a warning."""
_DIRTY_SHARE: Final = 0.10
_TEXT_WORDS: Final = 3.0
_TEXT_CHARACTERS: Final = 18.0
_TEXT_DISTINCT: Final = 100
_MISSING_TEXTS_KEPT: Final = 20
_DIGIT: Final = re.compile(r"\d")


class _Typed(msgspec.Struct, frozen=True, kw_only=True):
    column: TypedColumn | None
    dropped: str = ""
    warnings: tuple[str, ...] = ()


class _Cells(msgspec.Struct, frozen=True, kw_only=True):
    """The cells of one text column with what messages need."""

    name: str
    texts: list[str | None]
    counts: Counter[str]
    table: RawTable
    allow_bad: bool

    def first_line(self, wanted: Callable[[str], bool]) -> tuple[str, int]:
        """Return the first cell that is wanted and its line."""
        odd = {text for text in self.counts if wanted(text)}
        position = next(position for position, text in enumerate(self.texts) if text in odd)
        return str(self.texts[position]), self.table.lines[position]


def infer_types(table: RawTable, *, missing_values: Collection[str] = (), allow_bad_cells: bool = False) -> TypedTable:
    """Type every column of the table.

    ``missing_values`` are further texts that mean "no value". With ``allow_bad_cells`` a column of numbers or dates may hold more
    than 1 % of cells that are none.

    Raises:
        TrainingDataError: a column of numbers or dates holds too many other cells, or a name is too long.
    """
    columns: dict[str, TypedColumn] = {}
    dropped: dict[str, str] = {}
    warnings: list[str] = []
    extra = frozenset(value.strip().casefold() for value in missing_values)
    for name, raw in table.columns.items():
        if len(name) > MAX_NAME_CHARACTERS:
            raise TrainingDataError(
                f"{table.source}: the column name {name[:40]!r}… is longer than {MAX_NAME_CHARACTERS} characters; shorten it."
            )
        typed = _type_column(name, raw, table=table, extra_missing=extra, allow_bad=allow_bad_cells)
        warnings += typed.warnings
        reason = typed.dropped or (_emptiness(typed.column) if typed.column else "")
        if reason or typed.column is None:
            dropped[name] = reason
        else:
            columns[name] = typed.column
    for column in _with_the_tables_comma(table, columns, extra_missing=extra):
        columns[column.name] = column
        warnings.append(
            f"{column.name}: was read with decimal commas (1.500 is 1500, and 1,5 is 1.5), as other columns of the table have them"
        )
    return TypedTable(columns=columns, row_count=table.row_count, dropped=dropped, warnings=tuple(warnings))


def _with_the_tables_comma(
    table: RawTable, columns: Mapping[str, TypedColumn], *, extra_missing: Collection[str]
) -> list[TypedColumn]:
    """Return the columns of numbers that read otherwise with the decimal comma that another column has, unless one surely has points."""
    written = {
        name: column
        for name, column in columns.items()
        if column.type == "number" and any(isinstance(cell, str) for cell in table.columns[name])
    }
    if all(column.note != DECIMAL_COMMA for column in written.values()):
        return []
    changed: list[TypedColumn] = []
    for name, column in written.items():
        texts, _ = read_texts(table.columns[name], extra_missing=extra_missing)
        sign, read = read_numbers(Counter(text for text in texts if text is not None), tie=",")
        if sign != ",":
            return []
        numbers = np.array(
            [np.nan if text is None or (number := read[text]) is None else number for text in texts], dtype=np.float64
        )
        if not np.array_equal(numbers, column.cells, equal_nan=True):
            changed.append(msgspec.structs.replace(column, cells=numbers, note=DECIMAL_COMMA))
    return changed


def read_texts(raw: Sequence[Any], *, extra_missing: Collection[str] = ()) -> tuple[list[str | None], frozenset[str]]:
    """Return the stripped texts of a column with None for missing ones, and the placeholders that were found among them."""
    if set(map(type, raw)) != {str}:
        raw = [cell_text(cell) for cell in raw]
    stripped: dict[Any, str | None] = {}
    for cell in set(raw):
        text = "" if cell is None else cell.strip()
        gone = is_missing_word(text) or (bool(extra_missing) and text.casefold() in extra_missing)
        stripped[cell] = None if gone else text
    placeholders = find_placeholders(text for text in stripped.values() if text is not None)
    if placeholders:
        stripped = {cell: None if text in placeholders else text for cell, text in stripped.items()}
    return [stripped[cell] for cell in raw], placeholders


def cell_text(cell: Any) -> str | None:
    """Return a cell as text, None where it is missing; whole numbers lose the decimal point that a spreadsheet gave them."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return None if math.isnan(cell) else written_number(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def _type_column(
    name: str, raw: Sequence[Any], *, table: RawTable, extra_missing: Collection[str], allow_bad: bool
) -> _Typed:
    kinds = set(map(type, raw)) - {type(None)}
    if not kinds:
        return _Typed(column=None, dropped="has no value in any row")
    if all(issubclass(kind, list | tuple | dict | set | bytes) for kind in kinds):
        return _Typed(column=None, dropped="holds lists, objects or bytes, which this kind of model does not take")
    native = _native_column(name, raw, kinds)
    if native is not None:
        return _Typed(column=native)
    texts, placeholders = read_texts(raw, extra_missing=extra_missing)
    counts = Counter(text for text in texts if text is not None)
    if not counts:
        return _Typed(column=None, dropped="has no value in any row")
    cells = _Cells(name=name, texts=texts, counts=counts, table=table, allow_bad=allow_bad)
    with_digit = sum(count for text, count in counts.items() if _DIGIT.search(text))
    typed = _boolean_column(cells)
    if typed is None and with_digit >= (1.0 - _DIRTY_SHARE) * counts.total():
        typed = _number_column(cells) or _date_column(cells)
    typed = typed or _text_column(cells)
    if typed.column is not None:
        said_missing = _said_missing(raw, texts)
        typed = msgspec.structs.replace(typed, column=msgspec.structs.replace(typed.column, missing_texts=said_missing))
    if placeholders:
        shown = ", ".join(repr(text) for text in sorted(placeholders))
        warning = f"{name}: {shown} is a form's prompt, not a value; it was read as missing"
        typed = msgspec.structs.replace(typed, warnings=(*typed.warnings, warning))
    return typed


def _said_missing(raw: Sequence[Any], texts: Sequence[str | None]) -> tuple[str, ...]:
    """Return the texts of this column that were read as "no value", folded, so that predictions read them alike."""
    gone = {
        cell.strip().casefold() for cell, text in zip(raw, texts, strict=True) if text is None and isinstance(cell, str)
    }
    return tuple(sorted(gone - {""})[:_MISSING_TEXTS_KEPT])


def _native_column(name: str, raw: Sequence[Any], kinds: set[type]) -> TypedColumn | None:
    if kinds == {bool}:
        return TypedColumn(name=name, type="boolean", cells=list(raw))
    if all(issubclass(kind, int | float | Decimal | np.number) and kind is not bool for kind in kinds):
        numbers = np.array([np.nan if cell is None else _as_float(cell) for cell in raw], dtype=np.float64)
        numbers[~np.isfinite(numbers)] = np.nan
        return TypedColumn(name=name, type="number", cells=numbers + 0.0)
    if all(issubclass(kind, date) for kind in kinds):
        return TypedColumn(name=name, type="date", cells=[None if cell is None else _as_moment(cell) for cell in raw])
    if kinds == {timedelta}:
        seconds = [np.nan if cell is None else cell.total_seconds() for cell in raw]
        return TypedColumn(name=name, type="number", cells=np.array(seconds), note="a duration, in seconds")
    return None


def _boolean_column(cells: _Cells) -> _Typed | None:
    folded = {text.casefold() for text in cells.counts} if len(cells.counts) <= 10 else {"many"}
    if not folded <= {"true", "false"}:
        return None
    column: list[bool | None] = [None if text is None else text.casefold() == "true" for text in cells.texts]
    return _Typed(column=TypedColumn(name=cells.name, type="boolean", cells=column))


def _number_column(cells: _Cells) -> _Typed | None:
    sign, read = read_numbers(cells.counts)
    readable = sum(count for text, count in cells.counts.items() if read[text] is not None)
    if readable < (1.0 - _DIRTY_SHARE) * cells.counts.total():
        return None
    if is_code(cells.counts):
        return msgspec.structs.replace(_text_column(cells), warnings=())
    warnings = _judge_bad_cells(cells, read, kind="number")
    numbers = np.array(
        [np.nan if text is None or (number := read[text]) is None else number for text in cells.texts], dtype=np.float64
    )
    note = DECIMAL_COMMA if sign == "," else ""
    return _Typed(column=TypedColumn(name=cells.name, type="number", cells=numbers, note=note), warnings=warnings)


def _date_column(cells: _Cells) -> _Typed | None:
    total = cells.counts.total()
    shaped = sum(count for text, count in cells.counts.items() if looks_like_date(text))
    if shaped / total < 1.0 - _DIRTY_SHARE:
        return None
    order = day_order(cells.counts)
    if order == "unclear":
        warning = (
            f"{cells.name}: looks like dates, but day and month cannot be told apart (for example {next(iter(cells.counts))!r}); "
            "it was kept as a category: write dates as 2026-03-31"
        )
        typed = _text_column(cells)
        return msgspec.structs.replace(typed, warnings=(*typed.warnings, warning))
    read = {text: read_date(text, order) for text in cells.counts}
    warnings = _judge_bad_cells(cells, read, kind="date")
    moments = [None if text is None else read[text] for text in cells.texts]
    column = TypedColumn(name=cells.name, type="date", cells=moments, note=order or "")
    return _Typed(column=column, warnings=warnings)


def _text_column(cells: _Cells) -> _Typed:
    total = cells.counts.total()
    words = sum(count * len(text.split()) for text, count in cells.counts.items()) / total
    length = sum(count * len(text) for text, count in cells.counts.items()) / total
    distinct = len(cells.counts)
    many = distinct > _TEXT_DISTINCT or (distinct > total / 2 and total >= 20)
    is_text = words >= _TEXT_WORDS and length >= _TEXT_CHARACTERS and many
    return _Typed(column=TypedColumn(name=cells.name, type="text" if is_text else "category", cells=cells.texts))


def _judge_bad_cells(cells: _Cells, read: Mapping[str, Any], *, kind: str) -> tuple[str, ...]:
    """Return a warning about the few cells that are not of the column's kind.

    Raises:
        TrainingDataError: they are more than the tolerated share.
    """
    bad = sum(count for text, count in cells.counts.items() if read[text] is None)
    if not bad:
        return ()
    total = cells.counts.total()
    example, line = cells.first_line(lambda text: read[text] is None)
    table = cells.table
    found = f"{bad} of {total} cells are no {kind} (first: {example[:60]!r} in {table.place} {line})"
    if bad / total > TOLERATED_SHARE and not cells.allow_bad:
        raise TrainingDataError(
            f"{table.source}, {table.place} {line}, column {cells.name!r}: {found}; mend them, name them as missing values, "
            "leave the column out, or allow bad rows to read them as missing.",
            line=line,
            column=cells.name,
        )
    return (f"{cells.name}: {found}; they were read as missing",)


def _emptiness(column: TypedColumn) -> str:
    missing = column.missing
    if missing.all():
        return "has no value in any row"
    if missing.any():
        return ""
    cells = column.cells
    first = cells[0]
    if all(cell == first for cell in cells):
        shown = f"{first:g}" if column.type == "number" else repr(first if column.type != "date" else first.isoformat())
        return f"has the same value {shown} in every row"
    return ""


def _as_float(cell: Any) -> float:
    """Return a number as a float; a whole number beyond all floats is infinite, which counts as missing."""
    try:
        return float(cell)
    except OverflowError:
        return math.inf


def _as_moment(cell: date) -> datetime | None:
    """Return a date as a moment; one at the end of the calendar may not exist in UTC and counts as missing."""
    if not isinstance(cell, datetime):
        return datetime(cell.year, cell.month, cell.day, tzinfo=UTC)
    try:
        return cell.replace(tzinfo=UTC) if cell.tzinfo is None else cell.astimezone(UTC)
    except OverflowError:
        return None
