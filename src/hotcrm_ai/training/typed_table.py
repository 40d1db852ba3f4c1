"""A table whose columns have types: what the guard judges and the model learns from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from hotcrm_ai.domain.signature import FeatureSpec, FeatureType

MAX_KNOWN_CATEGORIES: Final = 200
DECIMAL_COMMA: Final = "decimal comma"
"""The note of a column of numbers whose text has a decimal comma."""


class TypedColumn(msgspec.Struct, frozen=True, kw_only=True):
    """One column in its type.

    ``cells`` are a float array with NaN for missing (number), or a list of text (category, text), true/false (boolean) or UTC moments
    (date) with None for missing. ``note`` says what the reader had to decide, ``missing_texts`` which texts it read as missing.
    """

    name: str
    type: FeatureType
    cells: Any
    note: str = ""
    missing_texts: tuple[str, ...] = ()

    @property
    def missing(self) -> NDArray[np.bool_]:
        """True for each row without a value."""
        if self.type == "number":
            gone: NDArray[np.bool_] = np.isnan(self.cells)
            return gone
        return np.fromiter((cell is None for cell in self.cells), dtype=bool, count=len(self.cells))

    def take(self, rows: NDArray[np.intp]) -> TypedColumn:
        """Return the column with these rows only, in this order."""
        cells = self.cells[rows] if self.type == "number" else [self.cells[row] for row in rows.tolist()]
        return msgspec.structs.replace(self, cells=cells)

    def join(self, other: TypedColumn) -> TypedColumn:
        """Return the column with the rows of another one after its own."""
        both = np.concatenate([self.cells, other.cells]) if self.type == "number" else [*self.cells, *other.cells]
        return msgspec.structs.replace(self, cells=both)

    def spec(self) -> FeatureSpec:
        """Return what a signature says of this column: range of numbers, categories most frequent first."""
        plain = FeatureSpec(name=self.name, type=self.type, missing_texts=self.missing_texts)
        if self.type == "number":
            plain = msgspec.structs.replace(plain, decimal_sign="," if self.note == DECIMAL_COMMA else ".")
            known = self.cells[~np.isnan(self.cells)]
            if not known.size:
                return plain
            return msgspec.structs.replace(plain, minimum=float(known.min()), maximum=float(known.max()))
        if self.type == "category":
            counts = Counter(cell for cell in self.cells if cell is not None)
            ordered = sorted(counts, key=lambda value: (-counts[value], value))
            return msgspec.structs.replace(plain, categories=tuple(ordered[:MAX_KNOWN_CATEGORIES]))
        return plain

    def described(self) -> dict[str, Any]:
        """Return the row of a report's table of columns."""
        missing = self.missing
        row: dict[str, Any] = {
            "name": self.name,
            "type": self.type,
            "missing": round(float(missing.mean()), 6),
            "distinct": self._distinct(),
            "values": self._shown(),
        }
        return {**row, "note": self.note} if self.note else row

    def _distinct(self) -> int:
        if self.type == "number":
            return int(np.unique(self.cells[~np.isnan(self.cells)]).size)
        return len({cell for cell in self.cells if cell is not None})

    def _shown(self) -> str:
        if self.type == "text":
            return "free text"
        if self.type == "category":
            counts = Counter(cell for cell in self.cells if cell is not None)
            first = sorted(counts, key=lambda value: (-counts[value], value))[:4]
            return ", ".join(value if len(value) <= 30 else value[:29] + "…" for value in first)
        known = [cell for cell, gone in zip(list(self.cells), self.missing.tolist(), strict=True) if not gone]
        if not known:
            return ""
        if self.type == "boolean":
            return f"true {100 * sum(known) / len(known):.1f} %"
        low, high = min(known), max(known)
        if isinstance(low, datetime):
            return f"{low.date().isoformat()} to {high.date().isoformat()}"
        return f"{low:g} to {high:g}"


class TypedTable(msgspec.Struct, frozen=True, kw_only=True):
    """The columns that hold something, those that were dropped with the reason, and what the reader should know."""

    columns: dict[str, TypedColumn]
    row_count: int
    dropped: dict[str, str]
    warnings: tuple[str, ...] = ()

    def take(self, rows: NDArray[np.intp]) -> TypedTable:
        """Return the table with these rows only."""
        columns = {name: column.take(rows) for name, column in self.columns.items()}
        return msgspec.structs.replace(self, columns=columns, row_count=len(rows))

    def join(self, other: TypedTable) -> TypedTable:
        """Return the rows of this table followed by those of another one with the same columns."""
        columns = {name: column.join(other.columns[name]) for name, column in self.columns.items()}
        return msgspec.structs.replace(self, columns=columns, row_count=self.row_count + other.row_count)

    def select(self, names: Sequence[str]) -> TypedTable:
        """Return the table with these columns only."""
        return msgspec.structs.replace(self, columns={name: self.columns[name] for name in names})

    def cells(self) -> Mapping[str, Any]:
        """Return the plain cells of each column, as the fitting takes them."""
        return {name: column.cells for name, column in self.columns.items()}
