"""Lets a process forget cached answers about somebody whom another process of the workspace erased."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.storage import SQLErasureNotes

POLL_SECONDS: Final = 10.0
_LOOK_BACK: Final = timedelta(hours=2)
"""So far may the clocks of two machines be apart, or be set back; to forget more than needed costs only misses."""


class ErasureWatch:
    """Asks every ten seconds what was erased, and clears the answers of the models concerned, which no other process can reach."""

    def __init__(
        self,
        notes: SQLErasureNotes,
        *,
        clock: Clock,
        clear: Callable[[str], Awaitable[int]],
        seconds: float = POLL_SECONDS,
    ) -> None:
        self._notes = notes
        self._clear = clear
        self._seconds = seconds
        self._since = clock.now() - _LOOK_BACK
        self._followed: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to ask."""
        self._task = asyncio.get_running_loop().create_task(self._ask_in_background())

    async def aclose(self) -> None:
        """Stop asking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def follow(self) -> None:
        """Forget the answers that were erased since this was asked last; raises ``StorageError``."""
        known = await self._notes.since(self._since)
        for model_id in sorted({id_ for number in known.keys() - self._followed for id_ in known[number]}):
            await self._clear(model_id)
        self._followed = set(known)

    async def _ask_in_background(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            with contextlib.suppress(StorageError):
                await self.follow()
