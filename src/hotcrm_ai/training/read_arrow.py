"""Reads Parquet files, and every data frame that speaks the Arrow PyCapsule interface (pandas, polars, pyarrow)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from hotcrm_ai.domain.errors import MissingExtra, TrainingDataError
from hotcrm_ai.training.raw_table import RawTable, check_names, make_table

_PANDAS_INDEX: Final = re.compile(r"__index_level_\d+__")


def read_parquet(path: Path) -> RawTable:
    """Read one Parquet file.

    Raises:
        TrainingDataError: the file is damaged or no Parquet.
        MissingExtra: pyarrow is not installed.
    """
    arrow = _arrow()
    from pyarrow import parquet  # type: ignore[import-untyped]  # pyarrow ships no types

    try:
        table = parquet.read_table(path)
    except (arrow.ArrowException, OSError) as problem:
        raise TrainingDataError(f"{path.name!r} cannot be read as Parquet: {problem}.", file=str(path)) from problem
    return _from_arrow(table, source=repr(path.name))


def read_arrow_stream(frame: Any) -> RawTable:
    """Read a data frame through ``__arrow_c_stream__``, whichever library made it.

    Raises:
        TrainingDataError: the frame cannot be expressed in Arrow, for example a column that mixes types.
        MissingExtra: pyarrow is not installed.
    """
    arrow = _arrow()
    source = f"{type(frame).__module__.split('.')[0]} table"
    labels = getattr(frame, "columns", None)
    if labels is not None and all(isinstance(label, str) for label in labels):
        check_names(list(labels), source=source)
    try:
        table = arrow.table(frame)
    except (arrow.ArrowException, TypeError, ValueError) as problem:
        raise TrainingDataError(
            f"The {source} cannot be read: {str(problem).rstrip('.')}; give named columns that each hold one type."
        ) from problem
    kept = [name for name in table.column_names if not _PANDAS_INDEX.fullmatch(name)]
    return _from_arrow(table.select(kept) if len(set(kept)) == len(kept) else table, source=source)


def _from_arrow(table: Any, *, source: str) -> RawTable:
    check_names(table.column_names, source=source)
    columns = {name: arrow_cells(table.column(name), name, source=source) for name in table.column_names}
    return make_table(columns, source=source, lines=range(1, table.num_rows + 1))


def arrow_cells(column: Any, name: str, *, source: str) -> list[Any]:
    """Return Python values; times finer than a microsecond are cut to microseconds.

    Raises:
        TrainingDataError: Python knows no such values, for example a date beyond the year 9999 or in an unknown zone.
    """
    arrow = _arrow()
    if arrow.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(arrow.timestamp("us", tz=column.type.tz), safe=False)
    elif arrow.types.is_duration(column.type):
        column = column.cast(arrow.duration("us"), safe=False)
    try:
        cells: list[Any] = column.to_pylist()
    except (arrow.ArrowException, OverflowError, ValueError, LookupError) as problem:
        raise TrainingDataError(
            f"{source}, column {name!r}: a value of type {column.type} cannot be read ({problem}); mend it, or leave the column out.",
            column=name,
        ) from problem
    return cells


def _arrow() -> Any:
    try:
        import pyarrow
    except ImportError:
        raise MissingExtra(feature="Reading Parquet files and data frames", extra="train") from None
    return pyarrow
