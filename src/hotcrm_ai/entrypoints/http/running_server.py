"""A uvicorn server within our bounds, which says when it is ready and, before it stops, that it is not ready any more."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
from functools import partial
from types import FrameType
from typing import Any, Final

import click
import uvicorn

from hotcrm_ai.entrypoints.http.admission import Admission
from hotcrm_ai.entrypoints.http.application import Application
from hotcrm_ai.entrypoints.http.binding import protection_of, url_of
from hotcrm_ai.entrypoints.http.bounded_protocol import BoundedProtocol
from hotcrm_ai.entrypoints.http.workers import WorkerPlace
from hotcrm_ai.settings import Settings

DRAIN_SECONDS: Final = 10.0
"""How long a stop takes at most: the notice, then the requests under way, then the closing of the workspace."""

CLOSING_SECONDS: Final = 2.0
OPEN_TO_THIS_MACHINE: Final = (
    "No API key was ever made here, so every program of this machine may use the server; "
    "`hotcrm-ai keys create` ends that."
)


class RunningServer(uvicorn.Server):
    """The server of one process."""

    def __init__(self, app: Application, settings: Settings, place: WorkerPlace | None = None) -> None:
        admission = Admission(most=settings.max_requests)
        super().__init__(_config(app, settings, admission))
        app.counts.refused = lambda: admission.refused
        app.counts.under_way = lambda: len(self.server_state.tasks)
        app.counts.connections = lambda: len(self.server_state.connections)
        self._app = app
        self._place = place
        self._settings = settings
        self._notice_seconds = settings.stop_notice_seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as usual, then say the address and whether everybody on this machine may use the server; a worker tells its parent."""
        await super().startup(sockets)
        if not self.started or not sockets:
            return
        _set_aside_what_stays()
        if self._place is not None:
            os.write(self._place.ready, b"1")
            os.set_blocking(self._place.lifeline, False)
            asyncio.get_running_loop().add_reader(self._place.lifeline, self._lose_parent)
        else:
            announce(sockets[0], self._settings)
        if (self._place is None or self._place.number == 1) and await self._app.is_open_to_this_machine():
            click.echo(OPEN_TO_THIS_MACHINE)

    def _lose_parent(self) -> None:
        """Stop, because nobody looks after this worker any more."""
        assert self._place is not None  # noqa: S101 - only a worker listens to its parent
        asyncio.get_running_loop().remove_reader(self._place.lifeline)
        self.handle_exit(signal.SIGTERM, None)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop; whoever stops the server by hand (Ctrl+C) need not wait for load balancers to notice."""
        self._app.is_stopping = True
        if sig == signal.SIGINT:
            self._notice_seconds = 0.0
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let load balancers see that the server is not ready any more, then stop as usual; a second Ctrl+C waits for nothing."""
        if not self.force_exit:
            await asyncio.sleep(self._notice_seconds)
        await super().shutdown(sockets)


def _set_aside_what_stays() -> None:
    """Spare the garbage collector what lives as long as the server: looking through it would hold up requests for tens of milliseconds."""
    gc.collect()
    gc.freeze()


def announce(listener: socket.socket, settings: Settings) -> None:
    """Say where the server listens."""
    address = url_of(listener, settings)
    workers = f" with {settings.workers} workers" if settings.workers > 1 else ""
    click.echo(f"HotCRM AI serves on {address}{workers} (its API: {address}/docs). Ctrl+C stops it.")


def _config(app: Application, settings: Settings, admission: Admission) -> uvicorn.Config:
    protocol: Any = partial(
        BoundedProtocol,
        admission=admission,
        most_connections=settings.max_connections,
    )
    return uvicorn.Config(
        app,
        http=protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(DRAIN_SECONDS - CLOSING_SECONDS - settings.stop_notice_seconds),
        **protection_of(settings),
    )
