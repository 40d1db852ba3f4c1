"""The client whose answers are awaited."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from types import TracebackType
from typing import TypeVar

from hotcrm_ai.client.attempts import Attempts, Lost, Patience
from hotcrm_ai.client.calls import AwaitedSends
from hotcrm_ai.client.connection import MOST_CONNECTIONS, Connection, lower_headers
from hotcrm_ai.client.methods import CacheCalls, ExperimentCalls, ModelCalls, ServerCalls
from hotcrm_ai.client.request import Answer, Request
from hotcrm_ai.domain.answers import Page
from hotcrm_ai.domain.secret import Secret

ResultT = TypeVar("ResultT")
ItemT = TypeVar("ItemT")


class _Sender:
    """Sends over connections that stay open between requests."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.pool = connection.http.AsyncConnectionPool(
            ssl_context=connection.tls, max_connections=MOST_CONNECTIONS, retries=0
        )

    async def send(self, request: Request[ResultT]) -> ResultT:
        attempts: Attempts[ResultT] = self.connection.attempts(request)
        while True:
            outcome = await self._attempt(attempts)
            pause = attempts.pause_after(outcome)
            if pause is None:
                assert isinstance(outcome, Answer)  # noqa: S101 - whatever else raised or is to be sent again
                return attempts.result(outcome)
            await asyncio.sleep(pause)

    async def pages(self, request: Request[Page[ItemT]]) -> AsyncIterator[ItemT]:
        while True:
            page = await self.send(request)
            for item in page.items:
                yield item
            if page.next is None:
                return
            request = request.from_cursor(page.next)

    async def _attempt(self, attempts: Attempts[ResultT]) -> Answer | Lost:
        wire = self.connection.wire_request(attempts)
        try:
            async with asyncio.timeout(attempts.seconds_left()) as limit:
                response = await self.pool.handle_async_request(wire)
                try:
                    body = b"".join([chunk async for chunk in response.stream])
                finally:
                    await response.aclose()
        except self.connection.problems as problem:
            return self.connection.lost(problem)
        except TimeoutError as problem:
            if not limit.expired():
                raise
            return Lost(problem, was_sent=True, is_late=True)
        return Answer(response.status, lower_headers(response.headers), body)


class AsyncClient(ServerCalls[AwaitedSends]):
    """A client of the HTTP server with the methods of the AI object; answers are awaited, lists gone through by ``async for``.

    The arguments are those of ``Client``.

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
        self.models: ModelCalls[AwaitedSends] = ModelCalls(sender)
        self.experiments: ExperimentCalls[AwaitedSends] = ExperimentCalls(sender)
        self.cache: CacheCalls[AwaitedSends] = CacheCalls(sender)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._open.connection!r})"

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections; closing twice is fine."""
        await self._open.pool.aclose()
