"""A table as it was found: named columns of unjudged cells, and where each row stands in its source."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from hotcrm_ai.domain.errors import TrainingDataError

MAX_COLUMNS: Final = 5_000

_encoder = msgspec.json.Encoder(order="deterministic", enc_hook=str)


class SQLQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A query that reads training rows, and the SQLAlchemy URL of the database that it asks."""

    query: str
    url: str

    def __repr__(self) -> str:
        return f"SQLQuery(query={self.query!r})"


class RawTable(msgspec.Struct, frozen=True, kw_only=True):
    """The cells of a table, column by column in the order of the source.

    ``lines`` holds the line (in a file), the row (in a sheet) or the record number of each row, starting with 1; ``place`` is the
    word for it in messages. ``left_out`` counts rows that did not fit the header. ``fingerprint`` is the SHA-256 of names and cells.
    """

    source: str
    columns: dict[str, Sequence[Any]]
    lines: Sequence[int]
    place: str
    fingerprint: str
    warnings: tuple[str, ...] = ()
    left_out: int = 0

    @property
    def row_count(self) -> int:
        """The number of rows."""
        return len(self.lines)


def make_table(
    columns: Mapping[str, Sequence[Any]],
    *,
    source: str,
    lines: Sequence[int],
    place: str = "row",
    warnings: tuple[str, ...] = (),
    left_out: int = 0,
) -> RawTable:
    """Check names and sizes that hold for every source, and fingerprint the content.

    Raises:
        TrainingDataError: there is no row, no column, a column without a name, or too many columns.
    """
    if not columns:
        raise TrainingDataError(f"{source} has no columns; give a table with a header and rows.")
    if len(columns) > MAX_COLUMNS:
        raise TrainingDataError(
            f"{source} has {len(columns)} columns, more than the limit of {MAX_COLUMNS}; leave some out."
        )
    if not lines:
        raise TrainingDataError(f"{source} has a header but no rows; give a table with closed records in it.")
    return RawTable(
        source=source,
        columns=dict(columns),
        lines=lines,
        place=place,
        fingerprint=fingerprint_of(columns),
        warnings=warnings,
        left_out=left_out,
    )


def check_names(names: Sequence[str], *, source: str, line: int | None = None) -> None:
    """Check that every column has a name of its own.

    Raises:
        TrainingDataError: a name is empty or occurs twice; the message names the columns by number.
    """
    where = f"{source}, line {line}" if line else source
    for number, name in enumerate(names, start=1):
        if not name:
            raise TrainingDataError(
                f"{where}: column {number} has no name; name it or remove it (and any title above the header).",
                line=line,
                column=number,
            )
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        name = repeated[0]
        numbers = [number for number, found in enumerate(names, start=1) if found == name]
        raise TrainingDataError(
            f"{where}: the name {name!r} belongs to columns {', '.join(map(str, numbers))}; give each column its own name.",
            line=line,
            column=numbers[1],
        )


def fingerprint_of(columns: Mapping[str, Sequence[Any]]) -> str:
    """Return the SHA-256 of the names and cells, so that the same content has the same fingerprint in any file and order of columns."""
    digest = hashlib.sha256()
    for name, cells in sorted(columns.items()):
        try:
            encoded = _encoder.encode((name, cells))
        except (OverflowError, TypeError, UnicodeEncodeError):
            encoded = _encoder.encode((ascii(name), [ascii(cell) for cell in cells]))
        digest.update(encoded)
    return digest.hexdigest()
