"""Talks to a Redis server within a time that is always kept: what is asked at the same time travels together, over few connections."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hotcrm_ai.caches.call_watch import CallWatch
from hotcrm_ai.caches.redis_address import RedisAddress
from hotcrm_ai.domain.errors import MissingExtra, StorageError

if TYPE_CHECKING:
    from redis.asyncio.connection import AbstractConnection

_NONSENSE: Final = (OSError, EOFError, ValueError, TypeError, LookupError, ArithmeticError, RecursionError)
"""What a parser of replies may raise beside the library's own errors when a server talks nonsense; a timeout is an OSError."""


_MOST_COMMANDS: Final = 200
"""How many commands travel together at most."""

Command = Sequence[str | bytes | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisLimits:
    """How long an exchange may take in all, connecting alone, and without counting as slow; how many connections are held. In seconds."""

    call_seconds: float = 0.05
    connect_seconds: float = 0.05
    slow_seconds: float = 0.025
    connections: int = 4


class _Question:
    """The commands of one caller, and where their replies go."""

    __slots__ = ("answer", "commands")

    def __init__(self, commands: Sequence[Command]) -> None:
        self.commands = commands
        self.answer: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()

    def fail(self, error: StorageError) -> None:
        """Give an error for an answer, which nobody has to fetch: the caller may be gone."""
        if not self.answer.done():
            self.answer.set_exception(error)
            self.answer.exception()


class RedisConnections:
    """Sends commands and returns replies; no call is ever repeated.

    Callers of the same moment share an exchange, and one that is cancelled leaves it to the others. A connection whose exchange timed
    out or met anything odd is closed, never used again: the reply might still be under way. Then all who wait for a turn fail as well.

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
        self._idle: list[AbstractConnection] = []
        self._questions: deque[_Question] = deque()
        self._lanes: set[asyncio.Task[None]] = set()
        self._lane_is_starting = False
        self.slow_exchanges = 0
        """How many exchanges in a row were slow."""

    async def run(self, *commands: Command) -> list[Any]:
        """Send all commands and return their replies in order; a command that the server refused has its error there.

        Raises:
            StorageError: the server could not be reached, did not answer in time, or talked nonsense.
        """
        question = _Question(commands)
        self._questions.append(question)
        if not self._lane_is_starting and len(self._lanes) < self._limits.connections:
            self._lane_is_starting = True
            lane = asyncio.get_running_loop().create_task(self._serve())
            self._lanes.add(lane)
            lane.add_done_callback(self._lanes.discard)
        return await question.answer

    async def run_patiently(self, *commands: Command) -> list[Any]:
        """Do the same in an exchange of its own that has time for a new connection besides; raises ``StorageError``."""
        question = _Question(commands)
        await self._answer([question], self._limits.call_seconds + self._limits.connect_seconds)
        return await question.answer

    async def aclose(self) -> None:
        """Close all connections; calls under way fail."""
        lanes = list(self._lanes)
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)
        self._lane_is_starting = False
        self._fail(list(self._questions), ConnectionAbortedError())
        while self._idle:
            await self._idle.pop().disconnect(nowait=True)
        await asyncio.sleep(0)

    async def _serve(self) -> None:
        """Exchange what waits, as much as may travel together at a time, until nothing waits."""
        self._lane_is_starting = False
        while self._questions:
            together = [self._questions.popleft()]
            size = len(together[0].commands)
            while self._questions and size + len(self._questions[0].commands) <= _MOST_COMMANDS:
                size += len(self._questions[0].commands)
                together.append(self._questions.popleft())
            await self._answer(together, self._limits.call_seconds)

    async def _answer(self, questions: Sequence[_Question], seconds: float) -> None:
        """Give all questions their replies, or the same error."""
        watch = CallWatch(slow_seconds=self._limits.slow_seconds, seconds=seconds)
        try:
            replies = iter(await watch.run(self._exchange([each for asked in questions for each in asked.commands])))
            self.slow_exchanges = self.slow_exchanges + 1 if watch.was_slow else 0
            for question in questions:
                own = [next(replies) for _ in question.commands]
                if not question.answer.done():
                    question.answer.set_result(own)
        except self._failures as problem:
            self._fail([*questions, *self._questions], problem)
        except BaseException as problem:
            self._fail([*questions, *self._questions], problem)
            raise

    def _fail(self, questions: Sequence[_Question], problem: BaseException) -> None:
        self._questions.clear()
        for question in questions:
            question.fail(
                StorageError(
                    f"The Redis server of the cache did not answer as it should ({type(problem).__name__}); see that it runs "
                    "and that REDIS_URL is right."
                )
            )

    async def _exchange(self, commands: Sequence[Command]) -> list[Any]:
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
