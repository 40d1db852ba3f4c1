"""Servers that break off, are overloaded, dawdle or talk nonsense: what both clients do, over real sockets."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

import pytest

from hotcrm_ai.client import AsyncClient, Client
from hotcrm_ai.domain.errors import ServerError, ServerTimeout, ServerUnavailable


class ScriptedServer:
    """Takes one connection for each line of its script, keeps what came in, and does what the line says."""

    def __init__(self, script: list[bytes | None]) -> None:
        self.received: list[bytes] = []
        self._script = script
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        for answer in self._script:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(10)
                self.received.append(self._request(connection))
                if answer is not None:
                    connection.sendall(answer)

    @staticmethod
    def _request(connection: socket.socket) -> bytes:
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65_536)
        head, _, body = received.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        while length and len(body) < int(length[1]):
            body += connection.recv(65_536)
        return head + b"\r\n\r\n" + body

    def close(self) -> None:
        """Take no further connection."""
        self._socket.close()


def answer(status: int, body: bytes, *headers: str, media_type: str = "application/json") -> bytes:
    """Write out an answer that closes its connection."""
    lines = [f"HTTP/1.1 {status} X", f"content-type: {media_type}", f"content-length: {len(body)}", "connection: close"]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


ALIVE = answer(200, b'{"status": "alive"}')
JOINED = answer(202, b'{"joined": 1}')
BUSY = answer(
    503,
    b'{"detail": "Busy.", "code": "overloaded"}',
    "retry-after: 0",
    media_type="application/problem+json",
)


def blocking(url: str, call: str, *arguments: Any, **options: Any) -> Any:
    """Ask with the client that blocks."""
    with Client(url, **options) as client:
        return getattr(client, call)(*arguments)


def awaited(url: str, call: str, *arguments: Any, **options: Any) -> Any:
    """Ask with the client that is awaited."""

    async def ask() -> Any:
        async with AsyncClient(url, **options) as client:
            return await getattr(client, call)(*arguments)

    return asyncio.run(ask())


@pytest.fixture(params=[blocking, awaited], ids=["blocking", "awaited"])
def ask(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Both clients, one after the other."""
    chosen: Callable[..., Any] = request.param
    return chosen


@pytest.fixture
def scripted() -> Iterator[Callable[..., ScriptedServer]]:
    """Makes servers that answer as written, and closes them."""
    made: list[ScriptedServer] = []

    def make(*script: bytes | None) -> ScriptedServer:
        made.append(ScriptedServer(list(script)))
        return made[-1]

    yield make
    for server in made:
        server.close()


def test_a_post_is_sent_again_under_its_key_until_it_is_answered(
    ask: Callable[..., Any], scripted: Callable[..., ScriptedServer]
) -> None:
    """Cut off, then overloaded, then answered: three times the same body under the same Idempotency-Key."""
    server = scripted(None, BUSY, JOINED)
    assert ask(server.url, "record_outcome", "id-1", True) == 1
    keys = [re.findall(rb"(?i)idempotency-key: (\w+)", request) for request in server.received]
    assert len(server.received) == 3
    assert keys[0]
    assert keys == [keys[0]] * 3
    assert len({request.partition(b"\r\n\r\n")[2] for request in server.received}) == 1


def test_a_get_is_sent_again_without_a_key(ask: Callable[..., Any], scripted: Callable[..., ScriptedServer]) -> None:
    """Looking twice harms nobody."""
    server = scripted(None, ALIVE)
    assert ask(server.url, "is_alive") is True
    assert b"idempotency" not in b"".join(server.received).lower()


def test_attempts_end(ask: Callable[..., Any], scripted: Callable[..., ScriptedServer]) -> None:
    """After two more attempts the last refusal is raised."""
    server = scripted(BUSY, BUSY, BUSY, ALIVE)
    with pytest.raises(ServerUnavailable, match="Busy"):
        ask(server.url, "is_alive")
    assert len(server.received) == 3


def test_a_server_that_never_answers_is_given_up_in_time(ask: Callable[..., Any]) -> None:
    """A listener that nobody serves holds the client no longer than its timeout."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = monotonic()
        with pytest.raises(ServerTimeout, match=r"within 0\.3 seconds"):
            ask(f"http://127.0.0.1:{silent.getsockname()[1]}", "is_alive", timeout=0.3)
        assert monotonic() - began < 2.0


@pytest.mark.parametrize("body", [b"<html>", b"{}", b"[1]", b'{"status": 7}', b"\xff"])
def test_an_answer_that_does_not_fit_is_told_as_such(
    ask: Callable[..., Any], scripted: Callable[..., ScriptedServer], body: bytes
) -> None:
    """A 200 that is no answer of ours becomes an error, never a value."""
    server = scripted(answer(200, body))
    with pytest.raises(ServerError, match="The server's answer is no Alive"):
        ask(server.url, "is_alive")
