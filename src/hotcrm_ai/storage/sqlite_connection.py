"""Sets up every SQLite connection: durable, patient, with foreign keys, and in a journal mode that loses nothing."""

from __future__ import annotations

import sqlite3
from typing import Any, Final, Literal

from sqlalchemy import Connection, Engine, event

JournalMode = Literal["wal", "delete"]
Version = tuple[int, int, int]

BUSY_TIMEOUT_MS: Final = 10_000
WRITE_OPTION: Final = "hotcrm_ai_write"
"""The execution option of connections that will write; they take the write lock at once."""


def journal_mode(version: Version) -> JournalMode:
    """Return the fastest journal mode in which this version of SQLite loses no commit.

    Versions before 3.51.3 can lose commits in WAL mode when several connections write and reset it at once; the fix also
    went into 3.50.7 and 3.44.6. Source: the SQLite project's page on write-ahead logging, section on the WAL-reset bug.
    """
    fixed = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)
    return "wal" if fixed else "delete"


def journal_note(version: Version) -> str | None:
    """Return what an operator should know about the journal mode, or nothing where all is as it should be."""
    if journal_mode(version) == "wal":
        return None
    spelled = ".".join(str(part) for part in version)
    return (
        f"SQLite {spelled} can lose commits in WAL mode, so the workspace uses a rollback journal, which writes more slowly; "
        "Python with SQLite 3.51.3 or newer, or PostgreSQL by DATABASE_URL, lifts this."
    )


def prepare_connections(engine: Engine, *, version: Version, busy_timeout_ms: int) -> None:
    """Make each new connection of the engine durable, and each write transaction take the write lock when it begins."""
    wanted = journal_mode(version)

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        try:
            cursor.execute(f"PRAGMA busy_timeout = {busy_timeout_ms}")
            cursor.execute("PRAGMA foreign_keys = ON")
            _set_journal(cursor, wanted)
            cursor.execute("PRAGMA synchronous = FULL")
            cursor.execute("PRAGMA mmap_size = 0")
        finally:
            cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITE_OPTION, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _set_journal(cursor: sqlite3.Cursor, wanted: JournalMode) -> None:
    """Set the file's journal mode; a file that others are using right now may stay in the slower, equally safe one."""
    present = _journal(cursor)
    if present in (wanted, "memory"):
        return
    try:
        cursor.execute(f"PRAGMA journal_mode = {wanted}")
    except sqlite3.OperationalError:
        if wanted == "delete" and _journal(cursor) != "delete":
            raise


def _journal(cursor: sqlite3.Cursor) -> str:
    return str(cursor.execute("PRAGMA journal_mode").fetchone()[0])
