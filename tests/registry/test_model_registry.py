"""The registry numbers every change, keeps what was before, and agrees with its neighbours in time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from hotcrm_ai.domain.errors import ConfigError, IllegalTransition, ModelInUse, ModelNotFound, StorageError
from hotcrm_ai.domain.model import MetricsSource, ModelConfig
from hotcrm_ai.ports.model_catalogue import ModelCatalogue
from hotcrm_ai.registry import ModelRegistry

GUIDE = {
    "id": "lead-scoring-v2",
    "name": "Lead Scoring Model V2",
    "version": "2.0.0",
    "type": "classification",
    "provider": "aws-sagemaker",
    "description": "Real ML model for lead scoring",
    "status": "active",
    "providerConfig": {
        "provider": "aws-sagemaker",
        "endpoint": "https://runtime.sagemaker.us-east-1.amazonaws.com",
        "credentials": {
            "accessKeyId": {"env": "AWS_ACCESS_KEY_ID"},
            "secretAccessKey": {"env": "AWS_SECRET_ACCESS_KEY"},
            "region": {"env": "AWS_REGION"},
        },
    },
    "abTest": {"enabled": True, "trafficPercentage": 20, "championModelId": "lead-scoring-v1"},
    "metrics": {"accuracy": 92.5, "precision": 90.2, "recall": 94.1, "f1Score": 92.1},
}


async def test_the_guides_example_registers(registry: ModelRegistry) -> None:
    """The configuration of the guide, with references for its credentials, is read from camelCase and kept whole."""
    await registry.register({"id": "lead-scoring-v1", "status": "active"})
    kept = await registry.register(GUIDE)
    assert kept.metrics == {"accuracy": 92.5, "precision": 90.2, "recall": 94.1, "f1_score": 92.1}
    assert kept.metrics_source == MetricsSource(kind="declared")
    assert kept.ab_test is not None
    assert (kept.ab_test.traffic_percentage, kept.ab_test.champion_model_id, kept.ab_test.mode) == (
        20.0,
        "lead-scoring-v1",
        "split",
    )
    assert kept.provider_config is not None
    assert kept.provider_config.credentials["secretAccessKey"] == {"env": "AWS_SECRET_ACCESS_KEY"}
    assert await registry.get_model("lead-scoring-v2") == kept


async def test_both_spellings_mean_the_same(registry: ModelRegistry) -> None:
    """A mapping in snake_case and one in camelCase give the same model; a key in both spellings is refused."""
    await registry.register({"id": "old"})
    snake = {
        "id": "m",
        "cache_ttl": 5,
        "fallback_model_id": "old",
        "ab_test": {"champion_model_id": "old", "traffic_percentage": 1},
    }
    camel = {
        "id": "m",
        "cacheTtl": 5,
        "fallbackModelId": "old",
        "abTest": {"championModelId": "old", "trafficPercentage": 1},
    }
    first, second = await registry.register(snake), await registry.register(camel)
    assert (first.cache_ttl, first.fallback_model_id, first.ab_test) == (5.0, "old", second.ab_test)
    assert second.ab_test is not None
    with pytest.raises(ConfigError, match="twice"):
        await registry.register({"id": "m", "cacheTtl": 5, "cache_ttl": 5})
    with pytest.raises(ConfigError, match="twice"):
        await registry.register({"id": "m", "metrics": {"f1Score": 1, "f1_score": 1}})


async def test_registering_again_makes_a_new_revision(registry: ModelRegistry) -> None:
    """An id registered again is replaced whole, under the next number, and the history keeps both exactly with their notes."""
    first = await registry.register(ModelConfig(id="m", version="1", parameters={"a": [1, 2.5]}), note="first try")
    second = await registry.register({"id": "m", "version": "2"}, note="better")
    assert (first.revision, second.revision, second.parameters) == (1, 2, {})
    history = await registry.history("m")
    assert [(one.number, one.action, one.note) for one in history] == [
        (1, "registered", "first try"),
        (2, "registered", "better"),
    ]
    assert [one.config for one in history] == [first, second]
    assert history[0].created_at == datetime(2026, 3, 31, 12, 16, 40, tzinfo=UTC)
    again = await registry.register(history[0].config or {}, note="back to the first")
    assert (again.version, again.parameters, again.revision) == ("1", {"a": [1, 2.5]}, 3)


async def test_thirty_two_at_once(registry: ModelRegistry) -> None:
    """Of 32 registrations of one id at once each gets its own revision, and the last one is present."""
    kept = await asyncio.gather(*(registry.register({"id": "m", "version": str(i)}) for i in range(32)))
    assert sorted(config.revision for config in kept) == list(range(1, 33))
    assert await registry.get_model("m") == max(kept, key=lambda config: config.revision)


async def test_listing(registry: ModelRegistry) -> None:
    """Models are listed in order of id, by type and status; a word that is neither is refused."""
    await registry.register({"id": "c", "status": "active"})
    await registry.register({"id": "a", "type": "nlp", "status": "active"})
    await registry.register({"id": "b", "type": "nlp"})
    assert [config.id for config in await registry.list_models()] == ["a", "b", "c"]
    assert [config.id for config in await registry.list_models(type="nlp", status="active")] == ["a"]
    assert [config.id for config in await registry.list_models("classification")] == ["c"]
    with pytest.raises(ConfigError, match="use one of active, deprecated, training, testing"):
        await registry.list_models(status="live")  # type: ignore[arg-type]


async def test_what_is_handed_out_is_the_callers_own(registry: ModelRegistry) -> None:
    """Changing a configuration that was given to or by the registry changes nothing in it."""
    mine: dict[str, Any] = {"id": "m", "parameters": {"nested": {"list": [1]}}, "metrics": {"auc": 90}}
    kept = await registry.register(mine)
    mine["parameters"]["nested"]["list"].append(2)
    for config in (kept, await registry.get_model("m"), (await registry.list_models())[0]):
        assert config is not None
        config.parameters["nested"]["list"].append(3)
        config.metrics["auc"] = 1.0
    present = await registry.get_model("m")
    assert present is not None
    assert (present.parameters, present.metrics) == ({"nested": {"list": [1]}}, {"auc": 90.0})


@pytest.mark.parametrize(
    ("present", "wanted"),
    [
        ("active", "training"),
        ("deprecated", "training"),
        ("active", "live"),
        ("testing", ""),
        ("testing", None),
        ("testing", "Active"),
    ],
)
async def test_statuses_that_may_not_follow(registry: ModelRegistry, present: str, wanted: Any) -> None:
    """An unknown status, or one that may not follow the present one, is refused by both ways of changing it."""
    kept = await registry.register({"id": "m", "status": present})
    with pytest.raises(IllegalTransition):
        await registry.update_status("m", wanted)
    with pytest.raises(IllegalTransition):
        await registry.update("m", status=wanted, description="x")
    assert await registry.get_model("m") == kept


async def test_statuses_that_may_follow(registry: ModelRegistry) -> None:
    """A status that may follow is kept as a revision of its own with its note; staying is allowed."""
    await registry.register({"id": "m", "status": "training"})
    for status in ("testing", "testing", "active", "deprecated", "active"):
        assert (await registry.update_status("m", status, note=f"now {status}")).status == status  # type: ignore[arg-type]
    history = await registry.history("m")
    assert [one.action for one in history] == ["registered"] + ["status"] * 5
    assert history[-1].note == "now active"


async def test_updates(registry: ModelRegistry) -> None:
    """An update changes the named fields in either spelling and nothing else; metrics given so are declared."""
    measured = MetricsSource(kind="measured", data_fingerprint="f", rows=10)
    first = await registry.register(ModelConfig(id="m", metrics={"auc": 90.0}, metrics_source=measured, tags=("a",)))
    assert first.metrics_source == measured
    second = await registry.update("m", note="slower", cacheTtl=0, description="d")
    assert (second.cache_ttl, second.description, second.tags, second.metrics_source, second.revision) == (
        0.0,
        "d",
        ("a",),
        measured,
        2,
    )
    third = await registry.update("m", metrics={"f1Score": 80})
    assert (third.metrics, third.metrics_source) == ({"f1_score": 80.0}, MetricsSource(kind="declared"))
    assert (await registry.update("m", metrics={})).metrics_source is None


@pytest.mark.parametrize(
    "changes",
    [{"id": "other"}, {"revision": 7}, {"colour": "red"}, {"cache_ttl": -1}, {"cacheTtl": 1, "cache_ttl": 1},
     {"metrics_source": {"kind": "measured"}}, {"metrics": {"auc": float("nan")}}],
)  # fmt: skip
async def test_updates_that_are_refused(registry: ModelRegistry, changes: dict[str, Any]) -> None:
    """An update of what cannot be changed, of an unknown field, or to a wrong value is refused and changes nothing."""
    kept = await registry.register({"id": "m", "metrics": {"auc": 90}})
    with pytest.raises(ConfigError):
        await registry.update("m", **changes)
    assert await registry.get_model("m") == kept


async def test_metrics_typed_by_hand_are_never_measured(registry: ModelRegistry) -> None:
    """A mapping that calls its metrics measured is not believed."""
    source = {"kind": "measured", "dataFingerprint": "f", "rows": 10}
    kept = await registry.register({"id": "m", "metrics": {"auc": 99.9}, "metricsSource": source})
    assert kept.metrics_source == MetricsSource(kind="declared")


async def test_unknown_models(registry: ModelRegistry) -> None:
    """Asking for an unknown model gives nothing; changing it or asking for its history is an error."""
    assert await registry.get_model("m") is None
    for call in (
        registry.update_status("m", "active"),
        registry.update("m", name="x"),
        registry.unregister("m"),
        registry.history("m"),
    ):
        with pytest.raises(ModelNotFound):
            await call


async def test_removing(registry: ModelRegistry) -> None:
    """A removed model is gone, its history stays, and its next registration takes the next number."""
    await registry.register({"id": "m"})
    await registry.unregister("m", note="no longer used")
    assert await registry.get_model("m") is None
    assert [(one.action, one.note) for one in await registry.history("m")] == [
        ("registered", None),
        ("removed", "no longer used"),
    ]
    assert (await registry.register({"id": "m"})).revision == 3


async def test_clearing_removes_all_and_keeps_every_history(registry: ModelRegistry) -> None:
    """Clearing removes each model with a revision, challengers before their champions."""
    for config in ({"id": "a"}, {"id": "b", "abTest": {"championModelId": "a"}}, {"id": "c", "fallbackModelId": "b"}):
        await registry.register(config)
    await registry.clear(note="fresh start")
    assert await registry.list_models() == []
    for id_ in "abc":
        assert [(one.action, one.note) for one in await registry.history(id_)][-1] == ("removed", "fresh start")
    await registry.clear()


async def test_a_change_is_seen_by_others_within_the_refresh_time(
    registry: ModelRegistry, other_registry: ModelRegistry, clock: Any, store: Any
) -> None:
    """A change is seen at once by who made it and after the refresh time by others, who ask the store no more often than that."""
    await registry.register({"id": "m", "version": "1"})
    assert await _version(other_registry) == "1"
    await registry.register({"id": "m", "version": "2"})
    assert await _version(registry) == "2"
    clock.seconds += 0.999
    assert await _version(other_registry) == "1"
    clock.seconds += 0.001
    assert await _version(other_registry) == "2"
    asked = store.counts, store.loads
    for _ in range(100):
        await _version(other_registry)
    assert (store.counts, store.loads) == asked
    clock.seconds += 5
    await asyncio.gather(*(_version(other_registry) for _ in range(100)))
    assert (store.counts, store.loads) == (asked[0] + 1, asked[1])


async def test_after_the_first_time_only_changes_are_read(
    registry: ModelRegistry, other_registry: ModelRegistry, clock: Any, store: Any
) -> None:
    """A process reads all models once; later changes of others, removals too, come alone."""
    for id_ in "abc":
        await registry.register({"id": id_, "version": "1"})
    assert len(await other_registry.list_models()) == 3
    loads = store.loads
    await registry.register({"id": "b", "version": "2"})
    await registry.unregister("a")
    clock.seconds += 1
    assert [(one.id, one.version) for one in await other_registry.list_models()] == [("b", "2"), ("c", "1")]
    assert store.loads == loads


async def test_changes_of_two_processes_do_not_hide_each_other(
    registry: ModelRegistry, other_registry: ModelRegistry, clock: Any
) -> None:
    """Who changes something sees what others changed before, without waiting."""
    await registry.list_models()
    await other_registry.register({"id": "a"})
    await registry.register({"id": "b"})
    assert [config.id for config in await registry.list_models()] == ["a", "b"]
    with pytest.raises(ModelNotFound):
        await other_registry.unregister("c")
    await other_registry.unregister("b")
    clock.seconds += 1
    assert [config.id for config in await registry.list_models()] == ["a"]


async def test_while_the_store_is_away_nothing_old_is_passed_off_as_new(
    registry: ModelRegistry, clock: Any, store: Any
) -> None:
    """Once the known state is too old and the store does not answer, every caller is told; afterwards all is as before."""
    await registry.register({"id": "m", "version": "1"})
    await registry.get_model("m")
    store.away = True
    assert await _version(registry) == "1"
    clock.seconds += 1
    results = await asyncio.gather(*(registry.get_model("m") for _ in range(3)), return_exceptions=True)
    assert [type(result) for result in results] == [StorageError] * 3
    store.away = False
    assert await _version(registry) == "1"


async def test_a_caller_that_gives_up_stops_no_other(registry: ModelRegistry, store: Any) -> None:
    """A reading that is cancelled during the refresh leaves the refresh to the others."""
    await store.apply(lambda _: _revision("m"))
    first = asyncio.get_running_loop().create_task(registry.get_model("m"))
    await asyncio.sleep(0)
    second = asyncio.get_running_loop().create_task(registry.get_model("m"))
    first.cancel()
    assert await second is not None


def test_a_registry_is_a_catalogue(registry: ModelRegistry) -> None:
    """The registry is what the parts that only read models are given."""
    catalogue: ModelCatalogue = registry
    assert catalogue is registry


async def _version(registry: ModelRegistry) -> str:
    config = await registry.get_model("m")
    assert config is not None
    return config.version


def _revision(model_id: str) -> Any:
    from hotcrm_ai.domain.model import Revision

    return Revision(
        model_id=model_id,
        number=0,
        action="registered",
        config=ModelConfig(id=model_id),
        created_at=datetime(2026, 3, 31, tzinfo=UTC),
    )


async def test_in_use_is_seen_across_processes(registry: ModelRegistry, other_registry: ModelRegistry) -> None:
    """A model that another process made a champion cannot be removed, even before that change was read here."""
    await registry.register({"id": "a"})
    await registry.list_models()
    await other_registry.register({"id": "b", "abTest": {"championModelId": "a"}})
    with pytest.raises(ModelInUse):
        await registry.unregister("a")
