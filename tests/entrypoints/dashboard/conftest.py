"""A client of the dashboard without a server, around a twin of the AI object."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import SimpleNamespace

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from hotcrm_ai.entrypoints.dashboard import create_dashboard

ORIGIN = "http://127.0.0.1:8000"
NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


@pytest.fixture
async def visitor() -> AsyncIterator[httpx.AsyncClient]:
    """A client whose requests come to the dashboard as the server would hand them on."""
    dashboard = create_dashboard()
    keys = SimpleNamespace(any_exist=_nothing)
    ai = SimpleNamespace(now=lambda: NOON, keys=keys)

    async def server(scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        exchange = SimpleNamespace(ai=ai, headers=headers, request_id="r-1", body_seconds=2.0, is_local=True)
        scope["hotcrm_ai.exchange"] = exchange
        await dashboard(scope, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(server), base_url=ORIGIN) as client:
        yield client


async def _nothing() -> bool:
    return False
