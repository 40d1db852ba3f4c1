"""Reads a training table from wherever it is kept: a file, a query, a data frame or a list of records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.training.raw_table import RawTable, SQLQuery, check_names, make_table
from hotcrm_ai.training.read_arrow import read_arrow_stream, read_parquet
from hotcrm_ai.training.read_csv import read_csv
from hotcrm_ai.training.read_sheet import read_sheet
from hotcrm_ai.training.read_sql import read_sql

TEXT_ENDINGS: Final = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
SHEET_ENDINGS: Final = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


def read_table(source: Any, *, allow_bad_rows: bool = False) -> RawTable:
    """Read a table from a path, a SQL query (``SQLQuery`` or ``(url, query)``), a pandas, polars or Arrow table, or a list of mappings.

    Rows that do not fit the header are refused with their line; with ``allow_bad_rows`` they are left out and counted.

    Raises:
        TrainingDataError: the source cannot be read as a table; the message names file, line and column.
        MissingExtra: the format needs a package that is not installed.
    """
    if isinstance(source, str | Path):
        return _read_file(Path(source), allow_bad_rows=allow_bad_rows)
    if isinstance(source, SQLQuery):
        return read_sql(source)
    if isinstance(source, tuple) and len(source) == 2 and all(isinstance(part, str) for part in source):
        return read_sql(SQLQuery(url=source[0], query=source[1]))
    if hasattr(source, "__arrow_c_stream__"):
        return read_arrow_stream(source)
    if isinstance(source, Sequence) and not isinstance(source, bytes | bytearray):
        return _read_records(source)
    raise TrainingDataError(
        f"Cannot read training data from {type(source).__name__!r}; give a path, a SQL query as (url, query), a pandas, polars or "
        "Arrow table, or a list of mappings."
    )


def _read_file(path: Path, *, allow_bad_rows: bool) -> RawTable:
    name = path.name.lower()
    if not path.is_file():
        raise TrainingDataError(f"There is no file {str(path)!r}; check the path.", file=str(path))
    if name.endswith(TEXT_ENDINGS):
        return read_csv(path, allow_bad_rows=allow_bad_rows)
    if name.endswith(".parquet"):
        return read_parquet(path)
    if name.endswith(SHEET_ENDINGS):
        return read_sheet(path)
    readable = ", ".join((*TEXT_ENDINGS, ".parquet", *SHEET_ENDINGS))
    raise TrainingDataError(
        f"{path.name!r} is of no known format; the ending must be one of {readable}.", file=str(path)
    )


def _read_records(records: Sequence[Any]) -> RawTable:
    source = "list of records"
    names: dict[str, None] = {}
    for number, record in enumerate(records, start=1):
        if not isinstance(record, Mapping):
            raise TrainingDataError(f"Record {number} of the {source} is no mapping but {type(record).__name__!r}.")
        for name in record:
            if not isinstance(name, str):
                raise TrainingDataError(f"Record {number} of the {source} has the name {name!r}, which is no text.")
            names[name] = None
    check_names(list(names), source=source)
    columns = {name: [record.get(name) for record in records] for name in names}
    return make_table(columns, source=source, lines=range(1, len(records) + 1), place="record")
