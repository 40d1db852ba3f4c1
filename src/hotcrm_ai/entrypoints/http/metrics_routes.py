"""The operation that a Prometheus server reads."""

from __future__ import annotations

from typing import Final

from hotcrm_ai.entrypoints.http.operation import Call, Operation
from hotcrm_ai.entrypoints.http.reply import Reply
from hotcrm_ai.exporters.prometheus import CONTENT_TYPE


async def metrics(call: Call) -> Reply:
    """Tell the counts of all workers."""
    return Reply(200, await call.counts.text(call.ai), CONTENT_TYPE)


METRICS_OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/metrics",
        scope="read",
        name="metrics",
        tag="Operations",
        summary="Tell counts, durations and states for Prometheus.",
        description="The sums over all worker processes, at most half a second old; labels are routes and registered models only.",
        answer=metrics,
        gives=str,
        media_type=CONTENT_TYPE.decode(),
    ),
)
