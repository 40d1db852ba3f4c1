"""The operations that tell of alerts."""

from __future__ import annotations

from typing import Final

from hotcrm_ai.domain import errors
from hotcrm_ai.domain.alert import Incident
from hotcrm_ai.domain.answers import Page
from hotcrm_ai.entrypoints.http.bodies import AlertsQuery
from hotcrm_ai.entrypoints.http.operation import Call, Operation


async def list_alerts(call: Call) -> Page[Incident]:
    """List incidents, the newest first."""
    asked: AlertsQuery = call.query
    is_open = None if asked.state is None else asked.state == "open"
    found = await call.ai.alerts.incidents(is_open=is_open, limit=asked.limit + 1, after=asked.cursor)
    shown = tuple(found[: asked.limit])
    return Page(items=shown, next=shown[-1].id if len(found) > len(shown) else None)


ALERT_OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/v1/alerts",
        scope="read",
        name="listAlerts",
        tag="Monitoring",
        summary="List what went wrong and was told.",
        description="The newest first. The server looks at its models and its cache every few seconds.",
        answer=list_alerts,
        query=AlertsQuery,
        gives=Page[Incident],
        errors=(errors.StorageError,),
    ),
)
