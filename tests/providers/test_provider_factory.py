"""One provider instance for one configuration, and clear words where there is none."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hotcrm_ai import (
    ConfigError,
    MLProvider,
    ModelConfig,
    PredictionInput,
    PredictionOutput,
    ProviderHealth,
    ProviderMisconfigured,
)
from hotcrm_ai.domain.model import ProviderConfig
from hotcrm_ai.local_models.loader import LocalModelLoader
from hotcrm_ai.ports.clock import SystemClock
from hotcrm_ai.providers import ProviderFactory, ProviderKit


class NoBundles:
    """A bundle store without bundles."""

    def publish(self, members: object) -> str:
        raise AssertionError("nothing is published here")

    def read(self, digest: str) -> dict[str, bytes]:
        raise AssertionError("nothing is read here")


class EchoProvider:
    """Answers with the features it was given, and remembers whether it was closed."""

    def __init__(self, config: ProviderConfig) -> None:
        self.config = config
        self.closed = False

    async def validate(self) -> None:
        return None

    async def predict(self, model: ModelConfig, input: PredictionInput) -> PredictionOutput:  # noqa: A002
        return PredictionOutput(prediction=input.features)

    async def batch_predict(self, model: ModelConfig, inputs: Sequence[PredictionInput]) -> list[PredictionOutput]:
        return [PredictionOutput(prediction=request.features) for request in inputs]

    async def health_check(self) -> ProviderHealth:
        return ProviderHealth(healthy=True, latency=0.0)

    async def aclose(self) -> None:
        self.closed = True


@pytest.fixture
def factory() -> ProviderFactory:
    """A factory that also knows an echoing provider."""
    made = ProviderFactory(ProviderKit(models=LocalModelLoader(NoBundles()), features={}, clock=SystemClock()))
    made.register("echo", EchoProvider)
    return made


def test_the_same_configuration_gives_the_same_instance(factory: ProviderFactory) -> None:
    """Also when it is written in the other spelling or another order."""
    first = factory.get_provider(
        {"provider": "echo", "endpoint": "https://a", "credentials": {"api_key": "1", "region": "x"}}
    )
    again = factory.get_provider(
        {"credentials": {"region": "x", "api_key": "1"}, "endpoint": "https://a", "provider": "echo"}
    )
    assert first is again
    assert isinstance(first, MLProvider)


@pytest.mark.parametrize(
    "other",
    [
        {"provider": "echo", "endpoint": "https://b", "credentials": {"api_key": "1"}},
        {"provider": "echo", "endpoint": "https://a", "credentials": {"api_key": "2"}},
        {"provider": "echo", "endpoint": "https://a", "credentials": {"api_key": "1", "region": "eu"}},
        {"provider": "echo", "endpoint": "https://a", "credentials": {"api_key": "1"}, "config": {"variant": "blue"}},
    ],
)
def test_another_endpoint_credential_region_or_option_gives_another_instance(
    factory: ProviderFactory, other: dict[str, object]
) -> None:
    """A second tenant never uses the first one's client."""
    first = factory.get_provider({"provider": "echo", "endpoint": "https://a", "credentials": {"api_key": "1"}})
    assert factory.get_provider(other) is not first


def test_an_unknown_provider_is_named_beside_the_known_ones(factory: ProviderFactory) -> None:
    """The message says what could be asked for instead."""
    with pytest.raises(ProviderMisconfigured, match=r"No provider is called 'nimbus'; known are .*echo.*, local"):
        factory.get_provider({"provider": "nimbus"})


def test_an_unreadable_configuration_is_refused(factory: ProviderFactory) -> None:
    """A misspelt key is no silent default."""
    with pytest.raises(ConfigError, match="unknown key 'endpont'"):
        factory.get_provider({"provider": "echo", "endpont": "https://a"})


def test_what_is_removed_is_unknown_again(factory: ProviderFactory) -> None:
    """Removing says whether there was anything."""
    assert factory.remove("echo")
    assert not factory.remove("echo")
    assert "echo" not in factory.names()
    assert "local" in factory.names()
    with pytest.raises(ProviderMisconfigured):
        factory.get_provider({"provider": "echo"})


def test_registering_again_replaces_also_for_models_already_asked(factory: ProviderFactory) -> None:
    """The new maker serves from the next call on."""
    model = ModelConfig(id="m", provider="echo")
    before = factory.for_model(model)
    factory.register("echo", EchoProvider)
    assert factory.for_model(model) is not before


def test_a_framework_without_endpoint_runs_locally(factory: ProviderFactory) -> None:
    """scikit-learn is a framework, not a place."""
    assert factory.for_model(ModelConfig(id="m", provider="scikit-learn")) is factory.get_provider(
        {"provider": "local"}
    )


async def test_closing_closes_every_instance(factory: ProviderFactory) -> None:
    """Connections are not left behind."""
    provider = factory.get_provider({"provider": "echo"})
    await factory.aclose()
    assert isinstance(provider, EchoProvider)
    assert provider.closed


async def test_what_was_forgotten_is_closed_at_the_end(factory: ProviderFactory) -> None:
    """A maker that is replaced, a clear and an instance that cannot be closed leave no connection of another behind."""
    replaced = factory.get_provider({"provider": "echo"})
    factory.register("stubborn", Stubborn)
    cleared, _ = factory.get_provider({"provider": "echo"}), factory.get_provider({"provider": "stubborn"})
    factory.clear()
    last = factory.get_provider({"provider": "echo"})
    with pytest.raises(OSError, match="it does not close"):
        await factory.aclose()
    assert [one.closed for one in (replaced, cleared, last) if isinstance(one, EchoProvider)] == [True, True, True]


class Stubborn(EchoProvider):
    """Cannot be closed."""

    async def aclose(self) -> None:
        """Fail."""
        raise OSError("it does not close")
