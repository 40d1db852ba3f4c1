"""Reads records from a file, one at a time, with cells typed by the model's signature; looks at all of them once before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hotcrm_ai.domain.errors import InvalidRequest
from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.domain.spelling import to_snake
from hotcrm_ai.entrypoints.cli.record_cells import CellReader, Seen, untyped_cell
from hotcrm_ai.entrypoints.cli.record_source import RawRow, RecordSource, open_source
from hotcrm_ai.training.infer_types import cell_text

_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One record: its number in the file (from 1), its features, or why it cannot be read; ``id`` where the file has such a column."""

    row: int
    features: dict[str, Any] = field(default_factory=dict)
    problem: str | None = None
    id: str | int | None = None


@dataclass(frozen=True, slots=True)
class FileRecords:
    """All records of a file, read as they are asked for, and what a look at all of them found.

    ``missing`` are the features that no record has, ``unused`` the columns that are no features; ``notes`` say what had to be decided.
    """

    rows: Iterator[FileRecord]
    total: int
    missing: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def remarks(self) -> tuple[str, ...]:
        """Return in words what to know of the file before its answers are used."""
        told = list(self.notes)
        if not self.total:
            told.append("the file has a header but no records")
        elif self.missing:
            told.append(
                f"no record has {_listed(self.missing)}: the model takes that for unknown in every answer, "
                "which may be less good than it was measured"
            )
        if self.unused:
            told.append(f"not used, for the model does not know them: {_listed(self.unused)}")
        return tuple(told)


def open_records(path: Path, signature: Signature | None, *, id_column: str | None = None) -> FileRecords:
    """Open a file by its ending; columns that are no features of the model are left out.

    The column ``id``, or the one that ``id_column`` names, names the records.

    Raises:
        InvalidRequest: there is no such file, it cannot be read, or it has no column that the model knows, or not the one named.
        MissingExtra: the package that reads such files is not installed.
    """
    source = open_source(path)
    columns = _Columns(signature, id_column)
    found = _look(source, columns)
    if found.names or not found.rows:
        columns.check(source, found.names)
    reader = CellReader(found.seen)
    notes = list(source.notes)
    if reader.other_signs:
        names = ", ".join(reader.other_signs)
        sign = "commas (1.234,5)" if columns.specs[reader.other_signs[0]].decimal_sign == "." else "points (1,234.5)"
        notes.append(f"the numbers of {names} were read with decimal {sign}, as the file writes them")
    return FileRecords(
        rows=(_typed(row, columns, reader) for row in source.read()),
        total=found.rows,
        missing=tuple(
            name
            for name, spec in columns.specs.items()
            if not spec.option and (name not in found.seen or not found.seen[name][1].filled)
        ),
        unused=tuple(name for name in found.names if name and not columns.uses(name)) if columns.is_typed else (),
        notes=tuple(notes),
    )


class _Columns:
    """The columns of a file that are features of the model, in either spelling (all where it has no signature), and the one of ids."""

    def __init__(self, signature: Signature | None, id_column: str | None) -> None:
        self.is_typed = signature is not None
        self.specs = {} if signature is None else {spec.name: spec for spec in signature.features}
        self._id_column = id_column

    def spec(self, column: str) -> FeatureSpec | None:
        """Return the feature that a column holds."""
        return self.specs.get(column) or self.specs.get(to_snake(column))

    def knows(self, column: str) -> bool:
        """Whether the column goes to the model."""
        return not self.is_typed or self.spec(column) is not None

    def names_records(self, column: str) -> bool:
        """Whether the column holds the records' ids."""
        return column == self._id_column if self._id_column is not None else column.lower() == "id"

    def uses(self, column: str) -> bool:
        """Whether the column is looked at for anything."""
        return self.knows(column) or self.names_records(column)

    def check(self, source: RecordSource, found: Iterable[str]) -> None:
        """Refuse a file whose columns the model does not know, that has one twice, or none of the ids' name; raises ``InvalidRequest``."""
        names, name = list(found), repr(source.path.name)
        shown = ", ".join(map(repr, names[:_SHOWN]))
        twice = next((one for one in source.names if source.names.count(one) > 1 and self.uses(one)), None)
        if twice is not None:
            raise InvalidRequest(f"The file {name} has the column {twice!r} twice; leave one.")
        if not names:
            raise InvalidRequest(f"The file {name} is empty; give a table with a header and records.")
        if self._id_column is not None and self._id_column not in names:
            raise InvalidRequest(f"The file {name} has no column {self._id_column!r}; its columns are {shown}.")
        if not any(map(self.knows, names)):
            raise InvalidRequest(
                f"The file {name} has no column that the model knows; it knows {self.known_words()}. The file's columns are {shown}; "
                "the header comes first."
            )

    def known_words(self) -> str:
        """Return the first columns that go to the model, for a message."""
        return ", ".join(list(self.specs)[:_SHOWN])


@dataclass(frozen=True, slots=True)
class _Found:
    """What a look at all records found: how many there are, the columns, and how each feature's cells are written."""

    rows: int
    names: tuple[str, ...]
    seen: dict[str, tuple[FeatureSpec, Seen]]


def _listed(names: Sequence[str]) -> str:
    """Return names as one reads them, the first of many."""
    if len(names) > _SHOWN:
        return f"{', '.join(names[:_SHOWN])} and {len(names) - _SHOWN} more"
    return " and ".join(", ".join(names).rsplit(", ", 1)) if len(names) > 1 else names[0]


def _look(source: RecordSource, columns: _Columns) -> _Found:
    names = dict.fromkeys(source.names)
    seen: dict[str, tuple[FeatureSpec, Seen]] = {}
    rows = 0
    for raw in source.read():
        rows += 1
        if raw.problem is not None:
            continue
        for name, value in raw.cells.items():
            if name not in names:
                names[name] = None
            spec = columns.spec(name)
            if spec is not None:
                seen.setdefault(spec.name, (spec, Seen()))[1].see(spec, value)
    return _Found(rows, tuple(names), seen)


def _typed(raw: RawRow, columns: _Columns, reader: CellReader) -> FileRecord:
    """Build a record; a cell that is no value of its feature's type makes the whole record unreadable, and is named."""
    record_id = _id_of(raw.cells, columns)
    if raw.problem is not None:
        return FileRecord(raw.row, problem=raw.problem, id=record_id)
    features: dict[str, Any] = {}
    problems: list[str] = []
    for name, value in raw.cells.items():
        if not columns.knows(name):
            continue
        spec = columns.spec(name)
        try:
            features[name] = untyped_cell(value) if spec is None else reader.read(spec.name, value)
        except (ValueError, TypeError) as problem:
            problems.append(f"{name!r}: {problem}")
    if raw.cells and not any(map(columns.knows, raw.cells)):
        problems.append(f"it has no name that the model knows; it knows {columns.known_words()}")
    return FileRecord(raw.row, features, "; ".join(problems) or None, record_id)


def _id_of(cells: Mapping[str, Any], columns: _Columns) -> str | int | None:
    value = next((value for name, value in cells.items() if columns.names_records(name)), None)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return (cell_text(value) or "").strip() or None
