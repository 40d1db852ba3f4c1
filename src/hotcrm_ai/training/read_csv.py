"""Reads comma, semicolon and tab separated text strictly: what does not fit the header is refused with its line."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import Counter
from pathlib import Path
from typing import Final

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.domain.limits import MAX_CELL_CHARACTERS
from hotcrm_ai.training.raw_table import RawTable, check_names, make_table

MAX_FILE_BYTES: Final = 4 * 1024**3
DELIMITERS: Final = (",", ";", "\t")
_SAMPLE_RECORDS: Final = 20


def read_csv(path: Path, *, allow_bad_rows: bool = False) -> RawTable:
    """Read one text file, gzip or plain; the delimiter and the encoding are found by looking.

    Raises:
        TrainingDataError: the file is empty, damaged, not text, or a row does not fit the header.
    """
    text, warnings = _decode(_content(path), path=path)
    delimiter = _find_delimiter(text, path=path)
    records, lines = _records(text, delimiter, path=path)
    if not records:
        raise TrainingDataError(f"{path.name!r} is empty; give a file with a header and rows.", file=str(path))
    records = _without_empty_columns(records)
    names = [name.strip() for name in records[0]]
    check_names(names, source=repr(path.name), line=lines[0])
    rows, row_lines, left_out = _fitting_rows(records, lines, names, path=path, allow_bad_rows=allow_bad_rows)
    if left_out:
        warnings = (*warnings, f"{left_out} rows of {path.name!r} have another number of columns and were left out")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())
    return make_table(
        columns, source=repr(path.name), lines=row_lines, place="line", warnings=warnings, left_out=left_out
    )


def _content(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
        if raw[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(raw)) as stream:
                raw = stream.read(MAX_FILE_BYTES + 1)
    except (OSError, EOFError, zlib.error) as problem:
        raise TrainingDataError(f"{path.name!r} cannot be read: {problem}.", file=str(path)) from problem
    if len(raw) > MAX_FILE_BYTES:
        raise TrainingDataError(f"{path.name!r} unpacks to more than {MAX_FILE_BYTES} bytes; use Parquet or SQL.")
    return raw


def _decode(raw: bytes, *, path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the text and a warning where the encoding had to be guessed."""
    encoding = "utf-8-sig"
    warnings: tuple[str, ...] = ()
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        if encoding == "utf-16":
            raise TrainingDataError(f"{path.name!r} is not readable as UTF-16; save it as UTF-8.") from problem
        text, guessed = _decode_western(raw)
        warnings = (f"{path.name!r} is not UTF-8 (line {line}); it was read as {guessed}: check accented letters",)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise TrainingDataError(
            f"{path.name!r}, line {line}: holds a NUL byte, so this is no text file; export it again as UTF-8.",
            file=str(path),
            line=line,
        )
    return text, warnings


def _decode_western(raw: bytes) -> tuple[str, str]:
    try:
        return raw.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        return raw.decode("latin-1"), "Latin-1"


def _find_delimiter(text: str, *, path: Path) -> str:
    """Return the delimiter that gives the first records most columns, all records alike."""
    if path.name.lower().endswith((".tsv", ".tsv.gz")):
        return "\t"

    def fit(delimiter: str) -> tuple[bool, float, int]:
        widths: list[int] = []
        try:
            for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
                if record:
                    widths.append(len(record))
                if len(widths) == _SAMPLE_RECORDS:
                    break
        except csv.Error:
            return False, 0.0, 0
        if not widths:
            return False, 0.0, 0
        width, alike = Counter(widths).most_common(1)[0]
        return width > 1, alike / len(widths), widths[0]

    return max(DELIMITERS, key=fit)


def _records(text: str, delimiter: str, *, path: Path) -> tuple[list[list[str]], list[int]]:
    """Return all records that are not blank, and the line on which each of them starts."""
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[list[str]] = []
    lines: list[int] = []
    start = 1
    try:
        for record in reader:
            if any(map(str.strip, record)):
                records.append(record)
                lines.append(start)
            start = reader.line_num + 1
    except csv.Error as problem:
        raise TrainingDataError(
            f"{path.name!r}, line {start}: {problem}; check the quotes of this record.", file=str(path), line=start
        ) from problem
    return records, lines


def _without_empty_columns(records: list[list[str]]) -> list[list[str]]:
    """Leave out the columns that have neither a name nor a cell, which spreadsheets write for an area that once was used."""
    nameless = {at for at, name in enumerate(records[0]) if not name.strip()} | {
        at for record in records for at in range(len(records[0]), len(record))
    }
    if not nameless:
        return records
    empty = {at for at in nameless if not any(at < len(record) and record[at].strip() for record in records)}
    return [[cell for at, cell in enumerate(record) if at not in empty] for record in records]


def _fitting_rows(
    records: list[list[str]], lines: list[int], names: list[str], *, path: Path, allow_bad_rows: bool
) -> tuple[list[list[str]], list[int], int]:
    width = len(names)
    rows, row_lines = records[1:], lines[1:]
    if all(len(row) == width for row in rows):
        return rows, row_lines, 0
    if not allow_bad_rows:
        position = next(position for position, row in enumerate(rows) if len(row) != width)
        found, line = len(rows[position]), row_lines[position]
        raise TrainingDataError(
            f"{path.name!r}, line {line}: has {found} columns, but the header has {width}; "
            "mend the row (a text with the delimiter in it needs quotes) or allow bad rows to leave it out.",
            file=str(path),
            line=line,
            column=min(found, width) + 1,
        )
    kept = [position for position, row in enumerate(rows) if len(row) == width]
    return [rows[at] for at in kept], [row_lines[at] for at in kept], len(rows) - len(kept)
