"""Copies a workspace database into one SQLite file, as of one moment, while it is in use."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, insert, select, text

from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.storage.database import LONG_SECONDS, Database, open_database
from hotcrm_ai.storage.schema import upgrade
from hotcrm_ai.storage.tables import metadata

_AT_A_TIME: Final = 2_000


async def back_up(database: Database, workspace: str, target: Path) -> int:
    """Write the workspace's tables into a new SQLite file, complete or not at all; return how many rows it holds.

    The file is itself a workspace database, for either kind: open it with ``DATABASE_URL=sqlite:///FILE`` and the workspace's name. All
    tables are read in one transaction, so they fit together.

    Raises:
        StorageError: the target exists, or cannot be written, or the database failed.
    """
    _check(target)
    unseen = target.with_name(f".{target.name}.part")
    copy = open_database(f"sqlite:///{unseen.absolute()}")
    try:
        await upgrade(copy)
        rows = await database.run(lambda connection: _copy(connection, copy, workspace), seconds=LONG_SECONDS)
        await copy.aclose()
        _keep(unseen, target)
    finally:
        await copy.aclose()
        unseen.unlink(missing_ok=True)
    return rows


def _check(target: Path) -> None:
    """Refuse a target that is there, or cannot be made; what an interrupted backup left is removed."""
    if target.exists():
        raise StorageError(f"The file {target.name!r} exists already; give another name for the backup.")
    if not target.absolute().parent.is_dir():
        raise StorageError(f"The folder of {str(target)!r} does not exist; make it, or choose another one.")
    target.with_name(f".{target.name}.part").unlink(missing_ok=True)


def _copy(connection: Connection, copy: Database, workspace: str) -> int:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    return copy.run_sync(
        lambda other: sum(_copy_table(connection, other, table, workspace) for table in metadata.sorted_tables), True
    )


def _copy_table(connection: Connection, other: Connection, table: Any, workspace: str) -> int:
    """Copy one table's rows of the workspace, in groups, so that no size of table needs much memory."""
    query = select(table).where(table.c.workspace == workspace)
    count = 0
    for group in connection.execution_options(yield_per=_AT_A_TIME).execute(query).mappings().partitions(_AT_A_TIME):
        other.execute(insert(table), [dict(row) for row in group])
        count += len(group)
    return count


def _keep(unseen: Path, target: Path) -> None:
    """Bring the finished file to the disk under its name."""
    with unseen.open("rb+") as file:
        os.fsync(file.fileno())
    os.rename(unseen, target)
    folder = os.open(target.absolute().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
