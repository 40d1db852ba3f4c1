"""Sets up every PostgreSQL connection so that a server that is away, frozen or locked holds nobody up for longer than was said."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import URL, Engine, event, exc

CONNECT_SECONDS: Final = 2
LOCK_SECONDS: Final = 4
STATEMENT_SECONDS: Final = 600
IDLE_IN_TRANSACTION_SECONDS: Final = 60

_CONNECTING: Final[dict[str, Any]] = {
    "connect_timeout": CONNECT_SECONDS,
    "tcp_user_timeout": 5_000,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
_SESSION: Final = {
    "lock_timeout": LOCK_SECONDS,
    "statement_timeout": STATEMENT_SECONDS,
    "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_SECONDS,
}
_LINE: Final = "hotcrm_ai_line"
_FRESH: Final = "hotcrm_ai_fresh"
_present: Final = threading.local()


class Watch:
    """Lets another thread cut the connection of work that takes too long.

    The server cannot be relied on for that: a frozen one ends no statement, and its operating system goes on to confirm what it is sent.
    """

    def __init__(self) -> None:
        self.was_cut = False
        self._line: socket.socket | None = None
        self._lock = threading.Lock()

    def hold(self, line: socket.socket) -> None:
        """Note the line of the connection that the work uses from now on."""
        with self._lock:
            self._line = line
            if self.was_cut:
                _shut(line)

    def release(self) -> None:
        """Forget the connection: the work is done with it."""
        with self._lock:
            self._line = None

    def cut(self) -> None:
        """Cut the connection: whoever waits for it is told at once that it is gone."""
        with self._lock:
            self.was_cut = True
            if self._line is not None:
                _shut(self._line)


@contextmanager
def watched_by(watch: Watch) -> Iterator[None]:
    """Let the watch cut whatever connection this thread uses meanwhile."""
    _present.watch = watch
    try:
        yield
    finally:
        _present.watch = None
        watch.release()


def connect_arguments(url: URL) -> dict[str, Any]:
    """Return how to connect; what the URL itself says of it stays."""
    return {name: value for name, value in _CONNECTING.items() if name not in url.query}


def prepare_connections(engine: Engine) -> None:
    """Give each new connection its limits, and look before each use whether it still lives."""
    own_options = str(engine.url.query.get("options", ""))
    limits = ", ".join(
        f"set_config('{name}', '{seconds}s', false)" for name, seconds in _SESSION.items() if name not in own_options
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, record: Any) -> None:
        record.info[_LINE] = socket.socket(fileno=os.dup(connection.fileno()))
        record.info[_FRESH] = True
        if limits:
            connection.execute(f"SELECT {limits}")
            connection.commit()

    @event.listens_for(engine, "checkout")
    def _look(connection: Any, record: Any, _proxy: Any) -> None:
        watch = getattr(_present, "watch", None)
        if watch is not None:
            watch.hold(record.info[_LINE])
        if record.info.pop(_FRESH, False):
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as problem:
            raise exc.InvalidatePoolError("the connection was lost") from problem

    @event.listens_for(engine, "close")
    def _let_go(_connection: Any, record: Any) -> None:
        line = record.info.pop(_LINE, None)
        if line is not None:
            line.close()


def _shut(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
