"""Knows whether a Redis server is in use, and brings one back that was away, without anybody waiting for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.ports.clock import Clock

SECONDS_BETWEEN_PROBES: Final = 1.0
MOST_SLOW_CALLS: Final = 5


class RedisPresence:
    """Whether a server may be asked.

    ``probe`` says whether it may be taken into use, and may raise ``StorageError``. It runs in the background, at most once in so many
    seconds, and only while somebody asks.
    """

    def __init__(
        self,
        probe: Callable[[], Awaitable[bool]],
        *,
        clock: Clock,
        seconds_between_probes: float = SECONDS_BETWEEN_PROBES,
    ) -> None:
        self._probe = probe
        self._clock = clock
        self._seconds_between_probes = seconds_between_probes
        self._probed_at: float | None = None
        self._probing: asyncio.Task[None] | None = None
        self.in_use = False
        self.was_probed = False
        """Whether it is known if the server is there."""
        self.failures = 0

    async def start(self) -> None:
        """Probe once and wait for it; the server being away is no failure."""
        self.probe_when_due()
        if self._probing is not None:
            await asyncio.shield(self._probing)

    async def aclose(self) -> None:
        """Stop probing."""
        if self._probing is not None:
            self._probing.cancel()
            await asyncio.gather(self._probing, return_exceptions=True)

    def lose(self) -> None:
        """Put the server out of use."""
        self.failures += 1
        self.in_use = False
        self.probe_when_due()

    def probe_when_due(self) -> None:
        """Look for the server in the background, where that was not done a moment ago."""
        now = self._clock.monotonic()
        if self._probing is not None and not self._probing.done():
            return
        if self._probed_at is None or now - self._probed_at >= self._seconds_between_probes:
            self._probed_at = now
            self._probing = asyncio.get_running_loop().create_task(self._look())

    async def _look(self) -> None:
        try:
            self.in_use = await self._probe()
        except StorageError:
            self.failures += 1
        finally:
            self.was_probed = True
