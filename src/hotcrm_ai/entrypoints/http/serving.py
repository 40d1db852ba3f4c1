"""Runs the application in uvicorn."""

from __future__ import annotations

import sys
from typing import Final

from starlette.types import ASGIApp

from hotcrm_ai.assembly.watched import open_watched
from hotcrm_ai.entrypoints.http.application import create_app
from hotcrm_ai.entrypoints.http.binding import check_binding, is_private, keys_were_made, listen, names_of
from hotcrm_ai.entrypoints.http.running_server import RunningServer
from hotcrm_ai.settings import Settings

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
    dashboard: ASGIApp | None = None,
) -> None:
    """Serve a workspace over HTTP until the process is told to stop (SIGINT, SIGTERM); requests under way are answered first.

    Without keys it listens on this machine only; elsewhere it needs keys, and TLS files or a trusted proxy in the settings. ``port`` 0
    takes a free one. ``dashboard`` answers what is no route of the API. One line with the address goes to standard
    output once the server is ready.

    Raises:
        ConfigError: others would reach the server unprotected, or the port is taken or out of range.
        HotCRMAIError: the workspace cannot be opened.
    """
    known = settings or Settings.load()
    check_binding(host, known, keys_exist=is_private(host, known) or keys_were_made(known))
    sys.setswitchinterval(SWITCH_SECONDS)
    app = create_app(
        lambda: open_watched(known),
        dashboard=dashboard,
        hosts=names_of(host, known),
        request_seconds=known.request_seconds,
    )
    with listen(host, port, backlog=BACKLOG) as listener:
        try:
            RunningServer(app, known).run(sockets=[listener])
        except SystemExit:
            if app.start_error is None:
                raise
            raise app.start_error from None
        except KeyboardInterrupt:
            return
