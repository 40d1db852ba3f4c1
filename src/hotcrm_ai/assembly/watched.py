"""Opens a workspace for a server: the same object, watched for alerts as long as it is open."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from hotcrm_ai.assembly.ai import AI
from hotcrm_ai.settings import Settings

_logger: Final = logging.getLogger("hotcrm_ai.alerts")


@asynccontextmanager
async def open_watched(settings: Settings | None = None) -> AsyncIterator[AI]:
    """Open a workspace and look at it every few seconds, until it is closed; raises what ``AI.open`` raises."""
    async with AI.open(settings) as ai:
        watch = asyncio.create_task(ai.alerts.run(), name="hotcrm-ai-alerts")
        watch.add_done_callback(_tell_end)
        try:
            yield ai
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)


def _tell_end(watch: asyncio.Task[None]) -> None:
    if not watch.cancelled() and watch.exception() is not None:
        _logger.error(
            "the watch for alerts ended; nobody is told of anything until a restart", exc_info=watch.exception()
        )
