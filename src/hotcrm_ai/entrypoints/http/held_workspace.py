"""Opens the server's workspace and holds it; while its database is away at start, it is tried again until it is there."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING, Final

from hotcrm_ai.domain.errors import HotCRMAIError, StorageError

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI

OpenWorkspace = Callable[[], AbstractAsyncContextManager["AI"]]

RETRY_SECONDS: Final = 1.0
"""The pause between two attempts to open a workspace whose database is away."""

PATIENCE_SECONDS: Final = 5.0
"""So long the start of the server waits for the first attempt; then it goes on in the background."""

_logger: Final = logging.getLogger("hotcrm_ai.http")


class HeldWorkspace:
    """The workspace of a server: ``ai`` once it is open, None before.

    One task opens, holds and closes it, so that all of that happens in one place. What cannot be mended by waiting (a wrong setting, a
    newer database) fails the start; a database that is away does not: then the task tries again every second and says so in the log.
    """

    def __init__(self, opens: OpenWorkspace, *, retry_seconds: float = RETRY_SECONDS) -> None:
        self.ai: AI | None = None
        self._opens = opens
        self._retry_seconds = retry_seconds
        self._failure: HotCRMAIError | None = None
        self._opened = asyncio.Event()
        self._settled = asyncio.Event()
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, workspace: AI | OpenWorkspace) -> HeldWorkspace:
        """Return one that opens a workspace, or one that holds a workspace which is open and stays so."""
        if callable(workspace):
            return cls(workspace)
        held = cls(lambda: nullcontext(workspace))
        held.ai = workspace
        return held

    async def start(self) -> None:
        """Begin to open the workspace; return once it is open, or known to be away.

        Raises:
            HotCRMAIError: it cannot be opened, and waiting would not help.
        """
        self._task = asyncio.create_task(self._hold())
        settled = asyncio.ensure_future(self._settled.wait())
        await asyncio.wait((self._task, settled), timeout=PATIENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        settled.cancel()
        self._settled.set()
        if self._task.done():
            await self._task

    async def opened(self) -> AI:
        """Wait until the workspace is open and return it."""
        await self._opened.wait()
        return self.require()

    async def stop(self) -> None:
        """Close the workspace, or give up trying to open it."""
        self._stop.set()
        if self._task is None:
            return
        if self.ai is None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            return
        await self._task

    def require(self) -> AI:
        """Return the open workspace; raises ``StorageError`` while its database is away."""
        if self.ai is None:
            raise StorageError(
                "The workspace is not open yet, because its database is away; it is tried again every second.",
                temporary=True,
            ) from self._failure
        return self.ai

    async def _hold(self) -> None:
        while not self._stop.is_set():
            try:
                async with self._opens() as self.ai:
                    self._tell_open(self.ai.notes)
                    await self._stop.wait()
            except HotCRMAIError as problem:
                if self.ai is not None:
                    raise
                self._tell_failure(problem)
                if not _may_pass(problem) and not self._settled.is_set():
                    raise
                self._settled.set()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), self._retry_seconds)

    def _tell_open(self, notes: tuple[str, ...]) -> None:
        """Log that an outage is over, and what an operator should know of the installation."""
        if self._failure is not None:
            _logger.warning("the workspace is open now: predictions are answered")
        for remark in notes:
            _logger.warning("%s", remark)
        self._failure = None
        self._opened.set()
        self._settled.set()

    def _tell_failure(self, problem: HotCRMAIError) -> None:
        """Log a failure, once as long as it stays the same."""
        is_new = self._failure is None or self._failure.message != problem.message
        self._failure = problem
        if is_new and _may_pass(problem):
            _logger.warning(
                "%s Until then every request but /livez is answered 503; trying again every %g s.",
                problem.message,
                self._retry_seconds,
            )
        elif is_new and self._settled.is_set():
            _logger.error("the workspace cannot be opened, and no request is answered: %s", problem.message)


def _may_pass(problem: HotCRMAIError) -> bool:
    return isinstance(problem, StorageError) and problem.is_temporary
