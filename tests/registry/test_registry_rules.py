"""What may be registered: ids, numbers, providers, credentials as references only, and tests and fallbacks that fit."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hotcrm_ai.domain.errors import ConfigError, ModelInUse
from hotcrm_ai.domain.model import ABTest, ModelConfig, ProviderConfig
from hotcrm_ai.domain.secret import Secret
from hotcrm_ai.registry import ModelRegistry

SECRET = "sk-live-4711-do-not-tell"


@pytest.mark.parametrize("id_", ["a", "0", "lead-scoring-v1", "a.b_c-d", "a" * 128])
async def test_ids_that_name_models(registry: ModelRegistry, id_: str) -> None:
    """An id has 1 to 128 of a-z, 0-9, dot, underscore and dash, and begins with a letter or digit."""
    assert (await registry.register({"id": id_})).id == id_


@pytest.mark.parametrize(
    "id_", ["", "../x", "a" * 129, "a\x00b", "CON", "Lead", "-a", ".a", "a b", "a\n", "ä", "a/b", 7, None, True]
)
async def test_ids_that_do_not(registry: ModelRegistry, id_: Any) -> None:
    """Every other id is refused, given as a mapping or as a record, and nothing is registered."""
    for config in ({"id": id_}, ModelConfig(id=id_)):
        with pytest.raises(ConfigError):
            await registry.register(config)
    assert await registry.list_models() == []


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "magic"},
        {"status": "live"},
        {"status": None},
        {"version": ""},
        {"name": "x" * 129},
        {"colour": "red"},
        {"provider": ""},
        {"provider": "../x"},
        {"bundle_digest": "abc"},
        {"last_trained": "0001-01-01T00:00:00+14:00"},
        {"cache_ttl": -1},
        {"cache_ttl": float("nan")},
        {"cache_ttl": float("inf")},
        {"cache_ttl": "300"},
        {"cache_ttl": True},
        {"metrics": {"auc": float("inf")}},
        {"metrics": {"auc": "90"}},
        {"metrics": {"auc": True}},
        {"metrics": {"accuracy": 101}},
        {"metrics": {"f1Score": -1}},
        {"parameters": {"x": float("nan")}},
        {"parameters": {"x": object()}},
        {"parameters": {"x": "\ud800"}},
        {"parameters": {"x": 10**400}},
        {"parameters": "x"},
        {"parameters": {"x": "y" * 1_100_000}},
        {"endpoint": "http://[bad"},
        {"tags": "a"},
    ],
)
async def test_fields_that_are_refused(registry: ModelRegistry, fields: dict[str, Any]) -> None:
    """A field of a wrong type, out of its range, not finite or unknown is refused, given as a mapping or as a record."""
    with pytest.raises(ConfigError):
        await registry.register({"id": "m", **fields})
    if "colour" not in fields:
        with pytest.raises(ConfigError):
            await registry.register(ModelConfig(**{"id": "m", **fields}))
    assert await registry.list_models() == []


async def test_all_mistakes_are_listed_together(registry: ModelRegistry) -> None:
    """A configuration with several mistakes names each of them."""
    with pytest.raises(ConfigError) as caught:
        await registry.register({"id": "m", "cache_ttl": -1, "metrics": {"auc": 200}, "version": ""})
    assert [problem.partition(":")[0] for problem in caught.value.problems] == ["version", "metrics", "cache_ttl"]


@pytest.mark.parametrize("provider", ["local", "openai", "scikit-learn", "tensorflow", "pytorch", "my-plug-in.v2"])
async def test_providers_and_frameworks(registry: ModelRegistry, provider: str) -> None:
    """Any plug-in's name is accepted as a provider, and so are the frameworks."""
    assert (await registry.register({"id": "m", "provider": provider})).provider == provider


async def test_the_provider_is_said_once(registry: ModelRegistry) -> None:
    """A provider named only in provider_config counts; two that contradict each other are refused, unless one is a framework."""
    assert (await registry.register({"id": "m", "providerConfig": {"provider": "custom"}})).provider == "custom"
    kept = await registry.register({"id": "m", "provider": "pytorch", "providerConfig": {"provider": "custom"}})
    assert kept.provider == "pytorch"
    with pytest.raises(ConfigError, match="one thing"):
        await registry.register({"id": "m", "provider": "openai", "providerConfig": {"provider": "custom"}})


@pytest.mark.parametrize(
    "credentials",
    [
        {"apiKey": {"env": "OPENAI_API_KEY"}},
        {"api_key": {"file": "/run/secrets/key"}},
        {"apiKey": None},
        {},
    ],
)
async def test_references_are_kept(registry: ModelRegistry, credentials: dict[str, Any]) -> None:
    """References to variables and files, and no credential at all, are kept as they are."""
    kept = await registry.register({"id": "m", "providerConfig": {"provider": "openai", "credentials": credentials}})
    assert kept.provider_config is not None
    assert kept.provider_config.credentials == credentials


@pytest.mark.parametrize(
    "provider_config",
    [
        {"credentials": {"apiKey": SECRET}},
        {"credentials": {"api_key": {"value": SECRET}}},
        {"credentials": {"api_key": {"env": "A", "value": SECRET}}},
        {"credentials": {"api_key": {"env": ""}}},
        {"credentials": {"api_key": [SECRET]}},
        {"credentials": {"api_key": {"env": [SECRET]}}},
        {"credentials": {"secretAccessKey": SECRET}},
        {"credentials": {"anything": SECRET}},
        {"config": {"apiKey": SECRET}},
        {"config": {"headers": {"Authorization": f"Bearer {SECRET}"}}},
        {"config": {"list": [{"x-api-key": SECRET}]}},
        {"config": {"client_secret": SECRET}},
        {"endpoint": f"https://ann:{SECRET}@models.example/"},
        {"endpoint": f"https://models.example/?api_key={SECRET}"},
    ],
)
async def test_literal_credentials_are_refused_and_not_repeated(
    registry: ModelRegistry, provider_config: dict[str, Any]
) -> None:
    """A literal credential is refused with how to give a reference, wherever it stands, and no text of the error holds it."""
    config = {"id": "m", "provider": "openai", "providerConfig": {"provider": "openai", **provider_config}}
    record = ModelConfig(
        id="m", provider="openai", provider_config=ProviderConfig(provider="openai", **provider_config)
    )
    for given in (config, record):
        with pytest.raises(ConfigError) as caught:
            await registry.register(given)
        details = json.dumps(dict(caught.value.details))
        assert '{"env": "NAME_OF_VARIABLE"}' in str(caught.value)
        assert SECRET not in f"{caught.value} {caught.value!r} {details} {caught.value.__cause__!r}"
    assert await registry.list_models() == []


async def test_literal_credentials_elsewhere_are_refused(registry: ModelRegistry) -> None:
    """A credential in the parameters, in the model's own endpoint or in an update is refused too."""
    await registry.register({"id": "m"})
    for fields in ({"parameters": {"openaiApiKey": SECRET}}, {"endpoint": f"https://:{SECRET}@models.example"}):
        with pytest.raises(ConfigError, match="NAME_OF_VARIABLE"):
            await registry.register({"id": "n", **fields})
        with pytest.raises(ConfigError, match="NAME_OF_VARIABLE"):
            await registry.update("m", **fields)
    kept = await registry.register({"id": "n", "parameters": {"max_tokens": 5, "stop_token": "END", "keys": "a"}})
    assert kept.parameters == {"max_tokens": 5, "stop_token": "END", "keys": "a"}


async def test_a_secret_object_is_never_kept(registry: ModelRegistry) -> None:
    """A Secret in the credentials is refused without being shown."""
    config = ProviderConfig(provider="openai", credentials={"apiKey": Secret(SECRET)})
    with pytest.raises(ConfigError) as caught:
        await registry.register(ModelConfig(id="m", provider="openai", provider_config=config))
    assert SECRET not in f"{caught.value}{caught.value.__cause__!r}"


@pytest.mark.parametrize("traffic", [-1, -0.001, 100.001, 101, float("nan"), float("inf"), "20", True, None, [20]])
async def test_traffic_is_a_share(registry: ModelRegistry, traffic: Any) -> None:
    """The traffic of an A/B test is a finite number from 0 to 100, given as a mapping or as a record."""
    await registry.register({"id": "old"})
    with pytest.raises(ConfigError):
        await registry.register({"id": "new", "abTest": {"championModelId": "old", "trafficPercentage": traffic}})
    with pytest.raises(ConfigError):
        await registry.register(
            ModelConfig(id="new", ab_test=ABTest(champion_model_id="old", traffic_percentage=traffic))
        )
    assert await registry.get_model("new") is None


@pytest.mark.parametrize("traffic", [0, 12.5, 100])
async def test_traffic_at_its_limits(registry: ModelRegistry, traffic: float) -> None:
    """Nobody and everybody are shares too."""
    await registry.register({"id": "old"})
    kept = await registry.register({"id": "new", "abTest": {"championModelId": "old", "trafficPercentage": traffic}})
    assert kept.ab_test is not None
    assert kept.ab_test.traffic_percentage == traffic


def _test(champion: str, **more: Any) -> dict[str, Any]:
    return {"abTest": {"championModelId": champion, "trafficPercentage": 10, **more}}


def _fallback(model_id: str) -> dict[str, Any]:
    return {"fallbackModelId": model_id}


@pytest.mark.parametrize("refer", [_test, _fallback])
async def test_what_a_model_refers_to_must_fit(registry: ModelRegistry, refer: Any) -> None:
    """A champion or fallback that is the model itself, missing, deprecated or leads back in a circle is refused."""
    await registry.register({"id": "a"})
    await registry.register({"id": "b", **refer("a")})
    await registry.register({"id": "c", **refer("b")})
    await registry.register({"id": "old", "status": "deprecated"})
    for champion, reason in (
        ("a", "is the model itself"),
        ("none", "is not registered"),
        ("old", "is deprecated"),
        ("c", "a -> c -> b -> a"),
    ):
        with pytest.raises(ConfigError, match=reason):
            await registry.register({"id": "a", **refer(champion)})
    assert (await registry.history("a"))[-1].number == 1


async def test_a_test_that_is_switched_off_binds_nobody(registry: ModelRegistry) -> None:
    """A disabled test needs no champion, and its champion may be removed."""
    await registry.register({"id": "a"})
    await registry.register({"id": "b", **_test("a", enabled=False)})
    await registry.unregister("a")
    await registry.update("b", description="still valid")


@pytest.mark.parametrize("refer", [_test, _fallback])
async def test_a_model_in_use_stays(registry: ModelRegistry, refer: Any) -> None:
    """A model that a running test or a fallback needs can be neither removed nor deprecated, in any way; its user is named."""
    await registry.register({"id": "a", "status": "active"})
    await registry.register({"id": "b", **refer("a")})
    for call in (
        registry.unregister("a"),
        registry.update_status("a", "deprecated"),
        registry.update("a", status="deprecated"),
        registry.register({"id": "a", "status": "deprecated"}),
    ):
        with pytest.raises(ModelInUse) as caught:
            await call
        assert caught.value.details["used_by"] == ["b"]
    await registry.register({"id": "a", "version": "2", "status": "active"})
    await registry.unregister("b")
    await registry.unregister("a")


async def test_deprecating_a_challenger_stops_its_test(registry: ModelRegistry) -> None:
    """A challenger that is deprecated ends its test in the same recorded revision, and its champion is free."""
    await registry.register({"id": "a", "status": "active"})
    await registry.register({"id": "b", "status": "active", **_test("a")})
    kept = await registry.update_status("b", "deprecated", note="no better")
    assert kept.ab_test is not None
    assert kept.ab_test.enabled is False
    assert (await registry.history("b"))[-1].note == "no better; its A/B test was stopped"
    await registry.unregister("a")


async def test_a_deprecated_model_comes_back_only_where_its_references_do(registry: ModelRegistry) -> None:
    """A deprecated model whose fallback is gone cannot answer again before that is mended."""
    await registry.register({"id": "a"})
    await registry.register({"id": "b", **_fallback("a")})
    await registry.update_status("b", "deprecated")
    await registry.unregister("a")
    with pytest.raises(ConfigError, match="is not registered"):
        await registry.update_status("b", "active")
    await registry.update("b", status="active", fallback_model_id=None)
