"""Brings values into the types of a CRM's columns before they are written, and reads them leniently.

Real CRM tables hold text where a date was declared, and 'n/a' where a number was. Reading such a value gives it as it is; writing
one is refused.
"""

from __future__ import annotations

import contextlib
import math
import uuid
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Column, Dialect, Inspector, Table, TypeDecorator
from sqlalchemy import types as sql_types

from hotcrm_ai.domain.errors import InvalidRequest


class LenientMoment(TypeDecorator[Any]):
    """A date or time of SQLite, which keeps them as text; what is no date is read as the text that it is."""

    impl = sql_types.String
    cache_ok = True

    def __init__(self, kind: type[date] | type[datetime] | type[time]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy calls it so
        """Write a moment as SQLite's own functions and SQLAlchemy's types spell it: UTC, with a space before the time."""
        if isinstance(value, datetime):
            return value.strftime("%Y-%m-%d %H:%M:%S.%f")
        return value.isoformat() if isinstance(value, date | time) else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy calls it so
        """Read a moment, or give back what is none."""
        if isinstance(value, str):
            with contextlib.suppress(ValueError):
                return self.kind.fromisoformat(value)
        return value


class LenientBoolean(TypeDecorator[Any]):
    """A yes or no of SQLite, which keeps it as 0 or 1; anything else is read as it is."""

    impl = sql_types.Integer
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy calls it so
        """Write true as 1 and false as 0."""
        return int(value) if isinstance(value, bool) else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy calls it so
        """Read 0 and 1, or give back what is neither."""
        return bool(value) if value in (0, 1) else value


def portable_type(inspector: Inspector, table: Table, column: Any) -> None:  # noqa: ARG001 - an event of SQLAlchemy
    """Give a reflected column a type whose values are plain Python, the same on SQLite and PostgreSQL."""
    declared = column["type"]
    if isinstance(declared, sql_types.Numeric) and not isinstance(declared, sql_types.Float):
        column["type"] = sql_types.Numeric(declared.precision, declared.scale, asdecimal=False)
    if inspector.dialect.name != "sqlite":
        return
    if isinstance(declared, sql_types.DateTime):
        column["type"] = LenientMoment(datetime)
    elif isinstance(declared, sql_types.Date):
        column["type"] = LenientMoment(date)
    elif isinstance(declared, sql_types.Time):
        column["type"] = LenientMoment(time)
    elif isinstance(declared, sql_types.Boolean):
        column["type"] = LenientBoolean()
    elif isinstance(declared, sql_types.Numeric):
        column["type"] = sql_types.NullType()


def readable(value: Any) -> Any:
    """Return a value as callers get it: moments in UTC, numbers as plain numbers."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, Decimal):
        return float(value)
    return str(value) if isinstance(value, uuid.UUID) else value


def writable(column: Column[Any], value: Any, *, what: str) -> Any:
    """Return a value in the type of its column.

    ``what`` names the field in messages. A naive moment counts as UTC.

    Raises:
        InvalidRequest: the value is of another type, or a number that is not finite.
    """
    if value is None:
        return None
    if isinstance(value, float | Decimal) and not math.isfinite(value):
        raise InvalidRequest(f"{what} would become {value}, which is no finite number; nothing was written.")
    kind = _kind(column)
    try:
        return _convert(kind, value, zoned=bool(getattr(column.type, "timezone", False)))
    except (TypeError, ValueError) as problem:
        raise InvalidRequest(
            f"{what} takes {_NAMES.get(kind, 'another type')}, not {str(value)[:60]!r} ({type(value).__name__}); nothing was written."
        ) from problem


def id_value(column: Column[Any], given: Any) -> Any:
    """Return an id in the type of the id column, or nothing where no record of this table can have it."""
    kind = _kind(column)
    if isinstance(given, bool) or given is None:
        return None
    try:
        if kind is int:
            number = int(str(given)[:20])
            return number if str(number) == str(given) and -(2**63) <= number < 2**63 else None
        if kind is uuid.UUID:
            return uuid.UUID(str(given))
    except ValueError:
        return None
    return None if "\x00" in str(given) else str(given)


_NAMES: Final[dict[type[Any], str]] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    datetime: "a date and time (ISO 8601)",
    date: "a date (ISO 8601)",
}


def _kind(column: Column[Any]) -> type[Any]:
    declared = column.type
    if isinstance(declared, LenientMoment):
        return declared.kind
    if isinstance(declared, LenientBoolean):
        return bool
    if isinstance(declared, sql_types.Numeric):
        return float
    try:
        return declared.python_type
    except NotImplementedError:
        return object


def _convert(kind: type[Any], value: Any, *, zoned: bool) -> Any:
    if kind is bool:
        return _boolean(value)
    if kind is int:
        return _whole_number(value)
    if kind is float:
        return _number(value)
    if kind is datetime:
        return _moment(value, zoned=zoned)
    if kind is date:
        return _day(value)
    if kind is str:
        return _text(value)
    return value


def _boolean(value: Any) -> bool:
    if isinstance(value, bool) or (isinstance(value, int) and value in (0, 1)):
        return bool(value)
    raise TypeError


def _whole_number(value: Any) -> int:
    if not isinstance(value, int | float | Decimal) or isinstance(value, bool):
        raise TypeError
    whole = int(value)
    if whole != value or abs(whole) >= 2**63:
        raise ValueError
    return whole


def _number(value: Any) -> int | float:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise TypeError


def _moment(value: Any, *, zoned: bool) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime):
        if not isinstance(moment, date):
            raise TypeError
        moment = datetime.combine(moment, time())
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware if zoned else aware.replace(tzinfo=None)


def _day(value: Any) -> date:
    if isinstance(value, str):
        return date.fromisoformat(value)
    if isinstance(value, datetime):
        return (value if value.tzinfo is None else value.astimezone(UTC)).date()
    if isinstance(value, date):
        return value
    raise TypeError


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and "\x00" not in value:
        value.encode()
        return value
    raise TypeError
