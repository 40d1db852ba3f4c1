"""Ends a call that takes too long, without blaming the other side for the time in which this process was busy itself."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

ResultT = TypeVar("ResultT")

_TURNS: Final = 8
"""So many turns of the event loop are left after a time is over to read what had arrived by then."""


class CallWatch:
    """Watches one call of the present task: ``was_slow`` once its first time was over, cancelled once its second one was."""

    def __init__(self, *, slow_seconds: float, seconds: float) -> None:
        self._slow_seconds = slow_seconds
        self._seconds = seconds
        self.was_slow = False

    async def run(self, call: Coroutine[Any, Any, ResultT]) -> ResultT:
        """Return what the call returns; raises ``TimeoutError`` where it took too long."""
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + self._seconds
        async with asyncio.timeout(None) as limit:
            is_over = False
            timer: asyncio.Handle

            def due(turns: int, slow: bool) -> None:
                nonlocal timer
                if is_over:
                    return
                if turns > 0:
                    timer = loop.call_soon(due, turns - 1, slow)
                elif slow and loop.time() < ends_at:
                    self.was_slow = True
                    timer = loop.call_at(ends_at, due, _TURNS, False)
                else:
                    self.was_slow = True
                    limit.reschedule(loop.time())

            timer = loop.call_later(min(self._slow_seconds, self._seconds), due, _TURNS, True)
            try:
                return await call
            finally:
                is_over = True
                timer.cancel()
