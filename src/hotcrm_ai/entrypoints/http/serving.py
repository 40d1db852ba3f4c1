"""Runs the application in uvicorn."""

from __future__ import annotations

import socket
from typing import Final

import click
import uvicorn
from starlette.types import ASGIApp

from hotcrm_ai.assembly import AI
from hotcrm_ai.entrypoints.http.application import Application, create_app
from hotcrm_ai.entrypoints.http.binding import (
    check_binding,
    is_private,
    keys_were_made,
    listen,
    names_of,
    protection_of,
    url_of,
)
from hotcrm_ai.entrypoints.http.bounded_protocol import BoundedProtocol
from hotcrm_ai.settings import Settings

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8000
DRAIN_SECONDS: Final = 10
"""How long requests under way may take to end once the server is told to stop."""

BACKLOG: Final = 2048
OPEN_TO_THIS_MACHINE: Final = (
    "No API key was ever made here, so every program of this machine may use the server; "
    "`hotcrm-ai keys create` ends that."
)


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
    app = create_app(lambda: AI.open(known), dashboard=dashboard, hosts=names_of(host, known))
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        **protection_of(known),
    )
    with listen(host, port, backlog=BACKLOG) as listener:
        try:
            _AnnouncingServer(config, app, known).run(sockets=[listener])
        except SystemExit:
            if app.start_error is None:
                raise
            raise app.start_error from None
        except KeyboardInterrupt:
            return


class _AnnouncingServer(uvicorn.Server):
    """A uvicorn server that says its address once it is ready, and whether everybody on this machine may use it."""

    def __init__(self, config: uvicorn.Config, app: Application, settings: Settings) -> None:
        super().__init__(config)
        self._app = app
        self._settings = settings

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as usual, then print one line."""
        await super().startup(sockets)
        if self.started and sockets:
            address = url_of(sockets[0], self._settings)
            click.echo(f"HotCRM AI serves on {address} (its API: {address}/docs). Ctrl+C stops it.")
            if await self._app.is_open_to_this_machine():
                click.echo(OPEN_TO_THIS_MACHINE)
