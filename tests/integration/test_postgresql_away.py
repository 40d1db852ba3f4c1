"""PostgreSQL goes away, freezes or is locked under a running server: nothing acknowledged is lost, and work goes on by itself."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.alone  # it measures time, so nothing else may run beside it

psycopg = pytest.importorskip("psycopg")

CLIENTS = 4
MODEL = "lead-scoring-v1"


class Load:
    """Clients that predict one after the other and keep what they were told, until they are stopped."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._stop = threading.Event()
        self.acknowledged: list[str] = []
        self.refused: list[httpx.Response] = []
        self.last_success = 0.0
        self.longest = 0.0

    def _ask(self, client: int) -> None:
        number = 0
        while not self._stop.wait(0.005):
            number += 1
            began = monotonic()
            answer = self._server.predict(
                useCache=False, context={"objectType": "Lead", "objectId": f"{client}-{number}"}
            )
            self.longest = max(self.longest, monotonic() - began)
            if answer.status_code == 200:
                self.acknowledged.append(answer.json()["predictionId"])
                self.last_success = monotonic()
            else:
                self.refused.append(answer)

    @contextmanager
    def running(self) -> Iterator[Load]:
        """Ask while the block runs."""
        threads = [threading.Thread(target=self._ask, args=(client,)) for client in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()


@pytest.fixture
def fault(own_postgres: Any, request: pytest.FixtureRequest) -> tuple[Callable[[], None], Callable[[], None]]:
    """How the database is lost, and how it returns."""
    if request.param == "stopped":
        return own_postgres.stop, own_postgres.start
    if request.param == "frozen":
        return lambda: own_postgres.signal(signal.SIGSTOP), lambda: own_postgres.signal(signal.SIGCONT)
    holder = psycopg.connect(own_postgres.url)
    tables = "registry_counter, ai_prediction, ai_model_performance"
    return lambda: holder.execute(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE"), holder.close


@pytest.mark.slow  # an outage of some seconds, three times
@pytest.mark.parametrize("fault", ["stopped", "frozen", "locked"], indirect=True)
def test_an_outage_under_load(fault: Any, own_postgres: Any, serve: Any, until: Any, request: Any) -> None:
    """Refused meanwhile with 503 in time, answered again within five seconds, and every acknowledged prediction stored once."""
    workspace = f"outage-{request.node.callspec.params['fault']}"
    server = serve("home", DATABASE_URL=own_postgres.url, HOTCRM_AI_WORKSPACE=workspace)
    lose, return_ = fault
    with Load(server).running() as load:
        until(lambda: len(load.acknowledged) > 20, seconds=20, what="the first answers")
        lose()
        until(lambda: len(load.refused) > 20, seconds=20, what="refusals while the database is away")
        began = monotonic()
        until(lambda: monotonic() - began > 6.0, seconds=10, what="the outage to last longer than every bound")
        assert server.get("/livez") == {"status": "alive"}
        return_()
        before = len(load.acknowledged)
        until(lambda: len(load.acknowledged) > before + 20, seconds=5, what="answers after the return")
    assert {(answer.status_code, answer.json()["code"]) for answer in load.refused} == {(503, "storage_unavailable")}
    assert all(int(answer.headers["retry-after"]) <= 5 for answer in load.refused)
    assert load.longest < 2.1
    server.stop()
    with psycopg.connect(own_postgres.url) as connection:
        rows = connection.execute("SELECT id FROM ai_prediction WHERE workspace = %s", [workspace]).fetchall()
    stored = [id_ for (id_,) in rows]
    assert len(set(stored)) == len(stored)
    assert set(load.acknowledged) <= set(stored)
    assert len(stored) - len(load.acknowledged) <= CLIENTS
