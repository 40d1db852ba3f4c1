"""Reads a training table from wherever it is kept: a file, a query, a data frame or a list of records."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.training.raw_table import RawTable, SQLQuery
from hotcrm_ai.training.read_arrow import read_arrow_stream, read_parquet
from hotcrm_ai.training.read_csv import read_csv
from hotcrm_ai.training.read_records import read_json, read_records
from hotcrm_ai.training.read_sheet import read_sheet
from hotcrm_ai.training.read_sql import read_sql

FileKind = Literal["text", "json", "parquet", "sheet"]

ENDINGS: Final[dict[FileKind, tuple[str, ...]]] = {
    "text": (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz"),
    "json": (".jsonl", ".ndjson", ".json", ".jsonl.gz", ".ndjson.gz", ".json.gz"),
    "parquet": (".parquet",),
    "sheet": (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"),
}
"""The endings of files that hold a table, by the way they are read."""


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
        return read_records(source)
    raise TrainingDataError(
        f"Cannot read training data from {type(source).__name__!r}; give a path, a SQL query as (url, query), a pandas, polars or "
        "Arrow table, or a list of mappings."
    )


def kind_of(path: Path) -> FileKind:
    """Say what kind of table a file holds, by its ending.

    Raises:
        TrainingDataError: there is no such file, or its ending is not known.
    """
    name = path.name.lower()
    if path.is_dir():
        raise TrainingDataError(f"{str(path)!r} is a folder; name a file in it.", file=str(path))
    if not path.is_file():
        raise TrainingDataError(f"There is no file {str(path)!r}; check the path.", file=str(path))
    for kind, endings in ENDINGS.items():
        if name.endswith(endings):
            return kind
    readable = ", ".join(ending for endings in ENDINGS.values() for ending in endings)
    raise TrainingDataError(
        f"{path.name!r} is of no known format; the ending must be one of {readable}.", file=str(path)
    )


def _read_file(path: Path, *, allow_bad_rows: bool) -> RawTable:
    match kind_of(path):
        case "text":
            return read_csv(path, allow_bad_rows=allow_bad_rows)
        case "json":
            return read_json(path, allow_bad_rows=allow_bad_rows)
        case "parquet":
            return read_parquet(path)
        case "sheet":
            return read_sheet(path)
