"""The server opens its workspace at start, closes it at stop, listens on this machine only, and bounds headers."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import httpx
import pytest
import uvicorn
from uvicorn.server import ServerState

from hotcrm_ai.domain.errors import ConfigError, StorageError
from hotcrm_ai.entrypoints.http import create_app, serve
from hotcrm_ai.entrypoints.http.admission import Admission
from hotcrm_ai.entrypoints.http.bounded_protocol import BoundedProtocol, is_plain_post
from hotcrm_ai.entrypoints.http.held_workspace import HeldWorkspace
from hotcrm_ai.settings import Settings

pytestmark = pytest.mark.alone  # it measures time, so nothing else may run beside it


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

    def time(self) -> float:
        """Always the same moment."""
        return 100.0

    def call_soon(self, callback: Callable[[], None]) -> None:
        """Nothing that is scheduled runs."""

    def call_later(self, seconds: float, callback: Callable[..., None], *arguments: Any) -> Any:
        """Keep the timer; cancelling forgets it."""
        timer = (seconds, partial(callback, *arguments))
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
        self.aborted = False
        self.waiting_bytes = 0

    def write(self, sent: bytes) -> None:
        self.written += sent

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = self.aborted = True

    def get_write_buffer_size(self) -> int:
        return self.waiting_bytes

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
    protocol = BoundedProtocol(config, ServerState(), {}, loop, admission=Admission(most=2), most_connections=2)
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


def fill(protocol: BoundedProtocol) -> None:
    """Let as many requests be under way as may be."""
    protocol.tasks.update({object(), object()})  # type: ignore[arg-type]  # only their number counts


def test_a_request_too_many_is_refused_before_its_body_is_read(connection: Any) -> None:
    """The answer is 503 `overloaded` with Retry-After, at once; the connection stays open, for the next one may be answered."""
    protocol, transport, _ = connection
    fill(protocol)
    protocol.data_received(HEAD + b"\r\n")
    assert transport.written.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"\r\nretry-after: 1\r\n" in transport.written
    assert b"\r\nx-content-type-options: nosniff\r\n" in transport.written
    assert b'"code":"overloaded"' in transport.written
    assert not transport.closed
    transport.written = b""
    protocol.data_received(b"{}")
    protocol.tasks.clear()
    protocol.data_received(HEAD + b"\r\n{}")
    assert transport.written == b""
    assert len(protocol.tasks) == 1


PLAIN = HEAD + b"\r\n{}"


def test_a_plain_request_too_many_is_refused_without_being_parsed(connection: Any) -> None:
    """The refusal is the same, and the next request on the connection is read as ever."""
    protocol, transport, _ = connection
    fill(protocol)
    protocol.data_received(PLAIN)
    assert transport.written.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert protocol.cycle is None
    transport.written = b""
    protocol.tasks.clear()
    protocol.data_received(PLAIN)
    assert transport.written == b""
    assert len(protocol.tasks) == 1


@pytest.mark.parametrize(
    ("sent", "is_plain"),
    [
        (PLAIN, True),
        (PLAIN.replace(b"\r\n\r\n", b"\r\nConnection: keep-alive\r\n\r\n"), True),
        (PLAIN + b"x", False),
        (PLAIN[:-1], False),
        (PLAIN + PLAIN, False),
        (HEAD, False),
        (PLAIN.replace(b"POST", b"GET"), False),
        (PLAIN.replace(b"HTTP/1.1", b"HTTP/1.0"), False),
        (PLAIN.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n"), False),
        (PLAIN.replace(b"\r\n\r\n", b"\r\nContent-Length: 2\r\n\r\n"), False),
        (PLAIN.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), False),
        (PLAIN.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"), False),
        (PLAIN.replace(b"content-length: 2", b"content-length: +2"), False),
        (PLAIN.replace(b"content-length: 2", b"x: y\r\n folded"), False),
        (PLAIN.replace(b"content-length: 2", b"content-length : 2"), False),
    ],
)
def test_only_what_nobody_could_read_otherwise_is_refused_unparsed(sent: bytes, is_plain: bool) -> None:
    """Two requests in one, half a request, a body whose end is in doubt: all of that goes through the parser."""
    assert is_plain_post(sent) is is_plain


def test_each_refusal_has_an_id_of_its_own(connection: Any) -> None:
    """The same request sent again and again on one connection is refused each time, under another id of 32 digits."""
    protocol, transport, _ = connection
    fill(protocol)
    for _ in range(3):
        protocol.data_received(HEAD + b"\r\n{}")
    ids = re.findall(rb"x-request-id: ([0-9a-f]{32})\r\n", transport.written)
    assert len(ids) == len(set(ids)) == transport.written.count(b"HTTP/1.1 503 ") == 3


def test_a_known_head_with_more_behind_it_is_no_plain_request(connection: Any) -> None:
    """A second request in the same piece goes through the parser, also where its head is that of a request refused before."""
    protocol, transport, _ = connection
    fill(protocol)
    protocol.data_received(HEAD + b"\r\n{}")
    protocol.data_received(HEAD + b"\r\n{}" + HEAD + b"\r\n{}")
    assert transport.written.count(b"HTTP/1.1 503 ") == 3


def test_a_refused_request_may_not_send_on_and_on(connection: Any) -> None:
    """A long body of a refused request ends the connection; so does one that waits to be told to send it."""
    protocol, transport, _ = connection
    fill(protocol)
    protocol.data_received(HEAD.replace(b"content-length: 2", b"content-length: 500000") + b"\r\n" + b" " * 70_000)
    assert transport.closed


def test_a_refused_request_that_waits_for_a_go_ahead_is_closed(connection: Any) -> None:
    """Who sent `Expect: 100-continue` will not send the body, so what follows would be misread."""
    protocol, transport, _ = connection
    fill(protocol)
    protocol.data_received(HEAD + b"expect: 100-continue\r\n\r\n")
    assert b"\r\nconnection: close\r\n" in transport.written
    assert transport.closed


@pytest.mark.parametrize("path", [b"/livez", b"/readyz", b"/metrics"])
def test_operators_are_answered_under_overload(connection: Any, path: bytes) -> None:
    """A server that refuses predictions is neither dead nor in the dark."""
    protocol, transport, _ = connection
    fill(protocol)
    protocol.data_received(b"GET " + path + b" HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
    assert transport.written == b""
    assert len(protocol.tasks) == 3


def test_a_connection_too_many_is_refused(connection: Any) -> None:
    """Beyond the bound a new connection is told 503 and closed; those that are there are served on."""
    protocol, _, loop = connection
    closed = []
    for _ in range(3):
        one, transport = (
            BoundedProtocol(
                protocol.config, protocol.server_state, {}, loop, admission=Admission(), most_connections=2
            ),
            RecordedTransport(),
        )
        one.connection_made(transport)  # type: ignore[arg-type]
        closed.append(transport.closed)
    assert closed == [False, True, True]
    assert transport.written.startswith(b"HTTP/1.1 503 ")


@pytest.mark.parametrize(("taken", "is_let_go"), [(0, True), (1000, True), (70_000, False)])
def test_a_client_that_does_not_take_its_answer_is_let_go(connection: Any, taken: int, is_let_go: bool) -> None:
    """Less than 64 KiB in half a minute is no reading; a slow one goes on."""
    protocol, transport, loop = connection
    loop.timers.clear()
    transport.waiting_bytes = 500_000
    protocol.pause_writing()
    ((seconds, judge),) = loop.timers
    assert seconds == 30.0
    transport.waiting_bytes -= taken
    loop.timers.clear()
    judge()
    assert transport.aborted is is_let_go
    assert len(loop.timers) == (0 if is_let_go else 1)


async def test_a_request_has_its_time(ai: Any) -> None:
    """What takes longer than any request may is given up with 504, and told as that."""

    async def hangs(*_: Any, **__: Any) -> Any:
        await asyncio.Event().wait()

    ai.predict = hangs
    app: Any = create_app(ai, request_seconds=0.01)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
        response = await client.post("/v1/predict", json={"modelId": "lead-scoring-v1", "features": {}})
    assert (response.status_code, response.json()["code"]) == (504, "answer_too_slow")
    assert "0.01 seconds" in response.json()["detail"]


async def test_a_server_that_was_told_to_stop_is_not_ready(ai: Any) -> None:
    """Load balancers are told first; what still comes is answered."""
    app: Any = create_app(ai)
    app.is_stopping = True
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["code"]) == (503, "stopping")
        assert (await client.get("/livez")).status_code == 200
        body = {"modelId": "lead-scoring-v1", "features": {}}
        assert (await client.post("/v1/predict", json=body)).status_code == 200
