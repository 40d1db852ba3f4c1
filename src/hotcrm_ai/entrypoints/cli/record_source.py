"""Opens a file of records of whatever kind: its columns and its rows as they stand there, to be read as often as needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hotcrm_ai.domain.errors import InvalidRequest, MissingExtra, TrainingDataError
from hotcrm_ai.training.read_arrow import arrow_cells
from hotcrm_ai.training.read_csv import open_csv
from hotcrm_ai.training.read_records import json_objects
from hotcrm_ai.training.read_sheet import open_sheet
from hotcrm_ai.training.reading import kind_of
from hotcrm_ai.training.text_file import TextFile, look_at_text

_PARQUET_ROWS: Final = 2_000


@dataclass(frozen=True, slots=True)
class RawRow:
    """One record as it stands in the file: its number from 1, its cells by column, and why it is none where it is none."""

    row: int
    cells: Mapping[str, Any] = field(default_factory=dict)
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class RecordSource:
    """A file of records; ``names`` are its columns in order, empty where each record names its own. ``read`` starts anew each time."""

    path: Path
    names: tuple[str, ...]
    read: Callable[[], Iterator[RawRow]]
    notes: tuple[str, ...] = ()


def open_source(path: Path) -> RecordSource:
    """Open a file by its ending, with its encoding, delimiter and header found by looking.

    Raises:
        InvalidRequest: there is no such file, its kind is not known, or it cannot be read.
        MissingExtra: the package that reads such files is not installed.
    """
    with refused():
        match kind_of(path):
            case "text":
                return _csv_source(path)
            case "json":
                text = look_at_text(path)
                return RecordSource(path, (), lambda: _json_rows(text), text.warnings)
            case "sheet":
                return _sheet_source(path)
            case "parquet":
                return _parquet_source(path)


@contextmanager
def refused() -> Iterator[None]:
    """Turn what the readers of tables say of a file into the refusal of a request."""
    try:
        yield
    except TrainingDataError as problem:
        raise InvalidRequest(problem.message) from problem


def _counted(records: Iterator[Mapping[str, Any]]) -> Iterator[RawRow]:
    return (RawRow(row, cells) for row, cells in enumerate(records, start=1))


def _sheet_source(path: Path) -> RecordSource:
    sheet = open_sheet(path)

    def records() -> Iterator[Mapping[str, Any]]:
        return (dict(zip(sheet.names, cells, strict=True)) for _, cells in sheet.rows)

    return RecordSource(path, sheet.names, lambda: _counted(records()), sheet.warnings)


def _csv_source(path: Path) -> RecordSource:
    file = open_csv(path)
    width = len(file.names)

    def rows() -> Iterator[RawRow]:
        with refused():
            for row, (_, record) in enumerate(file.rows(), start=1):
                fits = len(record) == width
                problem = None if fits else f"the row has {len(record)} cells, the header {width}"
                yield RawRow(row, dict(zip(file.names, record, strict=False)), problem)

    return RecordSource(path, file.names, rows, file.text.warnings)


def _json_rows(text: TextFile) -> Iterator[RawRow]:
    with refused():
        for row, (_, record) in enumerate(json_objects(text), start=1):
            yield RawRow(row, problem=record) if isinstance(record, str) else RawRow(row, record)


def _parquet_source(path: Path) -> RecordSource:
    try:
        import pyarrow as pa  # type: ignore[import-untyped]  # the package has no types
        from pyarrow import parquet
    except ImportError as problem:
        raise MissingExtra(feature="Reading Parquet", extra="train") from problem
    try:
        names = tuple(str(name) for name in parquet.read_schema(path).names)
    except (pa.ArrowException, OSError) as problem:
        raise InvalidRequest(f"The file {path.name!r} is no readable Parquet file; check it.") from problem

    def records() -> Iterator[Mapping[str, Any]]:
        with refused(), parquet.ParquetFile(path) as file:
            try:
                for batch in file.iter_batches(batch_size=_PARQUET_ROWS):
                    columns = [arrow_cells(batch.column(name), name, source=repr(path.name)) for name in names]
                    yield from (dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True))
            except (pa.ArrowException, OSError) as problem:
                raise InvalidRequest(f"The file {path.name!r} cannot be read on: {problem}; check it.") from problem

    return RecordSource(path, names, lambda: _counted(records()))
