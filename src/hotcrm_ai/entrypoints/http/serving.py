"""Runs the application in uvicorn, on this machine only."""

from __future__ import annotations

import socket
from typing import Final

import click
import uvicorn
from starlette.types import ASGIApp

from hotcrm_ai.assembly import AI
from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.entrypoints.http.application import create_app
from hotcrm_ai.entrypoints.http.bounded_protocol import BoundedProtocol
from hotcrm_ai.settings import Settings

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8000
DRAIN_SECONDS: Final = 10
"""How long requests under way may take to end once the server is told to stop."""

BACKLOG: Final = 2048
_LOCAL_NAMES: Final = frozenset({"127.0.0.1", "localhost"})


def serve(
    settings: Settings | None = None,
    *,
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    dashboard: ASGIApp | None = None,
) -> None:
    """Serve a workspace over HTTP until the process is told to stop (SIGINT, SIGTERM); requests under way are answered first.

    ``port`` 0 takes a free one. ``dashboard`` answers what is no route of the API. One line with the address goes to standard output once
    the server is ready.

    Raises:
        ConfigError: the host is not this machine, or the port is taken or out of range.
        HotCRMAIError: the workspace cannot be opened.
    """
    check_address(host, port)
    app = create_app(lambda: AI.open(settings), dashboard=dashboard)
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    with _listen(port) as listener:
        try:
            _AnnouncingServer(config).run(sockets=[listener])
        except SystemExit:
            if app.start_error is None:
                raise
            raise app.start_error from None
        except KeyboardInterrupt:
            return


def check_address(host: str, port: int) -> None:
    """Refuse to listen where others could reach the server.

    Raises:
        ConfigError: the host is not this machine, or the port is out of range.
    """
    if host not in _LOCAL_NAMES:
        raise ConfigError(
            f"The server cannot listen on {host!r}: it has no API keys yet, so anybody who reaches it could use it; "
            f"listen on {DEFAULT_HOST} (this machine only)."
        )
    if not 0 <= port <= 65_535:
        raise ConfigError(f"{port!r} is no port; give one from 1 to 65535, or 0 for a free one.")


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((DEFAULT_HOST, port), backlog=BACKLOG)
    except OSError as problem:
        raise ConfigError(
            f"The server cannot listen on port {port} of {DEFAULT_HOST}: {problem.strerror}; choose another port, or 0 for a free one."
        ) from problem


class _AnnouncingServer(uvicorn.Server):
    """A uvicorn server that says its address once it is ready."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as usual, then print one line."""
        await super().startup(sockets)
        if self.started and sockets:
            address = f"http://{DEFAULT_HOST}:{sockets[0].getsockname()[1]}"
            click.echo(f"HotCRM AI serves on {address} (its API: {address}/docs). Ctrl+C stops it.")
