"""Encodes raw feature values as columns of numbers, each column belonging to one feature."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Final, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from hotcrm_ai.domain.errors import ArtifactIntegrity

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
Column = Sequence[object] | Floats
"""The values of one feature, row by row."""

DATE_PARTS: Final = ("weekday", "month", "day", "hour")
"""The parts of a date that repeat; a running day number would only extrapolate."""

_WORD: Final = re.compile(r"\w+")
_NAN: Final = float("nan")


class Encoding(Protocol):
    """How one feature becomes ``width`` columns; no value makes it fail, an unusable one counts as missing."""

    @property
    def width(self) -> int:
        """The number of columns."""
        ...

    def row(self, value: object) -> tuple[float, ...]:
        """Return the columns of one value; missing numbers are NaN."""
        ...

    def verify(self, feature: str) -> None:
        """Raise ``ArtifactIntegrity`` where the parameters do not fit together."""
        ...


class NumberEncoding(msgspec.Struct, frozen=True, kw_only=True, tag="number", rename="camel"):
    """A number as it is; also a boolean, as 0 or 1."""

    @property
    def width(self) -> int:
        """One column."""
        return 1

    def row(self, value: object) -> tuple[float, ...]:
        """Return the number, NaN for anything that is none."""
        return (as_number(value),)

    def verify(self, feature: str) -> None:
        """Accept: there is nothing that could be wrong."""


class CategoryEncoding(msgspec.Struct, frozen=True, kw_only=True, tag="category", rename="camel", dict=True):
    """A category as indicators of its frequent values, and optionally the outcome's rate at the value.

    ``keys`` are the known values, folded (see ``fold``), most frequent first; the first ``indicators`` of them have a column
    each. Then follow an indicator of all other values (``rare``), one of missing, and a column of ``rates`` (smoothed log-odds of
    the outcome), where present: one number for each key, one for values never seen, and one for missing.
    """

    keys: tuple[str, ...]
    indicators: int
    rare: bool = False
    missing: bool = False
    rates: tuple[float, ...] = ()

    @property
    def width(self) -> int:
        """The number of columns."""
        return self.indicators + self.rare + self.missing + bool(self.rates)

    @property
    def rate_column(self) -> int | None:
        """The position of the outcome rate among this feature's columns, where it has one."""
        return self.indicators + self.rare + self.missing if self.rates else None

    @cached_property
    def states(self) -> dict[str, int]:
        """The number of each known value; one above them stands for any other value, two above for missing."""
        return {key: number for number, key in enumerate(self.keys)}

    @cached_property
    def table(self) -> Floats:
        """The columns of each state."""
        known = len(self.keys)
        table = np.zeros((known + 2, self.width))
        table[np.arange(self.indicators), np.arange(self.indicators)] = 1.0
        if self.rare:
            table[self.indicators : known + 1, self.indicators] = 1.0
        if self.missing:
            table[known + 1, self.indicators + self.rare] = 1.0
        if self.rates:
            table[:, -1] = self.rates
        return table

    def state(self, value: object) -> int:
        """Return the state of a value."""
        if not isinstance(value, str):
            return len(self.keys) + 1
        folded = fold(value)
        return self.states.get(folded, len(self.keys)) if folded else len(self.keys) + 1

    def row(self, value: object) -> tuple[float, ...]:
        """Return the columns of a value; a value never seen counts as rare."""
        return tuple(self.table[self.state(value)].tolist())

    def verify(self, feature: str) -> None:
        """Raise ``ArtifactIntegrity`` where counts do not fit, a key repeats, or a number is not finite."""
        known = len(self.keys)
        sound = (
            len(set(self.keys)) == known
            and 0 <= self.indicators <= known
            and len(self.rates) in (0, known + 2)
            and bool(np.all(np.isfinite(np.array(self.rates, dtype=np.float64))))
        )
        _require(sound, feature)


class DateEncoding(msgspec.Struct, frozen=True, kw_only=True, tag="date", rename="camel"):
    """A date as those of its parts that repeat: weekday (Monday 0), month, day of the month, hour."""

    parts: tuple[str, ...]

    @property
    def width(self) -> int:
        """One column for each part."""
        return len(self.parts)

    def row(self, value: object) -> tuple[float, ...]:
        """Return the parts of a date or of its ISO 8601 text."""
        moment = as_moment(value)
        if moment is None:
            return (_NAN,) * len(self.parts)
        numbers = {"weekday": moment.weekday(), "month": moment.month, "day": moment.day, "hour": moment.hour}
        return tuple(float(numbers[part]) for part in self.parts)

    def verify(self, feature: str) -> None:
        """Raise ``ArtifactIntegrity`` for a part that is not known."""
        _require(set(self.parts) <= set(DATE_PARTS), feature)


class TextEncoding(msgspec.Struct, frozen=True, kw_only=True, tag="text", rename="camel"):
    """A text as indicators of telling words, and the number of its words."""

    tokens: tuple[str, ...]

    @property
    def width(self) -> int:
        """One column for each word, and the number of words."""
        return len(self.tokens) + 1

    def row(self, value: object) -> tuple[float, ...]:
        """Return the columns of a text; where it is missing its number of words is."""
        if not isinstance(value, str) or not value.strip():
            return (0.0,) * len(self.tokens) + (_NAN,)
        found = words(value)
        present = set(found)
        return (*(1.0 if token in present else 0.0 for token in self.tokens), float(len(found)))

    def verify(self, feature: str) -> None:
        """Raise ``ArtifactIntegrity`` where a word repeats."""
        _require(len(set(self.tokens)) == len(self.tokens), feature)


class ConstantEncoding(msgspec.Struct, frozen=True, kw_only=True, tag="constant", rename="camel"):
    """A feature that said nothing in training: it has no columns and never changes an answer."""

    @property
    def width(self) -> int:
        """No column."""
        return 0

    def row(self, value: object) -> tuple[float, ...]:  # noqa: ARG002 - the shape of every encoding
        """Return no columns."""
        return ()

    def verify(self, feature: str) -> None:
        """Accept: there is nothing that could be wrong."""


AnyEncoding = NumberEncoding | CategoryEncoding | DateEncoding | TextEncoding | ConstantEncoding


def encode_column(encoding: AnyEncoding, values: Column) -> Floats:
    """Return the columns of one feature for many rows, of shape rows by width."""
    match encoding:
        case NumberEncoding():
            if isinstance(values, np.ndarray) and values.dtype == np.float64:
                return np.where(np.isfinite(values), values, np.nan)[:, None]
            return np.array([as_number(value) for value in values], dtype=np.float64).reshape(-1, 1)
        case CategoryEncoding():
            return encoding.table[category_states(encoding, values)]
        case _:
            rows = [encoding.row(value) for value in values]
            return np.array(rows, dtype=np.float64).reshape(len(rows), encoding.width)


def category_states(encoding: CategoryEncoding, values: Column) -> Indices:
    """Return the state of each value, folding each different one once."""
    seen: dict[object, int] = {}
    states = np.empty(len(values), dtype=np.intp)
    for row, value in enumerate(values):
        key = value if isinstance(value, str) else None
        found = seen.get(key)
        if found is None:
            found = seen[key] = encoding.state(key)
        states[row] = found
    return states


def as_number(value: object) -> float:
    """Return a number or boolean as float; NaN for anything else and for infinities."""
    if isinstance(value, int | float | np.number | np.bool_):
        try:
            number = float(value)
        except OverflowError:
            return _NAN
        return number if -np.inf < number < np.inf else _NAN
    return _NAN


def as_moment(value: object) -> datetime | None:
    """Return a date, datetime or ISO 8601 text as a moment in UTC; nothing for anything else."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        try:
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        except OverflowError:
            return None
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return None


def fold(value: str) -> str:
    """Return the spelling under which a category is known: outer blanks and case do not matter."""
    return value.strip().casefold()


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, in order."""
    return _WORD.findall(text.casefold())


def _require(sound: bool, feature: str) -> None:
    if not sound:
        raise ArtifactIntegrity(
            f"The encoding of feature {feature!r} in a model file is malformed; publish the model again."
        )
