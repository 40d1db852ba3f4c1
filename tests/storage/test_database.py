"""How databases are opened, how their failures are told, and how work runs on them."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from hotcrm_ai.domain.errors import ConfigError, MissingExtra, ModelNotFound, StorageError
from hotcrm_ai.domain.secret import Secret
from hotcrm_ai.storage import Database, open_database
from hotcrm_ai.storage.sqlite_connection import journal_mode, journal_note


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ((3, 40, 1), "delete"),
        ((3, 44, 5), "delete"),
        ((3, 44, 6), "wal"),
        ((3, 45, 0), "delete"),
        ((3, 50, 6), "delete"),
        ((3, 50, 7), "wal"),
        ((3, 51, 0), "delete"),
        ((3, 51, 2), "delete"),
        ((3, 51, 3), "wal"),
        ((3, 52, 0), "wal"),
        ((4, 0, 0), "wal"),
    ],
)
def test_wal_is_used_only_where_it_loses_nothing(version: tuple[int, int, int], mode: str) -> None:
    """WAL is used by the versions of SQLite that have the fix of its reset bug; all others get a rollback journal and a note."""
    assert journal_mode(version) == mode
    assert (journal_note(version) is None) == (mode == "wal")


@pytest.mark.parametrize(("version", "mode"), [((3, 40, 1), "delete"), ((3, 51, 3), "wal")])
async def test_connections_are_durable(sqlite_url: str, version: tuple[int, int, int], mode: str) -> None:
    """Each connection syncs fully, waits for locks, keeps foreign keys, and uses the journal that the linked version allows."""
    database = open_database(sqlite_url, sqlite_version=version)

    def pragmas(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        return [connection.scalar(text(f"PRAGMA {name}")) for name in names]

    assert await database.run(pragmas) == [mode, 2, 10_000, 1]
    assert bool(database.notes) == (mode == "delete")
    await database.aclose()


async def test_a_file_in_wal_is_taken_out_of_it_by_a_version_that_could_lose_commits(sqlite_url: str) -> None:
    """A file that a fixed version left in WAL is turned back before a version without the fix writes to it."""
    fixed = open_database(sqlite_url, sqlite_version=(3, 51, 3))
    await fixed.run(lambda connection: connection.execute(text("CREATE TABLE t (x)")), write=True)
    await fixed.aclose()
    unfixed = open_database(sqlite_url, sqlite_version=(3, 40, 1))
    assert await unfixed.run(lambda connection: connection.scalar(text("PRAGMA journal_mode"))) == "delete"
    await unfixed.aclose()


async def test_work_is_kept_whole_or_not_at_all(database: Database) -> None:
    """A piece of work that raises leaves nothing behind, and its error arrives as it is."""

    def work(connection: Connection) -> None:
        connection.execute(text("INSERT INTO registry_counter VALUES ('w', 1)"))
        raise ModelNotFound("no")

    with pytest.raises(ModelNotFound):
        await database.run(work, write=True)
    count = text("SELECT count(*) FROM registry_counter")
    assert await database.run(lambda connection: connection.scalar(count)) == 0


async def test_many_writers_never_meet_a_lock(database: Database) -> None:
    """A hundred writers at once all succeed, for they take turns."""
    insert = text("INSERT INTO registry_counter VALUES (:name, 1)")
    await asyncio.gather(
        *(
            database.run(lambda connection, name=f"w{i}": connection.execute(insert, {"name": name}), write=True)
            for i in range(100)
        )
    )
    count = text("SELECT count(*) FROM registry_counter")
    assert await database.run(lambda connection: connection.scalar(count)) == 100


async def test_a_database_in_memory_is_one_and_the_same_for_all_work() -> None:
    """What one piece of work writes to a database in memory is there for the next, whatever thread it runs in."""
    database = open_database("sqlite://")
    await database.run(lambda connection: connection.execute(text("CREATE TABLE t (x)")), write=True)
    counts = await asyncio.gather(
        *(database.run(lambda connection: connection.scalar(text("SELECT count(*) FROM t"))) for _ in range(20))
    )
    assert counts == [0] * 20
    await database.aclose()


async def test_a_locked_file_is_told_as_such(tmp_path: Path) -> None:
    """A file that another connection holds gives a StorageError that names the file and what to do, and no path or SQL."""
    path = tmp_path / "workspace.db"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    database = open_database(f"sqlite:///{path}", busy_timeout_ms=1)
    with pytest.raises(StorageError) as caught:
        await database.run(lambda connection: connection.execute(text("CREATE TABLE t (x)")), write=True)
    assert str(caught.value) == (
        "The database 'workspace.db' is locked by another process; let that process finish, then try again."
    )
    holder.close()
    await database.aclose()


async def test_a_file_that_is_no_database_is_told_as_such(tmp_path: Path) -> None:
    """A file of another kind gives a StorageError that names it."""
    path = tmp_path / "notes.txt"
    path.write_bytes(b"these are my notes, and no database at all" * 100)
    database = open_database(f"sqlite:///{path}")
    with pytest.raises(StorageError, match=r"The database 'notes.txt' is no SQLite database"):
        await database.run(lambda connection: connection.execute(text("SELECT 1")))
    await database.aclose()


async def test_a_full_disk_is_told_as_such(sqlite_url: str) -> None:
    """A database that cannot grow says that the disk is full, loses nothing, and works again once it may grow."""
    database = open_database(sqlite_url)
    await database.run(lambda connection: connection.execute(text("CREATE TABLE t (x)")), write=True)

    def grow(connection: Connection) -> None:
        connection.execute(text("PRAGMA max_page_count = 3"))
        connection.execute(text("INSERT INTO t VALUES (zeroblob(100000))"))

    with pytest.raises(StorageError, match="the disk is full; free some space"):
        await database.run(grow, write=True)

    def grow_again(connection: Connection) -> int:
        connection.execute(text("PRAGMA max_page_count = 1000000"))
        connection.execute(text("INSERT INTO t VALUES (zeroblob(100000))"))
        return int(connection.scalar(text("SELECT count(*) FROM t")) or 0)

    assert await database.run(grow_again, write=True) == 1
    assert await database.run(lambda connection: connection.scalar(text("PRAGMA integrity_check"))) == "ok"
    await database.aclose()


async def test_an_unreachable_server_is_told_with_its_place_and_without_password() -> None:
    """A PostgreSQL that does not answer gives a StorageError with host and port, without user or password, also in its cause's text."""
    database = open_database(Secret("postgres://ann:hunter2@127.0.0.1:1/crm"))
    with pytest.raises(StorageError) as caught:
        await database.run(lambda connection: connection.execute(text("SELECT 1")))
    assert str(caught.value) == (
        "The database 'crm' at 127.0.0.1:1 cannot be reached; check that the server runs and that the URL is right, then try again."
    )
    assert "hunter2" not in f"{caught.value.__cause__!r} {database.engine!r} {database.engine.url!r}"
    await database.aclose()


@pytest.mark.parametrize("url", ["postgres://h/d", "postgresql://h/d", "postgresql+psycopg://h/d"])
def test_every_spelling_of_postgresql_means_the_same_driver(url: str) -> None:
    """The usual spellings of a PostgreSQL URL all use psycopg."""
    assert open_database(url).engine.url.drivername == "postgresql+psycopg"


@pytest.mark.parametrize(
    ("url", "message"),
    [("no url", "DATABASE_URL is no database URL"), ("mysql://h/d", "of kind 'mysql'; use sqlite:///FILE")],
)
def test_other_urls_are_refused(url: str, message: str) -> None:
    """A text that is no URL, and a kind of database that is not supported, are refused with what to give instead."""
    with pytest.raises(ConfigError, match=message):
        open_database(url)


def test_a_missing_driver_says_what_to_install() -> None:
    """Without the PostgreSQL driver, opening a PostgreSQL database says which extra to install."""
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from hotcrm_ai.storage import open_database\n"
        "try: open_database('postgresql://h/d')\n"
        "except Exception as problem: print(type(problem).__name__, '|', problem)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    name, _, message = done.stdout.strip().partition(" | ")
    assert name == MissingExtra.__name__
    assert message.endswith("pip install 'hotcrm-ai[postgres]'")


def test_a_missing_file_is_not_made_where_it_should_be_there(tmp_path: Path) -> None:
    """A database that must already exist is not created by opening it."""
    with pytest.raises(StorageError, match=r"There is no database file 'crm.db'"):
        open_database(f"sqlite:///{tmp_path / 'crm.db'}", create=False)
    assert list(tmp_path.iterdir()) == []


async def test_a_closed_database_says_so(sqlite_url: str) -> None:
    """Work on a closed database is refused."""
    database = open_database(sqlite_url)
    await database.aclose()
    with pytest.raises(StorageError, match="is closed"):
        await database.run(lambda connection: connection.execute(text("SELECT 1")))
