"""Nothing that arrives by the API, a redirect or a changed row makes the server connect to where the operator did not allow it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hotcrm_ai import AI, Settings
from hotcrm_ai.domain.errors import ProviderError
from hotcrm_ai.entrypoints.http import create_app
from hotcrm_ai.testing import Heard, ModelServer, Said

PLACES = [
    "http://127.0.0.1:{port}", "https://127.0.0.1:{port}", "http://[::1]:{port}", "http://[::ffff:127.0.0.1]:{port}",
    "http://localhost:{port}", "http://0.0.0.0:{port}", "http://127.1:{port}", "http://2130706433:{port}", "http://0x7f000001:{port}",
    "http://127.0.0.1.:{port}", "http://models.example.com@127.0.0.1:{port}", "http://127.0.0.1:{port}#models.example.com",
    "http://localtest.me:{port}", "http://169.254.169.254/latest/meta-data", "https://[fd00:ec2::254]/latest",
    "https://[64:ff9b::a9fe:a9fe]/", "https://metadata.google.internal/", "https://10.0.0.1/", "file:///etc/passwd", "unix:///run/docker.sock",
]  # fmt: skip
"""Inward places in many spellings; ``{port}`` is where somebody listens who must never be called."""


@pytest.fixture
async def listener() -> AsyncIterator[ModelServer]:
    """Somebody on this machine whom nobody allowed."""
    async with ModelServer(lambda _: Said(body={"predictions": [0.5]})) as server:
        yield server


def model(url: str, **more: Any) -> dict[str, Any]:
    """A remote model at an address, as the API takes it."""
    signature = {"features": [{"name": "size", "type": "number"}]}
    output = {"parameters": {"output": {"as": "probability"}}, "feature": "lead-scoring", "signature": signature}
    return {"id": "inward", "status": "active", "provider": "mlflow", "endpoint": url, **output, **more}


@pytest.mark.parametrize("place", PLACES)
async def test_no_registration_leads_inwards(tmp_path: Path, listener: ModelServer, place: str) -> None:
    """As endpoint, within the provider's configuration, and as a change: refused with 422, and nobody is called."""
    url = place.format(port=listener.port)
    async with AI.open(Settings(home=tmp_path, provider_hosts=("models.example.com",))) as ai:
        transport = httpx.ASGITransport(create_app(ai))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as api:
            inner = {"provider": "mlflow", "endpoint": url}
            for body in (model(url), model("https://models.example.com/x", providerConfig=inner)):
                told = await api.post("/v1/models", json=body)
                assert (told.status_code, told.json()["code"]) == (422, "config_error")
            assert (await api.post("/v1/models", json=model("https://models.example.com/x"))).status_code == 201
            assert (await api.patch("/v1/models/inward", json={"endpoint": url})).status_code == 422
            assert (await api.patch("/v1/models/inward", json={"providerConfig": inner})).status_code == 422
    assert listener.connections == 0


async def test_a_redirect_inwards_is_not_followed(tmp_path: Path, listener: ModelServer) -> None:
    """A server that the operator allowed cannot send us on: its redirect is a failure, and nobody is called."""
    for status in (301, 302, 303, 307, 308):

        def away(_: Heard, status: int = status) -> Said:
            return Said(status=status, headers={"location": f"{listener.url}/invocations"})

        async with ModelServer(away) as server:
            settings = Settings(home=tmp_path / str(status), provider_hosts=(server.host, "models.example.com"))
            async with AI.open(settings) as ai:
                await ai.registry.register(model(server.url))
                with pytest.raises(ProviderError):
                    await ai.predict("inward", {"size": 3})
                assert server.connections > 0
    assert listener.connections == 0


async def test_a_changed_row_does_not_lead_inwards(tmp_path: Path, listener: ModelServer) -> None:
    """An address that somebody wrote into the database is judged again before it is connected to."""
    settings = Settings(home=tmp_path, provider_hosts=("models.example.com",))
    async with AI.open(settings) as ai:
        await ai.registry.register(model("https://models.example.com/x"))
    changed = await asyncio.to_thread(_rewrite, tmp_path, "https://models.example.com/x", listener.url)
    assert changed > 0
    async with AI.open(settings) as ai:
        found = await ai.registry.get_model("inward")
        assert found is not None
        assert found.endpoint == listener.url
        with pytest.raises(ProviderError):
            await ai.predict("inward", {"size": 3})
    assert listener.connections == 0


async def test_the_listener_counts_who_is_allowed(tmp_path: Path, listener: ModelServer) -> None:
    """The twin that is allowed: listed by host and port, the same place is called and counted."""
    async with AI.open(Settings(home=tmp_path, provider_hosts=(listener.host,))) as ai:
        await ai.registry.register(model(listener.url))
        assert (await ai.predict("inward", {"size": 3})).prediction["probability"] == 0.5
    assert listener.connections > 0


def _rewrite(home: Path, before: str, after: str) -> int:
    """Replace an address in every model that the workspace's database keeps; return how many there were."""
    changed = 0
    for file in home.rglob("*.db"):
        connection = sqlite3.connect(file)
        with connection:
            words = "UPDATE model_revision SET config = replace(config, ?, ?) WHERE config LIKE ?"
            changed += connection.execute(words, (before, after, f"%{before}%")).rowcount
        connection.close()
    return changed
