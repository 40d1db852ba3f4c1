"""Opens the database of a workspace or a CRM, and runs work on it in threads, one transaction per piece of work."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import URL, Connection, Engine, create_engine, exc, make_url, pool

from hotcrm_ai.domain.errors import ConfigError, MissingExtra, StorageError
from hotcrm_ai.domain.secret import Secret
from hotcrm_ai.storage import postgresql_connection, sqlite_connection
from hotcrm_ai.storage.database_errors import storage_error
from hotcrm_ai.storage.postgresql_connection import Watch, watched_by
from hotcrm_ai.storage.sqlite_connection import BUSY_TIMEOUT_MS, WRITE_OPTION, Version, journal_note

T = TypeVar("T")

CONNECTIONS: Final = 8
ANSWER_SECONDS: Final = 5.0
"""How long a PostgreSQL server may take for one piece of ordinary work."""

GRACE_SECONDS: Final = 0.25
"""So long work whose connection was cut may take to say how it ended."""

LONG_SECONDS: Final = 600.0
"""How long it may take for what goes over many rows."""

_POSTGRESQL: Final = frozenset({"postgres", "postgresql", "postgresql+psycopg"})
_POSTGRESQL_PORT: Final = 5432
_SQLITE: Final = frozenset({"sqlite", "sqlite+pysqlite"})


class EncodedJSON:
    """A JSON text made beforehand, to be stored in a JSON column as it is."""

    __slots__ = ("text",)

    def __init__(self, value: Any) -> None:
        self.text = msgspec.json.encode(value).decode()


class Database:
    """One database: an engine, the threads that use it, and what an operator should know (``notes``).

    Work is a plain function that takes a SQLAlchemy connection. It runs in a worker thread inside one transaction, which is
    committed when the function returns and rolled back when it raises. SQLite gets one writer at a time.
    """

    def __init__(self, engine: Engine, *, name: str, notes: tuple[str, ...], place: str | None = None) -> None:
        self.engine = engine
        self.name = name
        self.notes = notes
        self._place = place
        self._shares_one_connection = isinstance(engine.pool, pool.StaticPool)
        self._readers = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="hotcrm-ai-database")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="hotcrm-ai-writer") if self.is_sqlite else self._readers

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite and not PostgreSQL."""
        return self.engine.dialect.name == "sqlite"

    async def run(self, fn: Callable[[Connection], T], *, write: bool = False, seconds: float = ANSWER_SECONDS) -> T:
        """Run ``fn(connection)`` in a worker thread inside a transaction and return what it returns.

        On PostgreSQL its connection is cut after that many ``seconds``, so that a frozen server keeps neither threads nor connections;
        SQLite has its own bounds.

        Raises:
            StorageError: the database failed; nothing of the transaction was kept. With ``details["outcome_unknown"]`` the connection was
                lost while it was being committed: look before doing it again.
        """
        executor = self._writer if write or self._shares_one_connection else self._readers
        watch = Watch()
        try:
            future = executor.submit(self._run_watched, fn, write, watch)
        except RuntimeError as problem:
            raise StorageError(f"The database {self.name!r} is closed; open it again.") from problem
        answer = asyncio.wrap_future(future)
        if self.is_sqlite:
            return await answer
        answer.add_done_callback(_look_at)
        timer = asyncio.get_running_loop().call_later(seconds, _give_up, future, watch)
        try:
            await asyncio.wait((answer,), timeout=seconds + GRACE_SECONDS)
        except asyncio.CancelledError:
            future.cancel()
            raise
        finally:
            if future.done():
                timer.cancel()
        return self._result(answer, watch, seconds)

    def _result(self, answer: asyncio.Future[T], watch: Watch, seconds: float) -> T:
        """Return what the work returned; where its time was over, it still connects or waits for its turn, or failed for that."""
        if not answer.done() or (answer.cancelled() and watch.was_cut):
            raise self._late(seconds)
        try:
            return answer.result()
        except StorageError as problem:
            if watch.was_cut:
                raise self._late(seconds, **problem.details) from problem
            raise

    def run_sync(self, fn: Callable[[Connection], T], write: bool = False) -> T:
        """Run ``fn(connection)`` in this thread inside a transaction; ``run`` is the way for asynchronous code."""
        is_committing = False
        try:
            with self.engine.connect() as connection:
                if write:
                    connection.execution_options(**{WRITE_OPTION: True})
                with connection.begin():
                    result = fn(connection)
                    is_committing = write
                return result
        except exc.SQLAlchemyError as problem:
            is_lost = isinstance(problem, exc.DBAPIError) and problem.connection_invalidated
            raise storage_error(
                problem, name=self.name, outcome_unknown=is_committing and is_lost, place=self._place
            ) from problem

    def _run_watched(self, fn: Callable[[Connection], T], write: bool, watch: Watch) -> T:
        with watched_by(watch):
            return self.run_sync(fn, write)

    def _late(self, seconds: float, **details: Any) -> StorageError:
        return StorageError(
            f"The database {self.name!r} did not answer within {seconds:g} seconds; check that its server runs and is not overloaded.",
            **{**details, "temporary": True},
        )

    async def aclose(self) -> None:
        """Let running work finish, then close all connections."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writer.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        self.engine.dispose()


def open_database(
    url: str | Secret,
    *,
    create: bool = True,
    setting: str = "DATABASE_URL",
    sqlite_version: Version = sqlite3.sqlite_version_info[:3],
    busy_timeout_ms: int = BUSY_TIMEOUT_MS,
) -> Database:
    """Open SQLite or PostgreSQL; nothing is connected before the first use.

    ``create`` makes a missing SQLite file and its folder, else a missing file is an error. ``setting`` names in messages where the
    URL came from. ``sqlite_version`` is the linked version, which decides the journal mode; ``busy_timeout_ms`` is how long SQLite waits
    for the lock of another process.

    Raises:
        ConfigError: the URL cannot be read or names another kind of database.
        MissingExtra: PostgreSQL is asked for and its driver is not installed.
        StorageError: the SQLite file is missing and shall not be created, or its folder cannot be made.
    """
    parsed = _read_url(url.reveal() if isinstance(url, Secret) else url, setting=setting)
    if parsed.drivername in _SQLITE:
        return _open_sqlite(parsed, create=create, version=sqlite_version, busy_timeout_ms=busy_timeout_ms)
    return _open_postgresql(parsed.set(drivername="postgresql+psycopg"))


def _read_url(text: str, *, setting: str) -> URL:
    try:
        url = make_url(text)
    except exc.ArgumentError:
        raise ConfigError(f"{setting} is no database URL; give, for example, sqlite:///workspace.db.") from None
    if url.drivername not in _POSTGRESQL | _SQLITE:
        raise ConfigError(
            f"{setting} names a database of kind {url.drivername!r}; use sqlite:///FILE or postgresql://HOST/DATABASE."
        )
    return url


def _open_sqlite(url: URL, *, create: bool, version: Version, busy_timeout_ms: int) -> Database:
    path = None if url.database in (None, "", ":memory:") else Path(str(url.database))
    if path is not None:
        _check_file(path, create=create)
    options: dict[str, Any] = {"poolclass": pool.StaticPool, "connect_args": {"check_same_thread": False}}
    if path is not None:
        options = {
            "poolclass": pool.QueuePool,
            "pool_size": CONNECTIONS + 1,
            "connect_args": {"check_same_thread": False},
        }
    engine = create_engine(url, **options, **_COMMON)
    sqlite_connection.prepare_connections(engine, version=version, busy_timeout_ms=busy_timeout_ms)
    note = journal_note(version) if path is not None else None
    return Database(engine, name=path.name if path is not None else ":memory:", notes=(note,) if note else ())


def _check_file(path: Path, *, create: bool) -> None:
    if not create and not path.exists():
        raise StorageError(f"There is no database file {path.name!r}; check the path in the URL.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise StorageError(
            f"The folder of the database {path.name!r} cannot be made ({problem.strerror}); choose another place for it."
        ) from problem


def _open_postgresql(url: URL) -> Database:
    try:
        engine = create_engine(
            url,
            pool_size=CONNECTIONS,
            max_overflow=0,
            pool_timeout=postgresql_connection.CONNECT_SECONDS,
            connect_args=postgresql_connection.connect_arguments(url),
            **_COMMON,
        )
    except ImportError as problem:
        raise MissingExtra(feature="PostgreSQL", extra="postgres") from problem
    postgresql_connection.prepare_connections(engine)
    place = f"{url.host or 'the local socket'}:{url.port or _POSTGRESQL_PORT}"
    return Database(engine, name=url.database or "postgresql", notes=(), place=place)


def _give_up(future: Future[Any], watch: Watch) -> None:
    """Stop work whose time is over: take it out of the queue, or cut its connection."""
    watch.cut()
    future.cancel()


def _look_at(answer: asyncio.Future[Any]) -> None:
    """Take note of a failure that nobody waits for any more."""
    if not answer.cancelled():
        answer.exception()


def _encode(value: Any) -> str:
    return value.text if isinstance(value, EncodedJSON) else msgspec.json.encode(value).decode()


_COMMON: Final[dict[str, Any]] = {
    "json_serializer": _encode,
    "json_deserializer": msgspec.json.decode,
    "hide_parameters": True,
}
