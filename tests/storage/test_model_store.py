"""Every model store keeps numbered revisions, whole and in order, however many write at once."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from hotcrm_ai.domain.errors import ModelConflict
from hotcrm_ai.domain.model import ABTest, MetricsSource, ModelConfig, ProviderConfig, Revision
from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.ports.model_store import Change, ModelStore
from hotcrm_ai.storage import MemoryModelStore, SQLModelStore, open_database, upgrade

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)

FULL = ModelConfig(
    id="churn-v2",
    name='Churn "2" – größer',
    version="2.0.0-rc.1",
    type="classification",
    provider="custom",
    description="<b>\x00 \u2028",
    status="active",
    endpoint="https://models.example/churn",
    provider_config=ProviderConfig(provider="custom", credentials={"apiKey": {"env": "KEY"}}, config={"retries": 0}),
    parameters={"depth": 3, "rate": 0.1, "big": 2**60, "nested": {"list": [1, 2.5, None, True, "x"]}},
    metrics={"accuracy": 92.5, "log_loss": 0.1 + 0.2},
    metrics_source=MetricsSource(kind="measured", data_fingerprint="f" * 64, rows=1_234, measured_at=NOON),
    last_trained=NOON,
    ab_test=ABTest(champion_model_id="churn-v1", traffic_percentage=12.5, mode="shadow", seed=7),
    signature=Signature(features=(FeatureSpec(name="Größe", type="number", minimum=-1.5, categories=("a", "b")),)),
    cache_ttl=0.0,
    fallback_model_id="churn-v1",
    tags=("a", "b"),
    feature="churn-prediction",
    bundle_digest="0" * 64,
)


def registering(config: ModelConfig, note: str | None = None) -> Change:
    """Return the change that registers a configuration."""

    def change(_: dict[str, ModelConfig]) -> Revision:
        return Revision(model_id=config.id, number=0, action="registered", config=config, created_at=NOON, note=note)

    return change


def removing(model_id: str) -> Change:
    """Return the change that removes a model."""

    def change(_: dict[str, ModelConfig]) -> Revision:
        return Revision(model_id=model_id, number=0, action="removed", config=None, created_at=NOON)

    return change


@pytest.fixture(params=["memory", "sqlite_url", "postgres_url"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[ModelStore]:
    """Each kind of model store, empty."""
    if request.param == "memory":
        yield MemoryModelStore()
        return
    database = open_database(request.getfixturevalue(request.param))
    await upgrade(database)
    await SQLModelStore(database, "neighbour").apply(registering(ModelConfig(id="not-ours")))
    yield SQLModelStore(database, "ours")
    await database.aclose()


async def test_an_empty_store_has_made_no_change(store: ModelStore) -> None:
    """A store that nothing was written to counts 0 and has no models and no history."""
    assert await store.counter() == 0
    assert await store.load() == (0, {})
    assert await store.history("lead-scoring-v1") == []


async def test_a_configuration_comes_back_exactly(store: ModelStore) -> None:
    """What was registered is found again field by field, in the present models and in the history, under its number."""
    counter, revision = await store.apply(registering(FULL, note="first"))
    kept = (await store.load())[1]["churn-v2"]
    assert (counter, revision.number, revision.note) == (1, 1, "first")
    assert {**_fields(FULL), "revision": 1} == _fields(kept) == _fields(revision.config)
    assert await store.history("churn-v2") == [revision]


async def test_revisions_are_numbered_per_model_and_never_reused(store: ModelStore) -> None:
    """Each change of a model takes its next number, also after its removal; the counter counts the changes of all models."""
    await store.apply(registering(ModelConfig(id="a", version="1")))
    await store.apply(registering(ModelConfig(id="b", version="1")))
    await store.apply(registering(ModelConfig(id="a", version="2")))
    await store.apply(removing("a"))
    assert sorted((await store.load())[1]) == ["b"]
    counter, revision = await store.apply(registering(ModelConfig(id="a", version="3")))
    assert (counter, revision.number) == (5, 4)
    versions = [(one.number, one.action, one.config and one.config.version) for one in await store.history("a")]
    assert versions == [(1, "registered", "1"), (2, "registered", "2"), (3, "removed", None), (4, "registered", "3")]
    assert [one.config.revision for one in await store.history("a") if one.config] == [1, 2, 4]


async def test_only_what_changed_is_read_again(store: ModelStore) -> None:
    """Since any number of changes ago: the models that changed, as they are now, and those that are gone."""
    await store.apply(registering(ModelConfig(id="a", version="1")))
    await store.apply(registering(ModelConfig(id="b", version="1")))
    await store.apply(registering(ModelConfig(id="a", version="2")))
    await store.apply(removing("b"))
    versions = []
    for counter in range(5):
        changes = await store.changes_since(counter)
        assert changes is not None
        assert changes[0] == 4
        versions.append({id_: config and config.version for id_, config in changes[1].items()})
    assert versions == [{"a": "2", "b": None}, {"b": None, "a": "2"}, {"a": "2", "b": None}, {"b": None}, {}]


async def test_changes_of_an_older_version_are_not_missed(sqlite_url: str) -> None:
    """Where a process that does not number its changes wrote one, the store says that it does not know them all."""
    database = open_database(sqlite_url)
    await upgrade(database)
    store = SQLModelStore(database, "ours")
    await store.apply(registering(ModelConfig(id="a", version="1")))
    await store.apply(registering(ModelConfig(id="a", version="2")))
    forget = text("UPDATE model_revision SET change = 0 WHERE number = 2")
    await database.run(lambda connection: connection.execute(forget), write=True)
    assert await store.changes_since(1) is None
    assert await store.changes_since(2) == (2, {})
    await database.aclose()


async def test_a_refused_change_changes_nothing(store: ModelStore) -> None:
    """A change that raises leaves counter, models and history as they were."""

    def refuse(present: dict[str, ModelConfig]) -> Revision:
        present.clear()
        raise ModelConflict("no")

    await store.apply(registering(ModelConfig(id="a")))
    with pytest.raises(ModelConflict):
        await store.apply(refuse)
    counter, models = await store.load()
    assert (counter, list(models)) == (1, ["a"])


async def test_what_is_handed_out_is_not_what_is_kept(store: ModelStore) -> None:
    """Changing a configuration that the store handed out, or was given, changes nothing in the store."""
    mine = ModelConfig(id="a", parameters={"depth": 3})
    _, revision = await store.apply(registering(mine))
    mine.parameters["depth"] = 4
    for config in (revision.config, (await store.load())[1]["a"], (await store.history("a"))[0].config):
        assert config is not None
        config.parameters["depth"] = 5
    assert (await store.load())[1]["a"].parameters == {"depth": 3}


async def test_racing_changes_are_all_kept_one_after_the_other(store: ModelStore) -> None:
    """Of 32 changes at once each sees the one before it: 32 revisions, no number twice, none lost."""

    def extend(present: dict[str, ModelConfig]) -> Revision:
        before = present["a"].tags if "a" in present else ()
        config = ModelConfig(id="a", tags=(*before, str(len(before))))
        return Revision(model_id="a", number=0, action="updated", config=config, created_at=NOON)

    results = await asyncio.gather(*(store.apply(extend) for _ in range(32)))
    assert sorted(counter for counter, _ in results) == list(range(1, 33))
    assert [one.number for one in await store.history("a")] == list(range(1, 33))
    assert (await store.load())[1]["a"].tags == tuple(str(i) for i in range(32))


WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from hotcrm_ai.domain.model import ModelConfig, Revision
from hotcrm_ai.storage import SQLModelStore, open_database

def extend(present):
    before = present["a"].tags if "a" in present else ()
    config = ModelConfig(id="a", tags=(*before, sys.argv[2]))
    return Revision(model_id="a", number=0, action="updated", config=config, created_at=datetime(2026, 3, 31, tzinfo=UTC))

async def main():
    database = open_database(sys.argv[1])
    store = SQLModelStore(database, "ours")
    await asyncio.gather(*(store.apply(extend) for _ in range(32)))
    await database.aclose()

asyncio.run(main())
"""


async def test_two_processes_lose_none_of_each_others_changes(database_url: str) -> None:
    """Two processes that write 32 changes each at the same time leave 64 revisions, each built on the one before."""
    database = open_database(database_url)
    await upgrade(database)
    writers = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", WRITER, database_url, name)
        for name in ("left", "right")
    ]
    assert [await writer.wait() for writer in writers] == [0, 0]
    store = SQLModelStore(database, "ours")
    counter, models = await store.load()
    assert counter == 64
    assert sorted(models["a"].tags) == ["left"] * 32 + ["right"] * 32
    history = await store.history("a")
    assert [one.number for one in history] == list(range(1, 65))
    assert [len(one.config.tags) for one in history if one.config] == list(range(1, 65))
    await database.aclose()


def _fields(config: ModelConfig | None) -> dict[str, object]:
    assert config is not None
    return {name: getattr(config, name) for name in config.__struct_fields__}
