"""The operations that tell an operator or a load balancer whether the server is alive and ready; they name no model."""

from __future__ import annotations

import asyncio
from typing import Final

from hotcrm_ai.domain.answers import Alive
from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.entrypoints.http.operation import Call, Operation
from hotcrm_ai.entrypoints.http.refusals import Stopping

READY_PATH: Final = "/readyz"
READY_WITHIN_SECONDS: Final = 2.0


async def live(_: Call) -> Alive:
    """Say that the server can answer."""
    return Alive(status="alive")


async def ready(call: Call) -> Alive:
    """Say that the registry is loaded and the database answers."""
    try:
        async with asyncio.timeout(READY_WITHIN_SECONDS):
            is_ready = await call.ai.ready()
    except TimeoutError as late:
        raise StorageError(
            f"The workspace's database did not answer within {READY_WITHIN_SECONDS:g} seconds; check that it runs."
        ) from late
    if not is_ready:
        raise StorageError("The workspace is not ready yet; try again in a moment.")
    return Alive(status="ready")


STATE_OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/livez",
        scope=None,
        name="live",
        tag="Operations",
        summary="Say that the server can answer.",
        description="Asks nothing else, neither database nor model.",
        answer=live,
        gives=Alive,
    ),
    Operation(
        method="GET",
        path=READY_PATH,
        scope=None,
        name="ready",
        tag="Operations",
        summary="Say whether predictions can be answered.",
        description="200 once the registry is loaded and the workspace's database answers; else, and when told to stop, 503.",
        answer=ready,
        gives=Alive,
        errors=(StorageError, Stopping),
    ),
)
