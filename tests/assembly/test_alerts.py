"""A workspace's alerts from a real failing model to the receiver, as the server runs them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hotcrm_ai import AI, ConfigError, ModelConfig, ProviderError, Settings
from hotcrm_ai.assembly.watched import open_watched
from hotcrm_ai.testing import ModelServer, Said


async def test_a_failing_model_is_told_while_the_workspace_is_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty failures of a model reach a channel once, and the incident can be seen."""
    arrived = asyncio.Event()

    def receive(_: object) -> Said:
        arrived.set()
        return Said(body="ok")

    async with ModelServer(receive) as channel, ModelServer(lambda _: Said(status=500)) as broken:
        monkeypatch.setenv("CHANNEL", f"{channel.url}/hook")
        settings = Settings(
            home=tmp_path / "w",
            provider_hosts=(broken.host,),
            alerts={"every_seconds": 1.0, "sinks": {"ops": {"kind": "slack", "url": {"env": "CHANNEL"}}}},
        )
        async with open_watched(settings) as ai:
            await ai.registry.register(
                ModelConfig(id="far", provider="open-inference", endpoint=broken.url, status="active")
            )
            for number in range(25):
                with pytest.raises(ProviderError):
                    await ai.predict("far", {"x": float(number)})
            async with asyncio.timeout(30):
                await arrived.wait()
            (incident,) = await ai.alerts.incidents(is_open=True)
            assert (incident.rule, incident.subject) == ("model_unhealthy", "far")
    texts = [heard.json()["text"] for heard in channel.heard]
    assert [text.split("\n")[0] for text in texts] == ["Alert: far is unhealthy"]


async def test_a_quiet_workspace_is_told_of_nothing(tmp_path: Path) -> None:
    """A fresh workspace opens no incident, and is not written to."""
    async with AI.open(Settings(home=tmp_path)) as ai:
        assert await ai.alerts.check() == []
        assert await ai.alerts.incidents() == []
        assert await ai.alerts.deliver() == []


def test_a_wrong_table_of_alerts_is_a_wrong_setting(tmp_path: Path) -> None:
    """The mistake is listed with the other ones of the settings."""
    with pytest.raises(ConfigError, match="sinks"):
        Settings(home=tmp_path, alerts={"sinks": {"ops": {"kind": "pager"}}})
