"""Runs the application in uvicorn."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import Final

from hotcrm_ai.assembly.watched import open_watched
from hotcrm_ai.entrypoints.http.application import create_app
from hotcrm_ai.entrypoints.http.binding import check_binding, is_private, keys_were_made, listen, names_of
from hotcrm_ai.entrypoints.http.pages import Pages
from hotcrm_ai.entrypoints.http.running_server import RunningServer, announce
from hotcrm_ai.entrypoints.http.server_counts import ServerCounts
from hotcrm_ai.entrypoints.http.workers import Supervisor, WorkerPlace
from hotcrm_ai.exporters.structured_log import configure_log
from hotcrm_ai.exporters.worker_counts import WorkerCounts
from hotcrm_ai.settings import Settings

Guard = Callable[[Callable[[], int]], int]
"""Runs work and returns its exit code, also where it raises."""

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8000
BACKLOG: Final = 2048
SWITCH_SECONDS: Final = 0.0002
"""How long a background thread may keep the event loop from the interpreter; Python's 5 ms cost most of an overload's goodput."""


def serve(
    settings: Settings | None = None,
    *,
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    dashboard: Pages | None = None,
    guard: Guard | None = None,
) -> int:
    """Serve a workspace over HTTP until the process is told to stop (SIGINT, SIGTERM), and return the exit code.

    Requests under way are answered first. Without keys it listens on this machine only; elsewhere it needs keys, and TLS files or a
    trusted proxy in the settings. ``port`` 0 takes a free one. ``dashboard`` answers what is no route of the API. One line with the
    address goes to standard output once the server is ready. With more than one worker in the settings this process only looks after
    the others; ``guard`` runs the work of each and makes an exit code of what it raises.

    Raises:
        ConfigError: others would reach the server unprotected, or the port is taken or out of range.
        HotCRMAIError: the workspace cannot be opened (with one worker).
    """
    known = settings or Settings.load()
    check_binding(host, known, keys_exist=is_private(host, known) or _keys_were_made(known))
    sys.setswitchinterval(SWITCH_SECONDS)
    with listen(host, port, backlog=BACKLOG) as listener:
        if known.workers == 1:
            return _serve_here(known, listener, host, dashboard, None)
        configure_log(known.log_format, known.log_level, worker=0)
        supervisor = Supervisor(
            known.workers,
            work=lambda place: (guard or _unguarded)(partial(_serve_here, known, listener, host, dashboard, place)),
            announce=lambda: announce(listener, known),
        )
        return supervisor.run()


def _serve_here(
    settings: Settings, listener: socket.socket, host: str, dashboard: Pages | None, place: WorkerPlace | None
) -> int:
    """Serve in this process; ``place`` is that of one worker among several."""
    configure_log(settings.log_format, settings.log_level, worker=None if place is None else place.number)
    app = create_app(
        lambda: open_watched(settings),
        dashboard=dashboard,
        hosts=names_of(host, settings),
        request_seconds=settings.request_seconds,
        counts=ServerCounts(None if place is None else WorkerCounts(place.folder, number=place.number)),
    )
    app.logs_access = settings.access_log
    try:
        RunningServer(app, settings, place).run(sockets=[listener])
    except SystemExit:
        if app.start_error is None:
            raise
        raise app.start_error from None
    except KeyboardInterrupt:
        return 0
    return 0


def _keys_were_made(settings: Settings) -> bool:
    """Ask for keys in a process of its own where workers are to be forked: what opened a workspace is not forked."""
    if settings.workers == 1:
        return keys_were_made(settings)
    asking = os.fork()
    if asking == 0:
        code = 2
        try:
            code = int(keys_were_made(settings))
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(asking, 0)[1])
    return keys_were_made(settings) if code not in (0, 1) else bool(code)


def _unguarded(work: Callable[[], int]) -> int:
    return work()
