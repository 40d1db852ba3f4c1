"""Reads and writes the records of a CRM that lives in SQLite or PostgreSQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, bindparam, null, select, update

from hotcrm_ai.domain.errors import ConfigError, CRMNotConfigured, InvalidRequest, RecordNotFound, StorageError
from hotcrm_ai.domain.secret import Secret
from hotcrm_ai.domain.write_back import is_later
from hotcrm_ai.ports.crm import Filter
from hotcrm_ai.storage.crm_columns import id_value, readable, writable
from hotcrm_ai.storage.crm_filters import conditions
from hotcrm_ai.storage.crm_objects import MappedTable, find_table, read_objects
from hotcrm_ai.storage.database import LONG_SECONDS, Database, open_database

T = TypeVar("T")

PAGE_RECORDS: Final = 1_000
_SETTING: Final = "HOTCRM_AI_CRM_URL"
_KEY: Final = "hotcrm_ai_record"


class SQLCRMStore:
    """A ``CRMStore`` over the tables of a CRM as they are.

    ``objects`` maps object types to tables (see ``CRMObject``); types that it does not name are looked for by name, ``Lead`` as
    ``leads``. A table is checked when it is first used. Records are plain dictionaries with their id as text under ``id``.
    """

    def __init__(self, database: Database | Secret | str, *, objects: Mapping[str, Any] | None = None) -> None:
        self._source = database
        self._opened: Database | None = None
        self._objects = read_objects(objects or {})
        self._tables: dict[str, MappedTable] = {}

    async def get(self, object_type: str, id: str) -> dict[str, Any]:  # noqa: A002 - the contract's name
        """Return one record with all its fields.

        Raises:
            RecordNotFound: the CRM has no such record.
        """
        found = await self.find(object_type, [["id", "=", id]])
        if not found:
            raise _not_found(object_type, [id])
        return found[0]

    async def find(
        self, object_type: str, filters: Sequence[Filter] = (), fields: Sequence[str] | None = None, page: int | None = None,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Return the records that meet all conditions, in order of id, with the id and the fields asked for (all without them).

        ``page`` counts from 1 and holds 1,000 records; without it all are returned.

        Raises:
            InvalidRequest: a filter or the page cannot be used.
            ConfigError: the table or a field is not there.
        """
        if page is not None and page < 1:
            raise InvalidRequest(f"The page {page!r} is not valid; pages count from 1.")

        def read(connection: Connection, mapped: MappedTable) -> list[dict[str, Any]]:
            wanted = mapped.columns if fields is None else {"id": mapped.id_column, **mapped.chosen(list(fields))}
            where = conditions(mapped, filters)
            if page is not None:
                return list(_page(connection, mapped, wanted, where, page))
            return [record for records in _all_pages(connection, mapped, wanted, where) for record in records]

        return await self._run(object_type, read)

    async def highest(
        self, object_type: str, field: str, filters: Sequence[Filter] = (), *, limit: int = 10
    ) -> list[dict[str, Any]]:
        """Return the records with the highest values of a field, with all their fields, the highest first.

        Records without a value are left out; of equal ones the lower id comes first. At most 1,000 are returned.

        Raises:
            InvalidRequest: a filter cannot be used, or the limit is not from 1 to 1,000.
            ConfigError: the table or a field is not there.
        """
        if not 1 <= limit <= PAGE_RECORDS:
            raise InvalidRequest(f"The limit {limit!r} is not valid; give one from 1 to {PAGE_RECORDS:,}.")

        def read(connection: Connection, mapped: MappedTable) -> list[dict[str, Any]]:
            column = mapped.column(field)
            columns = [one.label(f"field_{place}") for place, one in enumerate(mapped.columns.values())]
            query = (
                select(*columns)
                .where(*conditions(mapped, filters), column.is_not(None))
                .order_by(column.desc(), mapped.id_column)
                .limit(limit)
            )
            return [_record(mapped.columns, row) for row in connection.execute(query)]

        return await self._run(object_type, read)

    async def update(self, object_type: str, id: str, changes: Mapping[str, Any]) -> None:  # noqa: A002 - the contract's name
        """Write the given fields of one record.

        Raises:
            RecordNotFound: the CRM has no such record.
            InvalidRequest: a value does not fit its column, or is a number that is not finite.
            ConfigError: the table or a field is not there.
        """
        await self.update_many(object_type, {id: changes})

    async def update_many(
        self, object_type: str, changes: Mapping[str, Mapping[str, Any]], *, latest_by: str | None = None
    ) -> int:
        """Write fields of several records (by id) in one transaction, all or none; return how many records.

        With ``latest_by``, a field with a moment, records that hold a later one than what would be written are left as they are, so
        that of two writers the one with the newer values wins, whoever comes last.

        Raises:
            RecordNotFound: naming every id that the CRM does not have.
            InvalidRequest: a value does not fit its column, or is a number that is not finite.
            ConfigError: the table or a field is not there.
        """

        def write(connection: Connection, mapped: MappedTable) -> int:
            rows = [_change(mapped, id_, fields) for id_, fields in changes.items()]
            by = None if latest_by is None else mapped.column(latest_by)
            held = _lock_records(connection, mapped, [row[_KEY] for row in rows], named=list(changes), by=by)
            if by is not None:
                rows = [row for row in rows if not is_later(held[row[_KEY]], row.get(mapped.parameter(by)))]
            for statement, group in _statements(mapped, rows):
                connection.execute(statement, group)
            return len(rows)

        return await self._run(object_type, write, write=True)

    async def aclose(self) -> None:
        """Close the database, if this store opened it."""
        if self._opened is not None and self._opened is not self._source:
            await self._opened.aclose()

    @property
    def _database(self) -> Database:
        """The CRM's database, opened at first use: a workspace may live without a CRM."""
        if self._opened is None:
            source = self._source
            self._opened = source if isinstance(source, Database) else _open(source)
        return self._opened

    async def _run(self, object_type: str, work: Callable[[Connection, MappedTable], T], *, write: bool = False) -> T:
        """Run work on the table; where a column seems to be missing, look again, for it may have been added since."""
        known = self._tables.get(object_type)
        if known is not None:
            try:
                return await self._database.run(
                    lambda connection: work(connection, known), write=write, seconds=LONG_SECONDS
                )
            except (ConfigError, InvalidRequest) as problem:
                if isinstance(problem, InvalidRequest) and "missing" not in problem.details:
                    raise
                self._tables.pop(object_type, None)

        def look_and_work(connection: Connection) -> T:
            mapped = find_table(connection, object_type, self._objects.get(object_type))
            self._tables[object_type] = mapped
            return work(connection, mapped)

        return await self._database.run(look_and_work, write=write, seconds=LONG_SECONDS)


def _page(
    connection: Connection,
    mapped: MappedTable,
    wanted: Mapping[str, Column[Any]],
    where: list[ColumnElement[bool]],
    page: int,
) -> Iterator[dict[str, Any]]:
    query = _ordered(mapped, wanted, where).offset((page - 1) * PAGE_RECORDS)
    for row in connection.execute(query):
        yield _record(wanted, row)


def _all_pages(
    connection: Connection, mapped: MappedTable, wanted: Mapping[str, Column[Any]], where: list[ColumnElement[bool]]
) -> Iterator[list[dict[str, Any]]]:
    """Read page after page, each from the last id on, so that a long table costs no more per page than a short one."""
    after: list[ColumnElement[bool]] = []
    while True:
        rows = connection.execute(_ordered(mapped, wanted, [*where, *after])).all()
        yield [_record(wanted, row) for row in rows]
        if len(rows) < PAGE_RECORDS:
            return
        after = [mapped.id_column > rows[-1][-1]]


def _ordered(mapped: MappedTable, wanted: Mapping[str, Column[Any]], where: list[ColumnElement[bool]]) -> Any:
    columns = [column.label(f"field_{place}") for place, column in enumerate(wanted.values())]
    return select(*columns, mapped.id_column.label(_KEY)).where(*where).order_by(mapped.id_column).limit(PAGE_RECORDS)


def _record(wanted: Mapping[str, Column[Any]], row: Sequence[Any]) -> dict[str, Any]:
    record = {name: readable(value) for name, value in zip(wanted, row, strict=False)}
    record["id"] = str(record["id"])
    return record


def _change(mapped: MappedTable, id_: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of one record's update, checked and typed."""
    columns = mapped.chosen(list(fields))
    if mapped.id_column in columns.values():
        raise InvalidRequest(f"The id of {mapped.object_type} {id_!r} cannot be changed; nothing was written.")
    values = {
        mapped.parameter(column): writable(column, fields[name], what=f"Field {name!r} of {mapped.object_type} {id_!r}")
        for name, column in columns.items()
    }
    return {_KEY: id_value(mapped.id_column, id_), **values}


def _lock_records(
    connection: Connection, mapped: MappedTable, keys: list[Any], *, named: list[str], by: Column[Any] | None
) -> dict[Any, Any]:
    """Lock the records until the transaction ends; return what each holds in the column ``by``."""
    held: dict[Any, Any] = {}
    usable = [key for key in keys if key is not None]
    for start in range(0, len(usable), PAGE_RECORDS):
        chunk = usable[start : start + PAGE_RECORDS]
        columns = [mapped.id_column.label("key"), (null() if by is None else by).label("held")]
        query = select(*columns).where(mapped.id_column.in_(chunk)).order_by(mapped.id_column).with_for_update()
        held.update({row.key: row.held for row in connection.execute(query)})
    missing = [name for name, key in zip(named, keys, strict=True) if key not in held]
    if missing:
        raise _not_found(mapped.object_type, missing)
    return held


def _statements(mapped: MappedTable, rows: list[dict[str, Any]]) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    """Group the rows by the fields that they change, for each group is one statement."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[tuple(sorted(row))].append(row)
    for names, group in groups.items():
        columns = {name: column for column in mapped.table.columns if (name := mapped.parameter(column)) in names}
        if not columns:
            continue
        values = {column: bindparam(name, type_=column.type) for name, column in columns.items()}
        yield (
            update(mapped.table).where(mapped.id_column == bindparam(_KEY, type_=mapped.id_column.type)).values(values),
            group,
        )


def _open(url: Secret | str) -> Database:
    try:
        return open_database(url, create=False, setting=_SETTING)
    except StorageError as problem:
        raise CRMNotConfigured(
            f"There is no CRM to read. {problem.message} Set {_SETTING} to the database of your CRM."
        ) from problem


def _not_found(object_type: str, ids: Sequence[str]) -> RecordNotFound:
    shown = ", ".join(repr(str(id_)[:80]) for id_ in ids[:10]) + (f" and {len(ids) - 10} more" if len(ids) > 10 else "")
    return RecordNotFound(
        f"The CRM has no {object_type} with id {shown}; nothing was written.", ids=[str(id_) for id_ in ids]
    )
