"""Before any call: what is not installed names its extra, and the doctor finds what each provider lacks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hotcrm_ai import AI, Settings
from hotcrm_ai.domain.errors import MissingExtra
from hotcrm_ai.entrypoints.cli.doctor_checks import check_providers
from hotcrm_ai.providers import _aws

HOST = "127.0.0.1:9"
SDK = {"aws-sagemaker": ("botocore.auth", "sagemaker")}


async def assert_names_the_extra(factory: Any, made: Any, ask: Any, extra: str) -> None:
    provider = factory.get_provider(made.config)
    for call in (provider.validate(), provider.predict(made.model, ask(1.0))):
        with pytest.raises(MissingExtra, match=rf"pip install 'hotcrm-ai\[{extra}\]'"):
            await call


@pytest.mark.parametrize("package", ["httpcore", "certifi"])
async def test_without_the_http_client_the_extra_is_named(
    remote: str, peers: Any, factory_for: Any, ask: Any, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    """Every remote provider says so when it is checked, and again when it is asked."""
    made = peers[remote].peer(f"http://{HOST}")
    monkeypatch.setitem(sys.modules, package, None)
    if package == "certifi":
        with pytest.raises(MissingExtra, match=r"hotcrm-ai\[http\]"):
            await factory_for(HOST).get_provider(made.config).validate()
    else:
        await assert_names_the_extra(factory_for(HOST), made, ask, "http")


async def test_without_its_sdk_a_provider_names_its_extra(
    remote: str, peers: Any, factory_for: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SageMaker's requests are signed by the SDK; the other providers need none."""
    made = peers[remote].peer(f"http://{HOST}")
    if peers[remote].NAME not in SDK:
        await factory_for(HOST).get_provider(made.config).validate()
        return
    module, extra = SDK[peers[remote].NAME]
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr(_aws, "_known_parts", {})
    _aws._sdk.cache_clear()
    await assert_names_the_extra(factory_for(HOST), made, ask, extra)
    _aws._sdk.cache_clear()


async def test_the_doctor_finds_a_missing_key_of_every_provider(
    remote: str, peers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken, with the variable to set, while it is missing; well once it is there; nobody is asked for either."""
    made = peers[remote].peer(f"http://{HOST}")
    model = msgspec.structs.replace(made.model, id="remote-v1", status="active", provider_config=made.config)
    settings = Settings(home=tmp_path, provider_hosts=(HOST,))
    async with AI.open(settings) as ai:
        await ai.registry.register(model)
    for key, status in ((None, "broken"), ("a-key", "ok")):
        if key is not None:
            monkeypatch.setenv("PEER_KEY", key)
        (found,) = [one for one in await check_providers(settings) if one.part == "provider of remote-v1"]
        assert found.status == status, found
        assert ("PEER_KEY" in found.found) == (key is None)
