"""Peers of the providers: for each one a server on loopback that speaks its wire, and a key that must be seen nowhere."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hotcrm_ai.ai_features import discover_ai_features
from hotcrm_ai.domain.addresses import AllowedHosts
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import PredictionInput
from hotcrm_ai.local_models.loader import LocalModelLoader
from hotcrm_ai.ports.clock import SystemClock
from hotcrm_ai.ports.provider import MLProvider
from hotcrm_ai.providers import ProviderFactory, ProviderKit
from hotcrm_ai.testing import FaultProxy, Heard, ModelServer, Said

KEY = "sk-live-4f2b9c7d1e8a6053"
PATIENT_SECONDS = 10.0
"""To connect on loopback, where a busy machine is no fault; the limit itself has a test of its own at the door."""


class NoBundles:
    """A bundle store without bundles."""

    def publish(self, members: object) -> str:
        raise AssertionError("nothing is published here")

    def read(self, digest: str) -> dict[str, bytes]:
        raise AssertionError("nothing is read here")


def truth(features: Mapping[str, Any]) -> float:
    """What the fake model answers for a record: a number between 0 and 1 that differs from size to size."""
    return float((features["size"] * 37 + 11) % 101) / 101


def _peers() -> dict[str, ModuleType]:
    found = {}
    for path in sorted((Path(__file__).parent / "peers").glob("*_peer.py")):
        spec = importlib.util.spec_from_file_location(f"peers_{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found[getattr(module, "WAY", module.NAME)] = module
    return found


PEERS = _peers()


@dataclass
class Peer:
    """One provider in front of its peer, with the fault proxy between them."""

    provider: MLProvider
    model: ModelConfig
    server: ModelServer
    proxy: FaultProxy
    factory: ProviderFactory


def question(size: float, *, seconds: float = 1.0) -> PredictionInput:
    return PredictionInput(
        features={"size": size, "industry": "Finance"}, prediction_id=f"p-{size:g}", timeout_seconds=seconds
    )


def make_factory(*hosts: str, environ: Mapping[str, str] | None = None) -> ProviderFactory:
    return ProviderFactory(
        ProviderKit(
            models=LocalModelLoader(NoBundles()),
            features=discover_ai_features(),
            clock=SystemClock(),
            hosts=AllowedHosts(hosts),
            environ={"PEER_KEY": KEY} if environ is None else environ,
            modules=("statistics",),
            connect_seconds=PATIENT_SECONDS,
        )
    )


@asynccontextmanager
async def open_peer(name: str, reply: Callable[[Heard], Any] | None = None) -> Any:
    """Start the peer of a provider, or a server that answers by ``reply`` in its place."""
    module = PEERS[name]
    async with AsyncExitStack() as opened:
        server = await opened.enter_async_context(ModelServer(reply or (lambda heard: module.reply(heard, truth))))
        proxy = await opened.enter_async_context(FaultProxy(server.port, seed=11))
        made = module.peer(f"http://{proxy.host}")
        factory = make_factory(proxy.host)
        opened.push_async_callback(factory.aclose)
        yield Peer(factory.get_provider(made.config), made.model, server, proxy, factory)


@pytest.fixture
def peers() -> dict[str, ModuleType]:
    return PEERS


@pytest.fixture
def ask() -> Callable[..., PredictionInput]:
    return question


@pytest.fixture
def opened_peer() -> Callable[..., Any]:
    return open_peer


@pytest.fixture
def key() -> str:
    return KEY


@pytest.fixture
def factory_for() -> Callable[..., ProviderFactory]:
    return make_factory


@pytest.fixture
def said() -> type[Said]:
    return Said


@pytest.fixture
def true_answer() -> Callable[[Mapping[str, Any]], float]:
    return truth


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that takes a ``remote`` once for each provider that has a peer."""
    if "remote" in metafunc.fixturenames:
        metafunc.parametrize("remote", sorted(PEERS))
