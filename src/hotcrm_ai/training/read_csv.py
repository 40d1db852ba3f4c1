"""Reads comma, semicolon, tab and bar separated text strictly: what does not fit the header is refused with its line."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.domain.limits import MAX_CELL_CHARACTERS
from hotcrm_ai.training.raw_table import RawTable, check_names, make_table
from hotcrm_ai.training.text_file import TextFile, look_at_text, readable

DELIMITERS: Final = (",", ";", "\t", "|")
_SAMPLE_RECORDS: Final = 20
_HINT: Final = re.compile(r'"?sep=(.)"?\r?\n?')
"""The first line by which Excel says what parts the columns."""


@dataclass(frozen=True, slots=True)
class CSVFile:
    """A text file of separated columns: the names of the columns, the line on which they stand, and how to read the rest."""

    text: TextFile
    delimiter: str
    names: tuple[str, ...]
    line: int

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Read each record below the header with the line on which it starts, also those that do not fit the header.

        Empty cells beyond the last column, which spreadsheets leave behind, are taken off.

        Raises:
            TrainingDataError: the quotes of a record are odd, or a cell is too long; the message names the line.
        """
        records = _records(self.text, self.delimiter)
        next(records)
        width = len(self.names)
        for line, record in records:
            beyond = record[width:]
            yield line, record if any(map(str.strip, beyond)) else record[:width]


def open_csv(path: Path) -> CSVFile:
    """Look at a text file, gzip or plain: its encoding, its delimiter and its header.

    Raises:
        TrainingDataError: the file is empty, damaged, or not text.
    """
    text = look_at_text(path)
    delimiter = _find_delimiter(text)
    line, header = next(_records(text, delimiter), (1, []))
    names = [name.strip() for name in header]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise TrainingDataError(f"{path.name!r} is empty; give a file with a header and rows.", file=str(path))
    return CSVFile(text, delimiter, tuple(names), line)


def read_csv(path: Path, *, allow_bad_rows: bool = False) -> RawTable:
    """Read one text file, gzip or plain; the delimiter and the encoding are found by looking.

    Raises:
        TrainingDataError: the file is empty, damaged, not text, or a row does not fit the header.
    """
    file = open_csv(path)
    rows: list[list[str]] = []
    lines: list[int] = []
    left_out = 0
    for line, record in file.rows():
        if len(record) == len(file.names):
            rows.append(record)
            lines.append(line)
        elif allow_bad_rows:
            left_out += 1
        else:
            raise _misfit(file, line, len(record))
    warnings = file.text.warnings
    if left_out:
        warnings = (*warnings, f"{left_out} rows of {path.name!r} have another number of columns and were left out")
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(file.names)
    used = [at for at, name in enumerate(file.names) if name or any(map(str.strip, cells[at]))]
    check_names([file.names[at] for at in used], source=repr(path.name), line=file.line)
    columns = {file.names[at]: cells[at] for at in used}
    return make_table(columns, source=repr(path.name), lines=lines, place="line", warnings=warnings, left_out=left_out)


def _misfit(file: CSVFile, line: int, found: int) -> TrainingDataError:
    path, width = file.text.path, len(file.names)
    mend = (
        f"if line {file.line} is a title, remove it: the header comes first"
        if width == 1
        else "mend the row (a text with the delimiter in it needs quotes) or allow bad rows to leave it out"
    )
    return TrainingDataError(
        f"{path.name!r}, line {line}: has {found} columns, but the header has {width}; {mend}.",
        file=str(path),
        line=line,
        column=min(found, width) + 1,
    )


def _find_delimiter(text: TextFile) -> str:
    """Return the delimiter that the file names itself, or else the one that gives the first records most columns, all records alike."""
    with readable(text.path), text.open() as stream:
        hint = _HINT.fullmatch(stream.readline(MAX_CELL_CHARACTERS))
    if hint:
        return hint[1]
    if text.path.name.lower().endswith((".tsv", ".tsv.gz")):
        return "\t"

    def fit(delimiter: str) -> tuple[bool, float, int]:
        widths: list[int] = []
        try:
            with readable(text.path), text.open() as stream:
                for record in csv.reader(stream, delimiter=delimiter):
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


def _records(text: TextFile, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Read all records that hold anything, each with the line on which it starts; the file's own word on its delimiter is none."""
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    with readable(text.path), text.open() as stream:
        start = 1
        if _HINT.fullmatch(stream.readline(MAX_CELL_CHARACTERS)):
            start = 2
        else:
            stream.seek(0)
        skipped = start - 1
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        try:
            for record in reader:
                if any(map(str.strip, record)):
                    yield start, record
                start = reader.line_num + skipped + 1
        except csv.Error as problem:
            raise TrainingDataError(
                f"{text.path.name!r}, line {start}: {problem}; check the quotes of this record.",
                file=str(text.path),
                line=start,
            ) from problem
