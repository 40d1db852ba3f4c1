"""Two servers of one workspace, on one PostgreSQL and one Redis, agree about models, keys, statistics, outcomes and the cache."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from hotcrm_ai import AI, Settings
from hotcrm_ai.assembly.upkeep import erase

pytestmark = pytest.mark.alone  # it measures time, so nothing else may run beside it

pytest.importorskip("psycopg")

MODEL = "lead-scoring-v1"


@pytest.fixture
def start(postgres_url: str, redis_server: Any, serve: Any) -> Callable[[str], Any]:
    """A function that starts a server of the workspace."""
    shared = {"DATABASE_URL": postgres_url, "REDIS_URL": redis_server.url, "HOTCRM_AI_WORKSPACE": "sales"}
    return lambda name: serve(name, **shared, HOTCRM_AI_REDIS_TIMEOUT_SECONDS="2")


def test_two_servers_agree(start: Callable[[str], Any], until: Any) -> None:
    """What is registered, changed, answered, judged and cached through one is so for the other, also after a restart."""
    a, b = start("a"), start("b")
    own = {"id": "ours-v1", "version": "1.0.0", "type": "classification", "provider": "custom", "status": "testing"}
    assert a.client.post("/v1/models", json=own).status_code == 201
    until(lambda: b.status("/v1/models/ours-v1") == 200, seconds=2, what="B to see a model of A")
    assert a.client.patch("/v1/models/ours-v1", json={"description": "changed"}).status_code == 200
    until(lambda: b.get("/v1/models/ours-v1").get("description") == "changed", seconds=2, what="B to see the change")

    first = a.predict(context={"objectType": "Lead", "objectId": "1"}).json()
    second = b.predict(context={"objectType": "Lead", "objectId": "2"}).json()
    assert (first["cached"], second["cached"]) == (False, True)
    assert first["prediction"] == second["prediction"]
    told = {"predictionId": second["predictionId"], "actual": True}
    until(
        lambda: a.client.post("/v1/outcomes", json=told).status_code == 202, seconds=5, what="A to find what B answered"
    )

    def stats() -> list[Any]:
        return [server.get(f"/v1/models/{MODEL}/stats") for server in (a, b)]

    until(lambda: [one["totalPredictions"] for one in stats()] == [2, 2], seconds=10, what="both to count both answers")
    of_a, of_b = stats()
    assert of_a == of_b
    assert of_a["cacheHitRate"] == 50.0
    assert of_a["liveAccuracy"] in (0.0, 100.0)
    a.stop()
    restarted = start("a")
    assert restarted.get(f"/v1/models/{MODEL}/stats") == of_a


def test_registrations_at_once_are_all_kept(start: Callable[[str], Any]) -> None:
    """32 registrations of one id, through two servers at once: as many revisions as successes, numbered without a gap."""
    servers = [start("a"), start("b")]

    def register(number: int) -> int:
        own = {"id": "raced-v1", "version": f"1.0.{number}", "type": "classification", "provider": "custom"}
        return int(servers[number % 2].client.post("/v1/models", json={**own, "status": "testing"}).status_code)

    with ThreadPoolExecutor(32) as pool:
        statuses = list(pool.map(register, range(32)))
    assert set(statuses) <= {201, 503}
    history = servers[0].get("/v1/models/raced-v1/history?limit=100")
    numbers = sorted(revision["number"] for revision in history["items"])
    assert numbers == list(range(1, statuses.count(201) + 1))
    assert statuses.count(201) == 32


async def test_a_revoked_key_is_refused_by_both(
    start: Callable[[str], Any], until: Any, postgres_url: str, tmp_path: Path
) -> None:
    """A key that one process makes is known to both servers, and refused by both within two seconds of its revocation."""
    servers = [start("a"), start("b")]
    async with AI.open(Settings(home=tmp_path / "c", workspace="sales", database_url=postgres_url)) as ai:
        made = await ai.keys.create(name="test", scopes=("predict",))
        for server in servers:
            until(lambda server=server: server.predict().status_code == 401, seconds=2, what="a key to be needed")
            server.client.headers["authorization"] = f"Bearer {made.secret.reveal()}"
            assert server.predict().status_code == 200
        await ai.keys.revoke(made.key.id)
    for server in servers:
        until(lambda server=server: server.predict().status_code == 401, seconds=2, what="the key to be refused")


@pytest.mark.slow  # servers ask what was erased every ten seconds
async def test_an_erasure_reaches_the_memory_of_every_server(
    serve: Any, until: Any, postgres_url: str, tmp_path: Path
) -> None:
    """Two servers with caches in memory: what a third process erases is cached by neither a minute later; other leads stay logged."""
    shared = {"DATABASE_URL": postgres_url, "HOTCRM_AI_WORKSPACE": "sales"}
    servers = [serve("a", **shared), serve("b", **shared)]
    erased, other = ({"objectType": "Lead", "objectId": name} for name in ("erased", "other"))
    for server in servers:
        assert server.predict(context=erased).json()["cached"] is False
        assert server.predict(context=other).json()["cached"] is True
    async with AI.open(Settings(home=tmp_path / "c", workspace="sales", database_url=postgres_url)) as ai:
        kept = ai._parts.kept.log
        count = text("SELECT count(*) FROM ai_prediction")
        async with asyncio.timeout(10):
            while await ai._parts.kept.database.run(lambda connection: connection.scalar(count)) != 4:  # noqa: ASYNC110 - another process writes
                await asyncio.sleep(0.05)
        assert (await erase(ai, "Lead", "erased")).predictions == 2
        for server in servers:
            until(
                lambda s=server: s.predict(context=other).json()["cached"] is False, seconds=60, what="the answer to go"
            )
        assert (await kept.erase("Lead", "erased")).predictions == 0
        assert await kept.record_outcome(object_type="Lead", object_id="other", model_id=MODEL, actual=True) >= 2


def test_a_dead_servers_journal_reaches_the_database_through_another(
    start: Callable[[str], Any], own_postgres: Any, serve: Any, until: Any
) -> None:
    """Two servers in one folder: what one has in its journal when it is killed is moved by the other, without a restart."""
    shared = {"DATABASE_URL": own_postgres.url, "HOTCRM_AI_WORKSPACE": "sales"}
    living, dying = serve("home", **shared), serve("home", **shared)
    answered = [dying.predict(useCache=False).json()["predictionId"] for _ in range(5)]
    dying.stop(signal.SIGKILL)
    until(
        lambda: all(
            living.client.post("/v1/outcomes", json={"predictionId": id_, "actual": True}).status_code == 202
            for id_ in answered
        ),
        seconds=20,
        what="the living server to move the journal of the dead one",
    )
