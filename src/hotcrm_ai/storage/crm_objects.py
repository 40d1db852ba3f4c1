"""Says which table holds which objects of a CRM, and checks that against the tables that are really there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Column, Connection, MetaData, Table, event, inspect

from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.storage.crm_columns import portable_type

_BOUNDARY: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_KEYS: Final = frozenset({"table", "id_column", "schema", "fields"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CRMObject:
    """Where the records of one object type are: table, id column, and the columns of fields that are called otherwise there.

    ``fields`` maps the name that the caller uses to the column's name. Columns that it does not name keep their own names, and the
    id is always called ``id``.
    """

    table: str
    id_column: str = "id"
    schema: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MappedTable:
    """A table as it really is, with its columns under the names that callers use."""

    object_type: str
    table: Table
    id_column: Column[Any]
    columns: Mapping[str, Column[Any]]

    def column(self, name: str) -> Column[Any]:
        """Return the column of a field; ``Id`` is the id too.

        Raises:
            ConfigError: there is no such column; the message lists those that there are.
        """
        return self.chosen([name])[name]

    def chosen(self, names: list[str]) -> dict[str, Column[Any]]:
        """Return the columns of several fields by name.

        Raises:
            ConfigError: listing every field without a column, and the columns that there are.
        """
        found = {name: column for name in names if (column := self._find(name)) is not None}
        missing = [name for name in names if name not in found]
        if missing:
            raise ConfigError(
                f"Table {self.table.name!r} of {self.object_type!r} has no column for: {', '.join(map(repr, missing))}; "
                f"its fields are: {', '.join(sorted(self.columns))}. Add the column, or map the field to one.",
                missing=missing,
            )
        return found

    def parameter(self, column: Column[Any]) -> str:
        """Return the name of the parameter for a column's value, by its place: the column's own name may hold any character."""
        return f"field_{self.table.columns.keys().index(column.key)}"

    def _find(self, name: str) -> Column[Any] | None:
        found = self.columns.get(name)
        return self.id_column if found is None and name == "Id" else found


def read_objects(given: Mapping[str, Any]) -> dict[str, CRMObject]:
    """Read the map from object types to tables: a table's name, a mapping of its keys, or a ``CRMObject``.

    Raises:
        ConfigError: listing every entry that is none of these.
    """
    objects: dict[str, CRMObject] = {}
    problems: list[str] = []
    for object_type, entry in given.items():
        if isinstance(entry, CRMObject):
            objects[object_type] = entry
        elif isinstance(entry, str) and entry:
            objects[object_type] = CRMObject(table=entry)
        elif problem := _problem_of(entry):
            problems.append(f"{object_type!r}: {problem}")
        else:
            objects[object_type] = CRMObject(**entry)
    if problems:
        raise ConfigError("The map of the CRM's objects is not valid:", problems=tuple(problems))
    return objects


def find_table(connection: Connection, object_type: str, known: CRMObject | None) -> MappedTable:
    """Reflect the table of an object type; without an entry in the map it is found by name, ``Lead`` as ``leads``.

    Raises:
        ConfigError: the table, its id column or a mapped column is not there; the message lists what is there.
    """
    present = {*inspect(connection).get_table_names(known.schema if known else None)}
    present |= {*inspect(connection).get_view_names(known.schema if known else None)}
    names = [known.table] if known else table_names(object_type)
    folded = {name.casefold(): name for name in sorted(present)}
    name = next((found for name in names if (found := name if name in present else folded.get(name.casefold()))), None)
    if name is None:
        raise ConfigError(
            f"The CRM has no table for {object_type!r} (looked for {', '.join(map(repr, names))}); its tables are: "
            f"{', '.join(sorted(present)) or 'none'}. Name the right one in the setting crm_objects."
        )
    metadata = MetaData()
    event.listen(metadata, "column_reflect", portable_type)
    table = Table(name, metadata, autoload_with=connection, resolve_fks=False, schema=known.schema if known else None)
    return _map_columns(object_type, table, known or CRMObject(table=name))


def table_names(object_type: str) -> list[str]:
    """Return the names under which an object type's table is looked for: ``SupportCase`` as ``support_cases`` first."""
    snake = _BOUNDARY.sub("_", object_type).lower()
    if re.search(r"[^aeiou]y$", snake):
        plural = f"{snake[:-1]}ies"
    elif snake.endswith(("s", "x", "z", "ch", "sh")):
        plural = f"{snake}es"
    else:
        plural = f"{snake}s"
    return list(dict.fromkeys([plural, snake, object_type]))


def _map_columns(object_type: str, table: Table, entry: CRMObject) -> MappedTable:
    wanted = {"id": entry.id_column, **entry.fields}
    missing = sorted({column for column in wanted.values() if column not in table.columns})
    if missing:
        raise ConfigError(
            f"Table {table.name!r} of {object_type!r} has no column {', '.join(map(repr, missing))}; "
            f"its columns are: {', '.join(column.name for column in table.columns)}.",
            missing=missing,
        )
    renamed = set(wanted.values())
    columns = {name: table.columns[column] for name, column in wanted.items()}
    for column in table.columns:
        if column.name in renamed:
            continue
        if column.name in columns:
            raise ConfigError(
                f"Table {table.name!r} of {object_type!r} has a column {column.name!r}, but that name is mapped to "
                f"{wanted[column.name]!r}; map another name to {column.name!r} in the setting crm_objects."
            )
        columns[column.name] = column
    return MappedTable(object_type, table, table.columns[entry.id_column], columns)


def _problem_of(entry: Any) -> str | None:
    if not isinstance(entry, Mapping):
        return "give the table's name, or a mapping with 'table', 'id_column' and 'fields'"
    unknown = sorted(str(key) for key in entry if key not in _KEYS)
    if unknown:
        return f"unknown keys {', '.join(unknown)}; known are: {', '.join(sorted(_KEYS))}"
    if "table" not in entry:
        return "'table' is missing"
    texts = [entry[key] for key in ("table", "id_column") if key in entry]
    fields = entry.get("fields", {})
    if not isinstance(fields, Mapping) or not all(
        isinstance(text, str) and text for text in (*texts, *fields.values())
    ):
        return "'table' and 'id_column' are names, and 'fields' maps names to columns"
    return None
