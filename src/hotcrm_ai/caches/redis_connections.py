"""Talks to a Redis server within a time that is always kept, over a bounded number of connections."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hotcrm_ai.caches.redis_address import RedisAddress
from hotcrm_ai.domain.errors import MissingExtra, StorageError

if TYPE_CHECKING:
    from redis.asyncio.connection import AbstractConnection

_NONSENSE: Final = (OSError, EOFError, ValueError, TypeError, LookupError, ArithmeticError, RecursionError)
"""What a parser of replies may raise beside the library's own errors when a server talks nonsense; a timeout is an OSError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisLimits:
    """How long a call may take in all, connecting alone, and how many connections are held; times in seconds."""

    call_seconds: float = 0.05
    connect_seconds: float = 0.05
    connections: int = 16


class RedisConnections:
    """Sends commands and returns replies; no call is ever repeated.

    A connection whose call was cancelled, timed out or met anything odd is closed, never used again: the reply might still be under way.

    Raises:
        MissingExtra: the package redis is not installed.
    """

    def __init__(self, address: RedisAddress, limits: RedisLimits) -> None:
        try:
            from redis.asyncio import connection
            from redis.exceptions import RedisError, ResponseError
        except ImportError as problem:
            raise MissingExtra(feature="A cache in Redis", extra="redis") from problem
        plain = connection.UnixDomainSocketConnection if address.path else connection.Connection
        self._kind: type[AbstractConnection] = connection.SSLConnection if address.tls else plain
        self._address = address
        self._limits = limits
        self._refusal = ResponseError
        self._failures = (RedisError, *_NONSENSE)
        self._turns = asyncio.Semaphore(limits.connections)
        self._idle: list[AbstractConnection] = []

    async def run(self, *commands: Sequence[str | bytes | int], patient: bool = False) -> list[Any]:
        """Send all commands at once and return their replies in order; a command that the server refused has its error there.

        With ``patient`` making a new connection has a time of its own; else all of it shares the time of a call.

        Raises:
            StorageError: the server could not be reached, did not answer in time, or talked nonsense.
        """
        seconds = self._limits.call_seconds + (self._limits.connect_seconds if patient else 0.0)
        try:
            async with asyncio.timeout(seconds), self._turns:
                return await self._exchange(commands)
        except self._failures as problem:
            raise StorageError(
                f"The Redis server of the cache did not answer as it should ({type(problem).__name__}); see that it runs "
                "and that REDIS_URL is right."
            ) from problem

    async def aclose(self) -> None:
        """Close all connections."""
        while self._idle:
            await self._idle.pop().disconnect(nowait=True)
        await asyncio.sleep(0)

    async def _exchange(self, commands: Sequence[Sequence[str | bytes | int]]) -> list[Any]:
        connection = self._idle.pop() if self._idle else self._new()
        try:
            if connection.is_connected and await connection.can_read():
                await connection.disconnect(nowait=True)
            await connection.connect()  # type: ignore[no-untyped-call]  # the library leaves it without types
            await connection.send_packed_command(connection.pack_commands(commands), check_health=False)
            replies = [await self._reply(connection) for _ in commands]
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        self._idle.append(connection)
        return replies

    async def _reply(self, connection: AbstractConnection) -> Any:
        try:
            return await connection.read_response()
        except self._refusal as refused:
            return refused

    def _new(self) -> AbstractConnection:
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        return self._kind(
            **self._address.options(),
            socket_timeout=self._limits.call_seconds,
            socket_connect_timeout=self._limits.connect_seconds,
            retry=Retry(NoBackoff(), 0),
            retry_on_error=[],
            retry_on_timeout=False,
            health_check_interval=0,
            protocol=2,
            driver_info=None,
        )
