"""The server opens its workspace at start, closes it at stop, listens on this machine only, and bounds headers."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from uvicorn.server import ServerState

from hotcrm_ai.domain.errors import ConfigError, StorageError
from hotcrm_ai.entrypoints.http import create_app, serve
from hotcrm_ai.entrypoints.http.bounded_protocol import BoundedProtocol
from hotcrm_ai.entrypoints.http.held_workspace import HeldWorkspace
from hotcrm_ai.settings import Settings


async def live_through(app: Any) -> list[dict[str, Any]]:
    """Run start and stop of an application, and return what it said."""
    told: list[dict[str, Any]] = []
    events = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

    async def receive() -> dict[str, Any]:
        return events.pop(0)

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    await app({"type": "lifespan"}, receive, send)
    return told


async def test_the_workspace_is_opened_at_start_and_closed_at_stop(ai: Any) -> None:
    """One workspace, opened once and closed once."""
    happened: list[str] = []

    @asynccontextmanager
    async def opened() -> AsyncIterator[Any]:
        happened.append("opened")
        yield ai
        happened.append("closed")

    told = await live_through(create_app(opened))
    assert [message["type"] for message in told] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert happened == ["opened", "closed"]


async def test_a_workspace_that_cannot_be_opened_fails_the_start(ai: Any) -> None:
    """The error is told to the server and kept for whoever started it."""

    @asynccontextmanager
    async def broken() -> AsyncIterator[Any]:
        raise StorageError("The database is gone.")
        yield ai

    app = create_app(broken)
    assert await live_through(app) == [{"type": "lifespan.startup.failed", "message": "The database is gone."}]
    assert isinstance(app.start_error, StorageError)


async def test_a_database_that_is_away_is_waited_for(ai: Any) -> None:
    """The start goes on without it; /livez answers, all else is 503 with a time to try again, until the workspace opens."""
    is_back = asyncio.Event()
    attempts = 0

    @asynccontextmanager
    async def opened() -> AsyncIterator[Any]:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            raise StorageError("The database is away.", temporary=True)
        await is_back.wait()
        yield ai
        closed.set()

    closed = asyncio.Event()

    held = HeldWorkspace(opened, retry_seconds=0.0)
    app = create_app(held)
    await held.start()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        assert (await client.get("/livez")).json() == {"status": "alive"}
        refused = await client.get("/v1/models")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert refused.json()["code"] == "storage_unavailable"
        is_back.set()
        await held.opened()
        assert (await client.get("/v1/models")).status_code == 200
    await held.stop()
    assert (attempts, closed.is_set()) == (2, True)


async def test_an_unexpected_error_fails_the_start() -> None:
    """A workspace that breaks in a way nobody foresaw is no database to wait for."""

    @asynccontextmanager
    async def broken() -> AsyncIterator[Any]:
        raise ZeroDivisionError
        yield

    with pytest.raises(ZeroDivisionError):
        await HeldWorkspace(broken).start()


def test_a_taken_port_is_a_config_error() -> None:
    """The message names the port and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"cannot listen on port {port}.*choose another port"):
            serve(Settings(), port=port)
    with pytest.raises(ConfigError, match="70000 is no port"):
        serve(Settings(), port=70_000)


class HandTurnedLoop:
    """A loop whose timers are turned by hand."""

    def __init__(self) -> None:
        self.timers: list[tuple[float, Callable[[], None]]] = []

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Any:
        """Keep the timer; cancelling forgets it."""
        timer = (seconds, callback)
        self.timers.append(timer)

        class Handle:
            def cancel(_self) -> None:  # noqa: N805
                if timer in self.timers:
                    self.timers.remove(timer)

        return Handle()

    def create_task(self, coroutine: Any) -> Any:
        """Take a request without running it."""
        coroutine.close()

        class Task:
            def add_done_callback(_self, callback: Any) -> None:  # noqa: N805
                return None

        return Task()


class RecordedTransport:
    """A transport that keeps what was written."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def write(self, sent: bytes) -> None:
        self.written += sent

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, name: str) -> Any:
        return None

    def pause_reading(self) -> None:
        return None

    def resume_reading(self) -> None:
        return None


@pytest.fixture
def connection(ai: Any) -> tuple[BoundedProtocol, RecordedTransport, HandTurnedLoop]:
    """A fresh connection to the application."""
    config = uvicorn.Config(create_app(ai), http=BoundedProtocol, ws="none", log_config=None, access_log=False)
    config.load()
    loop, transport = HandTurnedLoop(), RecordedTransport()
    protocol = BoundedProtocol(config, ServerState(), {}, loop)
    protocol.connection_made(transport)  # type: ignore[arg-type]
    return protocol, transport, loop


HEAD = b"POST /v1/predict HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 2\r\n"


def test_a_silent_connection_is_closed_after_half_a_minute(connection: Any) -> None:
    """Whoever connects and sends nothing, or half of the headers, gets 408 after 30 seconds."""
    protocol, transport, loop = connection
    protocol.data_received(HEAD)
    ((seconds, give_up),) = loop.timers
    assert seconds == 30.0
    give_up()
    assert transport.written.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b'"code":"request_timeout"' in transport.written
    assert transport.closed


def test_complete_headers_end_the_wait_and_the_next_request_waits_anew(connection: Any) -> None:
    """A kept connection is timed per request."""
    protocol, transport, loop = connection
    protocol.data_received(HEAD + b"\r\n{}")
    assert loop.timers == []
    protocol.data_received(HEAD)
    assert [seconds for seconds, _ in loop.timers] == [30.0]
    assert not transport.closed


@pytest.mark.parametrize("end", [b"", b"\r\n{}"], ids=["incomplete", "complete"])
def test_headers_over_32_kib_are_refused(connection: Any, end: bytes) -> None:
    """Too many headers are 431, whether they end or not."""
    protocol, transport, loop = connection
    protocol.data_received(HEAD + b"x-padding: " + b"a" * 32_768 + b"\r\n" + end)
    assert transport.written.startswith(b"HTTP/1.1 431 ")
    assert b'"code":"headers_too_large"' in transport.written
    assert transport.closed
    assert loop.timers == []


def test_a_large_body_does_not_count_as_headers(connection: Any) -> None:
    """What follows the headers in the same piece is not theirs."""
    protocol, transport, _ = connection
    body = b"{" + b" " * 60_000 + b"}"
    head = HEAD.replace(b"content-length: 2", b"content-length: %d" % len(body))
    protocol.data_received(head + b"\r\n" + body)
    assert transport.written == b""


def test_what_is_no_http_is_told_as_a_problem(connection: Any) -> None:
    """Bytes that are no HTTP are 400 with a problem document."""
    protocol, transport, _ = connection
    protocol.data_received(b"\x16\x03\x01\x02\x00nonsense\r\n\r\n")
    assert transport.written.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b'"code":"invalid_request"' in transport.written
    assert transport.closed
