"""A server under steady load meets one fault after the other: it keeps its promises, its memory and its descriptors.

``HOTCRM_AI_SOAK_MINUTES`` says for how long (`make soak-faults`: 30); without it there is one short round of all faults.
"""

from __future__ import annotations

import itertools
import os
import signal
import statistics
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

pytestmark = pytest.mark.alone  # it measures time, so nothing else may run beside it

psycopg = pytest.importorskip("psycopg")

MINUTES = float(os.environ.get("HOTCRM_AI_SOAK_MINUTES", "0"))
SECONDS_BETWEEN_FAULTS = 60.0 if MINUTES else 6.0
FAULT_SECONDS = 8.0 if MINUTES else 2.5
HEALING_SECONDS = 5.0
CLIENTS = 5
REQUESTS_A_SECOND = 50.0


class Soak:
    """The load, and what came of it."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.stop = threading.Event()
        self.acknowledged: list[str] = []
        self.answers: Counter[str] = Counter()
        self.unexpected: list[str] = []
        self.excused_until = 0.0
        self.rss: list[tuple[float, float]] = []

    def ask(self, client: int) -> None:
        """Ask as one client, in even steps, until the load is stopped; what an outage held up is not made up for in a burst."""
        pause, due = CLIENTS / REQUESTS_A_SECOND, monotonic()
        for number in itertools.count():
            due = max(due + pause, monotonic())
            if self.stop.wait(max(due - monotonic(), 0.0)):
                return
            began = monotonic()
            features = {"company_size": number % 500, "industry": "Technology"}
            answer = self._server.predict(features=features, context={"objectType": "Lead", "objectId": f"{client}"})
            self.answers[f"{answer.status_code}"] += 1
            if answer.status_code == 200:
                self.acknowledged.append(answer.json()["predictionId"])
            elif answer.json()["code"] != "storage_unavailable" or began > self.excused_until:
                self.unexpected.append(
                    f"{answer.status_code} {answer.text} at {began:.1f}, excused {self.excused_until:.1f}"
                )

    def sample(self) -> None:
        """Note the server's resident memory in MiB, once a second."""
        status = Path(f"/proc/{self._server.process.pid}/status")
        while not self.stop.wait(1.0):
            line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
            self.rss.append((monotonic(), int(line.split()[1]) / 1024))

    def descriptors(self) -> int:
        """Return how many files and connections the server has open."""
        return len(os.listdir(f"/proc/{self._server.process.pid}/fd"))

    def slope(self) -> float:
        """Return how memory grew after the first quarter, in MiB a minute."""
        warm = self.rss[len(self.rss) // 4 :]
        at, mib = [second / 60 for second, _ in warm], [amount for _, amount in warm]
        return statistics.linear_regression(at, mib).slope


def faults_of(postgres: Any, redis: Any) -> list[tuple[str, Callable[[], None], Callable[[], None]]]:
    """Return each fault: its name, how it begins and how it ends."""
    held: list[Any] = []

    def lock() -> None:
        held.append(psycopg.connect(postgres.url))
        held[-1].execute("LOCK TABLE ai_prediction, ai_model_performance IN ACCESS EXCLUSIVE MODE")

    return [
        ("PostgreSQL frozen", lambda: postgres.signal(signal.SIGSTOP), lambda: postgres.signal(signal.SIGCONT)),
        ("Redis frozen", lambda: redis.signal(signal.SIGSTOP), lambda: redis.signal(signal.SIGCONT)),
        ("Redis killed", lambda: redis.signal(signal.SIGKILL), redis.start),
        ("PostgreSQL stopped", postgres.stop, postgres.start),
        ("tables locked", lock, lambda: held.pop().close()),
    ]


@pytest.mark.slow  # steady load for as long as one round of faults takes
def test_faults_under_steady_load(own_postgres: Any, redis_server: Any, serve: Any, capsys: Any) -> None:
    """Refusals only while the database is away, every acknowledged prediction stored once, memory and descriptors level."""
    server = serve("home", DATABASE_URL=own_postgres.url, REDIS_URL=redis_server.url, HOTCRM_AI_WORKSPACE="soak")
    soak = Soak(server)
    faults = faults_of(own_postgres, redis_server)
    threads = [threading.Thread(target=soak.ask, args=(client,)) for client in range(CLIENTS)]
    threads.append(threading.Thread(target=soak.sample))
    for thread in threads:
        thread.start()
    try:
        soak.stop.wait(SECONDS_BETWEEN_FAULTS / 2)
        before = None
        rounds = max(int(MINUTES * 60 / SECONDS_BETWEEN_FAULTS), len(faults))
        for _, (name, begin, end) in zip(range(rounds), itertools.cycle(faults), strict=False):
            began = monotonic()
            if name.startswith(("PostgreSQL", "tables")):
                soak.excused_until = float("inf")
            begin()
            soak.stop.wait(FAULT_SECONDS)
            end()
            if soak.excused_until == float("inf"):
                soak.excused_until = monotonic() + HEALING_SECONDS
            soak.stop.wait(max(SECONDS_BETWEEN_FAULTS - (monotonic() - began), HEALING_SECONDS))
            before = soak.descriptors() if before is None else before  # an outage of the database fills its pool
        after = soak.descriptors()
    finally:
        soak.stop.set()
        for thread in threads:
            thread.join()
    server.stop()
    with capsys.disabled():
        print(  # noqa: T201 - the figures of a long run
            f"\n{sum(soak.answers.values())} requests {dict(soak.answers)}, memory {soak.rss[0][1]:.0f} to {soak.rss[-1][1]:.0f} MiB, "
            f"slope {soak.slope():+.2f} MiB a minute, descriptors {before} to {after}"
        )
    assert soak.unexpected == []
    assert before is not None
    assert abs(after - before) <= 10
    if MINUTES >= 20:
        assert soak.slope() <= 1.0
    with psycopg.connect(own_postgres.url) as connection:
        rows = connection.execute("SELECT id FROM ai_prediction WHERE workspace = 'soak'").fetchall()
    stored = [id_ for (id_,) in rows]
    assert len(set(stored)) == len(stored)
    assert set(soak.acknowledged) <= set(stored)
