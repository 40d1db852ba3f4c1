"""The client that blocks until the answer is there."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from types import TracebackType
from typing import TypeVar

from hotcrm_ai.client.attempts import Attempts, Lost, Patience
from hotcrm_ai.client.calls import BlockingSends
from hotcrm_ai.client.connection import MOST_CONNECTIONS, Connection, lower_headers
from hotcrm_ai.client.methods import CacheCalls, ExperimentCalls, ModelCalls, ServerCalls
from hotcrm_ai.client.request import Answer, Request
from hotcrm_ai.domain.answers import Page
from hotcrm_ai.domain.secret import Secret

ResultT = TypeVar("ResultT")
ItemT = TypeVar("ItemT")


class _Sender:
    """Sends over connections that stay open between requests; may be used by several threads."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.pool = connection.http.ConnectionPool(
            ssl_context=connection.tls, max_connections=MOST_CONNECTIONS, retries=0
        )

    def send(self, request: Request[ResultT]) -> ResultT:
        attempts: Attempts[ResultT] = self.connection.attempts(request)
        while True:
            outcome = self._attempt(attempts)
            pause = attempts.pause_after(outcome)
            if pause is None:
                assert isinstance(outcome, Answer)  # noqa: S101 - whatever else raised or is to be sent again
                return attempts.result(outcome)
            time.sleep(pause)

    def pages(self, request: Request[Page[ItemT]]) -> Iterator[ItemT]:
        while True:
            page = self.send(request)
            yield from page.items
            if page.next is None:
                return
            request = request.from_cursor(page.next)

    def _attempt(self, attempts: Attempts[ResultT]) -> Answer | Lost:
        wire = self.connection.wire_request(attempts)
        try:
            response = self.pool.handle_request(wire)
            try:
                body = bytearray()
                for chunk in response.stream:
                    body += chunk
                    attempts.seconds_left()
            finally:
                response.close()
        except self.connection.problems as problem:
            return self.connection.lost(problem)
        return Answer(response.status, lower_headers(response.headers), bytes(body))


class Client(ServerCalls[BlockingSends]):
    """A client of the HTTP server with the methods of the AI object; every method blocks until its answer is there.

    ``url`` is the server's address (``HOTCRM_AI_URL``, else this machine's port 8000), ``key`` an API key (``HOTCRM_AI_API_KEY``).
    ``timeout`` is how many seconds a method may take in all, ``retries`` how often it sends a request again where that is safe. ``tls``
    replaces the usual certificates; ``plain_http`` lets a key travel over http to another machine.

    >>> with Client("http://127.0.0.1:8000") as client:                         # doctest: +SKIP
    ...     client.predict("lead-scoring-v1", {"company_size": 500}).prediction["class"]
    'warm'

    Raises:
        ConfigError: the address or the key cannot be used.
        MissingExtra: the extra ``client`` is not installed.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        key: str | Secret | None = None,
        timeout: float = 30.0,
        retries: int = 2,
        tls: ssl.SSLContext | None = None,
        plain_http: bool = False,
    ) -> None:
        patience = Patience(seconds=timeout, retries=retries)
        sender = _Sender(Connection(url, key, patience=patience, tls=tls, plain_http=plain_http))
        super().__init__(sender)
        self._open = sender
        self.models: ModelCalls[BlockingSends] = ModelCalls(sender)
        self.experiments: ExperimentCalls[BlockingSends] = ExperimentCalls(sender)
        self.cache: CacheCalls[BlockingSends] = CacheCalls(sender)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._open.connection!r})"

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; closing twice is fine."""
        self._open.pool.close()
