"""Reads the cells of one file in the types of a model's signature, with its numbers and dates as this very file writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from hotcrm_ai.domain.signature import FeatureSpec, parse_text
from hotcrm_ai.domain.written_numbers import DecimalSign, read_number
from hotcrm_ai.training.cell_dates import DayOrder, day_order, read_date
from hotcrm_ai.training.infer_types import cell_text

_SIGNS: Final[tuple[DecimalSign, DecimalSign]] = (".", ",")


@dataclass(slots=True)
class Seen:
    """What was seen of one column: whether any cell holds something, and how its texts write numbers and dates."""

    filled: bool = False
    pointed: int = 0
    with_comma: int = 0
    day_first: bool = False
    month_first: bool = False

    def see(self, spec: FeatureSpec, value: Any) -> None:
        """Take one more cell into account."""
        if not isinstance(value, str):
            self.filled = self.filled or (value is not None and value == value)
            return
        text = value.strip()
        if not text:
            return
        self.filled = True
        if spec.type == "number" and not text.isdigit():
            self.pointed += read_number(text, ".") is not None
            self.with_comma += read_number(text, ",") is not None
        elif spec.type == "date":
            order = day_order((text,))
            self.day_first |= order == "day first"
            self.month_first |= order == "month first"

    @property
    def sign(self) -> DecimalSign | None:
        """The decimal sign that the column surely has; nothing where its cells are numbers with either."""
        if self.pointed == self.with_comma:
            return None
        return "." if self.pointed > self.with_comma else ","

    @property
    def order(self) -> DayOrder:
        """How the slashed dates of the column are to be read."""
        if self.day_first == self.month_first:
            return "unclear"
        return "day first" if self.day_first else "month first"


class CellReader:
    """Reads cells by what was seen of their columns; a column that does not show its decimal sign follows the others, or its feature."""

    def __init__(self, seen: Mapping[str, tuple[FeatureSpec, Seen]]) -> None:
        common = _common_sign(column.sign for _, column in seen.values())
        self._specs: dict[str, FeatureSpec] = {}
        self._orders: dict[str, DayOrder] = {}
        self.other_signs: list[str] = []
        """The features whose numbers this file writes with another decimal sign than the model's training table."""
        for name, (spec, column) in seen.items():
            sign = column.sign or common or spec.decimal_sign
            self._specs[name] = msgspec.structs.replace(spec, decimal_sign=sign)
            self._orders[name] = column.order
            if spec.type == "number" and sign != spec.decimal_sign and (column.pointed or column.with_comma):
                self.other_signs.append(name)

    def read(self, name: str, value: Any) -> Any:
        """Return a cell in its feature's type; raises ``ValueError`` where it is no value of that type."""
        spec = self._specs[name]
        if isinstance(value, str):
            moment = read_date(value.strip(), self._orders[name]) if spec.type == "date" else None
            return parse_text(spec, value) if moment is None else moment.isoformat()
        plain = plain_cell(value)
        if spec.type == "boolean" and isinstance(plain, int | float) and plain in (0, 1):
            return bool(plain)
        if spec.type == "number" and isinstance(plain, bool):
            return float(plain)
        if spec.type == "category" and isinstance(plain, int | float):
            return cell_text(plain)
        return plain


def plain_cell(value: Any) -> Any:
    """Bring a value into JSON's types; databases and Parquet know decimals, dates and durations, and NaN for missing."""
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.isoformat() if isinstance(value, date) else value


def untyped_cell(value: Any) -> Any:
    """Return a cell for a model that declares no features: a text that is a number as that number."""
    if not isinstance(value, str):
        return plain_cell(value)
    try:
        return float(value)
    except ValueError:
        return value or None


def _common_sign(signs: Iterable[DecimalSign | None]) -> DecimalSign | None:
    found = {sign for sign in signs if sign is not None}
    return next((sign for sign in _SIGNS if found == {sign}), None)
