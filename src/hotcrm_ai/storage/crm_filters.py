"""Turns filters ``[field, operator, value]`` into conditions; names come from the table, values are always bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, false, or_, true

from hotcrm_ai.domain.errors import ConfigError, InvalidRequest
from hotcrm_ai.ports.crm import Filter, RecordIds
from hotcrm_ai.storage.crm_columns import id_value, writable
from hotcrm_ai.storage.crm_objects import MappedTable

LONGEST_LIST: Final = 30_000

_ORDER: Final[dict[str, Callable[[Any, Any], ColumnElement[bool]]]] = {
    "<": lambda column, value: column < value,
    "<=": lambda column, value: column <= value,
    ">": lambda column, value: column > value,
    ">=": lambda column, value: column >= value,
}
OPERATORS: Final = ("=", "!=", *_ORDER, "in", "not in", "like", "is null", "is not null")


def conditions(mapped: MappedTable, filters: Sequence[Filter]) -> list[ColumnElement[bool]]:
    """Return the conditions of all filters.

    ``!=`` and ``not in`` hold for empty fields too; ``= None`` means empty. ``like`` takes ``%`` and ``_`` and ignores case.

    Raises:
        InvalidRequest: a filter is no triple, its field is not there, or its operator or value cannot be used.
    """
    return [_condition(mapped, one) for one in filters]


def _condition(mapped: MappedTable, given: Any) -> ColumnElement[bool]:
    if (
        not isinstance(given, list | tuple)
        or len(given) not in (2, 3)
        or not all(isinstance(x, str) for x in given[:2])
    ):
        raise InvalidRequest("A filter is [field, operator, value], for example ['status', '=', 'Open'].")
    name, operator, value = given[0], given[1].strip().lower(), given[2] if len(given) > 2 else None
    column = _column(mapped, name)
    match operator:
        case "is null":
            return column.is_(None)
        case "is not null":
            return column.is_not(None)
        case "in" | "not in":
            return _listed(mapped, column, name, value, negated=operator == "not in")
        case "=" | "!=" if value is None:
            return column.is_(None) if operator == "=" else column.is_not(None)
        case "=" | "!=":
            return _equal(mapped, column, name, value, negated=operator == "!=")
        case "like" if isinstance(value, str):
            return column.ilike(value)
    if operator not in _ORDER or value is None:
        raise InvalidRequest(
            f"The filter on {name!r} cannot be read: use one of {', '.join(OPERATORS)}, with a value that fits it."
        )
    return _ORDER[operator](column, writable(column, value, what=f"The filter on {name!r}"))


def _column(mapped: MappedTable, name: str) -> Column[Any]:
    try:
        return mapped.column(name)
    except ConfigError as problem:
        raise InvalidRequest(
            f"{mapped.object_type} has no field {name[:80]!r} to filter by; its fields are: {', '.join(sorted(mapped.columns))}. "
            "Use one of them, or map the field to a column in the setting crm_objects.",
            problems={name[:80]: "is no field of the record"},
            missing=[name],
        ) from problem


def _equal(mapped: MappedTable, column: Column[Any], name: str, value: Any, *, negated: bool) -> ColumnElement[bool]:
    bound = _bound(mapped, column, name, value)
    if bound is None:
        return true() if negated else false()
    return or_(column != bound, column.is_(None)) if negated else column == bound


def _listed(mapped: MappedTable, column: Column[Any], name: str, value: Any, *, negated: bool) -> ColumnElement[bool]:
    if not isinstance(value, list | tuple | set | frozenset) or len(value) > LONGEST_LIST:
        raise InvalidRequest(f"The filter on {name!r} needs a list of at most {LONGEST_LIST} values.")
    are_ids = isinstance(value, RecordIds)
    found = (id_value(column, one) if are_ids else _bound(mapped, column, name, one) for one in value)
    bound = [one for one in found if one is not None]
    return or_(column.not_in(bound), column.is_(None)) if negated else column.in_(bound)


def _bound(mapped: MappedTable, column: Column[Any], name: str, value: Any) -> Any:
    if column is mapped.id_column:
        return id_value(column, value)
    return writable(column, value, what=f"The filter on {name!r}")
