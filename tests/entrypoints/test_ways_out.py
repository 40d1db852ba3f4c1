"""One mistake through two doors: each says what to do next in its own words."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from hotcrm_ai import AI, ModelNotFound, Settings
from hotcrm_ai.entrypoints.dashboard import create_dashboard
from hotcrm_ai.entrypoints.http import create_app


async def test_an_unknown_model_is_told_where_it_is_met(tmp_path: Path) -> None:
    """Python names a call, HTTP a route and the dashboard a page; none of them sends to the command line."""
    async with AI.open(Settings(home=tmp_path)) as ai:
        with pytest.raises(ModelNotFound) as caught:
            await ai.predict("no-such-thing", {})
        transport = httpx.ASGITransport(create_app(ai, dashboard=create_dashboard()))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            route = await client.post("/v1/predict", json={"modelId": "no-such-thing", "features": {}})
            page = await client.get("/models/no-such-thing")
    assert "`ai.registry.list_models()` shows all." in caught.value.message
    assert "`GET /v1/models` shows all." in route.json()["detail"]
    assert "the page Models shows all." in page.text
    assert "hotcrm-ai models" not in caught.value.message + route.text + page.text
