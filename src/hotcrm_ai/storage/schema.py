"""Brings a workspace database to the present version of its tables, and says which version it has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, column, inspect, select, table, text

from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.storage import migrations
from hotcrm_ai.storage.database import LONG_SECONDS, Database
from hotcrm_ai.storage.tables import VERSION_TABLE, metadata

_MIGRATION_LOCK: Final = 7_301_205_119
"""The key of PostgreSQL's advisory lock that lets one process migrate at a time; any number that others do not use."""


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """The version of a database's tables (None: there are none yet) beside the version that this package needs."""

    version: str | None
    wanted: str

    @property
    def is_current(self) -> bool:
        """Whether the database is ready to be used."""
        return self.version == self.wanted


async def upgrade(database: Database) -> SchemaStatus:
    """Bring the tables to the present version and return it; a database already there is only looked at.

    An empty database gets the present tables in one step, an older one is migrated. All of it is one transaction, and processes that
    start together do it one after the other.

    Raises:
        StorageError: the database failed, or was made by a newer version of this package.
    """
    status = await schema_status(database)
    return status if status.is_current else await database.run(_upgrade, write=True, seconds=LONG_SECONDS)


async def schema_status(database: Database) -> SchemaStatus:
    """Return the version of the database's tables."""
    return await database.run(_status)


def _status(connection: Connection) -> SchemaStatus:
    version = None
    if inspect(connection).has_table(VERSION_TABLE):
        version = connection.scalar(select(column("version_num")).select_from(table(VERSION_TABLE)))
    return SchemaStatus(version=version, wanted=migrations.HEAD)


def _upgrade(connection: Connection) -> SchemaStatus:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
    version = _status(connection).version
    if version is None:
        _create(connection)
    elif version != migrations.HEAD:
        migrate(connection, to=migrations.HEAD)
    return _status(connection)


def _create(connection: Connection) -> None:
    """Create the present tables at once: loading Alembic for it would take longer than all the rest of a first start."""
    metadata.create_all(connection, checkfirst=False)
    connection.execute(
        text(
            f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL CONSTRAINT {VERSION_TABLE}_pkc PRIMARY KEY)"
        )
    )
    connection.execute(table(VERSION_TABLE, column("version_num")).insert(), {"version_num": migrations.HEAD})


def migrate(connection: Connection, *, to: str) -> None:
    """Run Alembic's steps up to ``to`` inside the connection's transaction.

    Raises:
        StorageError: the database has a version that this package does not know.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    folder = str(Path(migrations.__file__).parent)
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, to)
    except CommandError as problem:
        raise StorageError(
            "The workspace database was made by a newer version of hotcrm-ai; install that version or a newer one."
        ) from problem
