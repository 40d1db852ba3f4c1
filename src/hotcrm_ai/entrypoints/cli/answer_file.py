"""Writes the answers for a file of records: JSON lines, CSV or Parquet by the name of the file, which is there when it is complete."""

from __future__ import annotations

import csv
import gzip
import io
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, Literal, cast

import msgspec

from hotcrm_ai.domain.errors import InvalidRequest, MissingExtra, StorageError
from hotcrm_ai.entrypoints.cli.answer_cells import Columns
from hotcrm_ai.entrypoints.cli.written_file import check_writable

AnswerKind = Literal["lines", "csv", "parquet"]
Write = Callable[[dict[str, Any]], None]

_UNWRITABLE: Final = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_PARQUET_ROWS: Final = 5_000


def check_answer_file(out: Path) -> None:
    """Refuse a place or a kind of file that cannot be written, before any work is done for it.

    Raises:
        InvalidRequest: the place cannot be written to, or the ending is that of a spreadsheet.
        MissingExtra: Parquet is asked for and pyarrow is not installed.
    """
    check_writable(out, option="--out")
    if out.name.lower().endswith(_UNWRITABLE):
        raise InvalidRequest(f"--out {str(out)!r}: spreadsheets are not written; give .csv, which they open.")
    if _kind_of(out) == "parquet":
        _parquet()


@contextmanager
def open_answers(out: Path | None) -> Iterator[Write]:
    """Open a file (or standard output, for JSON lines) for answers; yields what writes one.

    Raises:
        StorageError: the disk took no more; nothing is left of the file.
    """
    if out is None:
        sys.stdout.flush()
        yield lambda answer: _write_line(sys.stdout.buffer, answer)
        return
    partial = out.with_name(out.name + ".part")
    try:
        with _told(out):
            stream = _opened(partial, is_packed=out.suffix.lower() == ".gz")
        try:
            with _written(stream, out) as write:
                yield write
        finally:
            with _told(out):
                stream.close()
        with _told(out):
            partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _written(stream: IO[bytes], out: Path) -> Iterator[Write]:
    kind = _kind_of(out)
    if kind == "lines":
        yield _telling(stream, out)
        return
    columns = Columns()
    with tempfile.TemporaryFile(dir=out.absolute().parent) as kept:
        keep = _telling(kept, out)

        def write(answer: dict[str, Any]) -> None:
            keep(columns.cells_of(answer))

        yield write
        with _told(out):
            kept.seek(0)
            rows = (msgspec.json.decode(line) for line in kept)
            (_write_csv if kind == "csv" else _write_parquet)(stream, columns, rows)


def _write_csv(stream: IO[bytes], columns: Columns, rows: Iterable[dict[str, Any]]) -> None:
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.DictWriter(text, columns.names(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    text.flush()
    text.detach()


def _write_parquet(stream: IO[bytes], columns: Columns, rows: Iterable[dict[str, Any]]) -> None:
    arrow = _parquet()
    from pyarrow import parquet  # type: ignore[import-untyped]  # the package has no types

    kinds = {name: columns.type_of(name) for name in columns.names()}
    types = {"integer": arrow.int64(), "number": arrow.float64(), "boolean": arrow.bool_(), "text": arrow.string()}
    schema = arrow.schema([(name, types[kind]) for name, kind in kinds.items()])
    texts = {name for name, kind in kinds.items() if kind == "text"}
    left = iter(rows)
    with parquet.ParquetWriter(stream, schema) as writer:
        while chunk := list(islice(left, _PARQUET_ROWS)):
            writer.write_table(arrow.Table.from_pylist([_with_texts(row, texts) for row in chunk], schema))


def _with_texts(row: dict[str, Any], texts: Collection[str]) -> dict[str, Any]:
    return {name: str(cell) if cell is not None and name in texts else cell for name, cell in row.items()}


def _kind_of(out: Path) -> AnswerKind:
    name = out.name.lower().removesuffix(".gz")
    return "csv" if name.endswith(".csv") else "parquet" if name.endswith(".parquet") else "lines"


def _opened(partial: Path, *, is_packed: bool) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(partial, "wb") if is_packed else partial.open("wb"))


def _telling(stream: IO[bytes], out: Path) -> Write:
    def write(answer: dict[str, Any]) -> None:
        with _told(out):
            _write_line(stream, answer)

    return write


def _write_line(stream: IO[bytes], answer: dict[str, Any]) -> None:
    stream.write(msgspec.json.encode(answer) + b"\n")


@contextmanager
def _told(out: Path) -> Iterator[None]:
    """Turn what the file system says while the answers are written into an error that names the file."""
    try:
        yield
    except OSError as problem:
        raise StorageError(
            f"{str(out)!r} could not be written ({problem.strerror or problem}); nothing is left of it: make room, or choose another place."
        ) from problem


def _parquet() -> Any:
    try:
        import pyarrow
    except ImportError:
        raise MissingExtra(feature="Writing Parquet", extra="train") from None
    return pyarrow
