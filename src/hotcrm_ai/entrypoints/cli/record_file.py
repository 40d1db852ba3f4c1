"""Reads records from CSV, JSON lines and Parquet, one at a time, with cells typed by the model's signature."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from hotcrm_ai.domain.errors import InvalidRequest, MissingExtra
from hotcrm_ai.domain.limits import MAX_CELL_CHARACTERS
from hotcrm_ai.domain.signature import FeatureSpec, Signature, parse_text
from hotcrm_ai.domain.spelling import to_snake
from hotcrm_ai.entrypoints.cli.given_features import parse_json

_KINDS: Final = ".csv, .tsv, .jsonl, .ndjson (each also with .gz) or .parquet"
_PARQUET_ROWS: Final = 2_000


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One record: its number in the file (from 1), its features, or why it cannot be read; ``id`` where the file has such a column."""

    row: int
    features: dict[str, Any] = field(default_factory=dict)
    problem: str | None = None
    id: Any = None


@dataclass(frozen=True, slots=True)
class FileRecords:
    """All records of a file, read as they are asked for; ``total`` is None where it is not known beforehand."""

    rows: Iterator[FileRecord]
    total: int | None = None


def open_records(path: Path, signature: Signature | None) -> FileRecords:
    """Open a file by its suffix; columns that are no features of the model are left out.

    Raises:
        InvalidRequest: there is no such file, its kind is not known, or it has no column that the model knows.
        MissingExtra: Parquet is asked for and its reader is not installed.
    """
    if not path.is_file():
        raise InvalidRequest(f"There is no file {str(path)!r}; check its name.")
    if path.stat().st_size == 0:
        raise InvalidRequest(f"The file {path.name!r} is empty; give a table with a header and records.")
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    kind = suffixes[-1] if suffixes else ""
    columns = _Columns(signature)
    match kind:
        case ".csv" | ".tsv":
            return FileRecords(_guarded(path, _csv_records(path, columns, "\t" if kind == ".tsv" else None)))
        case ".jsonl" | ".ndjson" | ".json":
            return FileRecords(_guarded(path, _json_records(path, columns)))
        case ".parquet":
            return _parquet_records(path, columns)
        case _:
            raise InvalidRequest(f"The kind of the file {path.name!r} is not known; give {_KINDS}.")


class _Columns:
    """The columns of a file that are features of the model, in either spelling; all columns where the model has no signature."""

    def __init__(self, signature: Signature | None) -> None:
        self._specs = None if signature is None else {spec.name: spec for spec in signature.features}

    def spec(self, column: str) -> FeatureSpec | None:
        """Return the feature that a column holds."""
        specs = self._specs or {}
        return specs.get(column) or specs.get(to_snake(column))

    def knows(self, column: str) -> bool:
        """Whether the column goes to the model."""
        return self._specs is None or self.spec(column) is not None

    def check(self, path: Path, found: Iterable[str]) -> None:
        """Refuse a file none of whose columns the model knows; raises ``InvalidRequest``."""
        if not self.knows_any(found):
            raise InvalidRequest(
                f"The file {path.name!r} has no column that the model knows; it knows {self.known_words()}."
            )

    def knows_any(self, found: Iterable[str]) -> bool:
        """Whether any of the columns goes to the model."""
        return self._specs is None or any(self.knows(column) for column in found)

    def known_words(self) -> str:
        """Return the first columns that go to the model, for a message."""
        return ", ".join(list(self._specs or ())[:12])


def _guarded(path: Path, records: Iterator[FileRecord]) -> Iterator[FileRecord]:
    try:
        yield from records
    except UnicodeDecodeError as problem:
        raise InvalidRequest(f"The file {path.name!r} is not UTF-8 text; give {_KINDS}.") from problem
    except (csv.Error, gzip.BadGzipFile, EOFError) as problem:
        raise InvalidRequest(f"The file {path.name!r} cannot be read on: {problem}.") from problem


def _open_text(path: Path) -> io.TextIOBase:
    opener: Callable[..., Any] = gzip.open if path.suffix.lower() == ".gz" else open
    opened: io.TextIOBase = opener(path, "rt", encoding="utf-8-sig", newline="")
    return opened


def _csv_records(path: Path, columns: _Columns, delimiter: str | None) -> Iterator[FileRecord]:
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    with _open_text(path) as file:
        head = file.readline()
        separator = delimiter or (max(",;\t|", key=head.count) if head else ",")
        file.seek(0)
        reader = csv.reader(file, delimiter=separator)
        names = next(reader, [])
        twice = next((name for name in names if names.count(name) > 1 and columns.knows(name)), None)
        if twice is not None:
            raise InvalidRequest(f"The file {path.name!r} has the column {twice!r} twice; leave one.")
        columns.check(path, names)
        filled = (cells for cells in reader if cells)
        for row, cells in enumerate(filled, 1):
            if len(cells) != len(names):
                yield FileRecord(row, problem=f"the row has {len(cells)} cells, the header {len(names)}")
            else:
                yield _typed(row, dict(zip(names, cells, strict=True)), columns, _cell_of_text)


def _json_records(path: Path, columns: _Columns) -> Iterator[FileRecord]:
    with _open_text(path) as file:
        lines = (line for line in file if line.strip())
        for row, line in enumerate(lines, 1):
            try:
                values = parse_json(line)
            except ValueError as problem:
                yield FileRecord(row, problem=f"the line is not valid JSON: {problem}")
                continue
            if not isinstance(values, dict):
                yield FileRecord(row, problem="the line is no JSON object")
            elif values and not columns.knows_any(values):
                yield FileRecord(row, problem=f"it has no name that the model knows; it knows {columns.known_words()}")
            else:
                yield _typed(row, values, columns, _plain_cell)


def _parquet_records(path: Path, columns: _Columns) -> FileRecords:
    try:
        import pyarrow as pa  # type: ignore[import-untyped]  # the package has no types
        from pyarrow import parquet
    except ImportError as problem:
        raise MissingExtra(feature="Reading Parquet", extra="train") from problem
    try:
        file = parquet.ParquetFile(path)
    except pa.ArrowException as problem:
        raise InvalidRequest(f"The file {path.name!r} is no readable Parquet file.") from problem
    names = [str(name) for name in file.schema_arrow.names]
    columns.check(path, names)
    wanted = [name for name in names if columns.knows(name) or name.lower() == "id"]

    def records() -> Iterator[FileRecord]:
        row = 0
        for batch in file.iter_batches(batch_size=_PARQUET_ROWS, columns=wanted):
            for values in batch.to_pylist():
                row += 1
                yield _typed(row, values, columns, _plain_cell)

    return FileRecords(records(), total=file.metadata.num_rows)


def _typed(
    row: int, values: Mapping[str, Any], columns: _Columns, cell: Callable[[FeatureSpec | None, Any], Any]
) -> FileRecord:
    """Build a record; a cell that is no value of its feature's type makes the whole record unreadable, and is named."""
    features: dict[str, Any] = {}
    problems: list[str] = []
    for name, value in values.items():
        if not columns.knows(name):
            continue
        try:
            features[name] = cell(columns.spec(name), value)
        except (ValueError, TypeError) as problem:
            problems.append(f"{name!r}: {problem}")
    record_id = next((values[name] for name in values if name.lower() == "id"), None)
    return FileRecord(
        row, features, "; ".join(problems) or None, record_id if isinstance(record_id, str | int) else None
    )


def _cell_of_text(spec: FeatureSpec | None, text: str) -> Any:
    if spec is not None:
        return parse_text(spec, text)
    try:
        return float(text)
    except ValueError:
        return text or None


def _plain_cell(spec: FeatureSpec | None, value: Any) -> Any:
    """Bring a value into JSON's types; databases and Parquet know decimals, dates, and booleans as 0 and 1."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, date):
        return value.isoformat()
    if spec is not None and spec.type == "boolean" and isinstance(value, int) and value in (0, 1):
        return bool(value)
    if spec is not None and spec.type == "number" and isinstance(value, bool):
        return float(value)
    return value
