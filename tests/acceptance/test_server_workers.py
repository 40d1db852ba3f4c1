"""Servers as processes: several workers as one, a stop under load, clients that leave, and a start without Redis."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from hotcrm_ai import AI, ModelConfig, ProviderConfig, Settings

pytestmark = pytest.mark.alone  # it measures time, so nothing else may run beside it

MODEL = "lead-scoring-v1"
PREDICT = "/v1/predict"


class Server:
    """A server process on a free port."""

    def __init__(self, home: Path, **settings: Any) -> None:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("HOTCRM_AI_")}
        self.shared = home / "shared"
        self.shared.mkdir(exist_ok=True)
        began = time.monotonic()
        given = {f"HOTCRM_AI_{name.upper()}": str(value) for name, value in settings.items()}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hotcrm_ai.entrypoints.launch", "127.0.0.1", "0"],
            env={**plain, **given, "HOTCRM_AI_HOME": str(home), "OMP_NUM_THREADS": "1", "TMPDIR": str(self.shared)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.lines = []
        for line in self.process.stdout:
            self.lines.append(line)
            if found := re.search(r"serves on (http://127\.0\.0\.1:\d+)", line):
                self.address = found.group(1)
                self.start_seconds = time.monotonic() - began
                in_line = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/schedstat").read_text().split()[1]
                self.own_start_seconds = self.start_seconds - int(in_line) / 1e9
                return
        raise AssertionError(self.process.communicate())

    def written(self, name: str) -> float:
        """Return the sum of one counter over what the workers have written down for one another."""
        files = [msgspec.json.decode(path.read_bytes()) for path in self.shared.glob("hotcrm-ai-*/worker-*.json")]
        return float(sum(file["counters"].get(name, 0.0) for file in files))

    def stop(self) -> str:
        """Stop the server and return what it wrote to standard error."""
        self.process.send_signal(signal.SIGTERM)
        _, told = self.process.communicate(timeout=30)
        return told


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers over one workspace, and ends what a test leaves running."""
    servers: list[Server] = []

    def start(**settings: Any) -> Server:
        servers.append(Server(tmp_path, **settings))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.stop()


def asked(number: int) -> dict[str, Any]:
    """Return the body of a request that no other equals."""
    return {"modelId": MODEL, "features": {"company_size": number + 1}, "useCache": False}


def samples(text: str, name: str) -> dict[tuple[str, ...], float]:
    """Return the values of one family's samples, by the values of their labels."""
    return {
        tuple(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    }


def until(holds: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Return what a function gives as soon as that is true."""
    ends_at = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < ends_at, "it did not come about in time"
        time.sleep(0.05)
    return found


def children(pid: int) -> list[int]:
    """Return the processes that a process started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(status.parent.name))
    return sorted(found)


def logged(home: Path) -> list[tuple[str, int]]:
    """Return the id of every logged prediction and the number of the request that it answers, whatever waited in the journal among them."""
    with AI.open_sync(Settings(home=home)):
        pass  # what a server left in its journal is brought to the database at the next start
    with closing(sqlite3.connect(home / "workspace.db")) as database:
        rows = database.execute(
            "SELECT id, json_extract(input_features, '$.company_size') FROM ai_prediction"
        ).fetchall()
    return [(prediction_id, round(size) - 1) for prediction_id, size in rows]


def number_of(folder: Path) -> int:
    """Return how many entries a folder has."""
    return len(list(folder.iterdir()))


@pytest.mark.slow  # three processes start, and one of them twice
def test_two_workers_are_one_server(started: Callable[..., Server]) -> None:
    """What Prometheus is told by any worker is what clients sent to both, also after one was killed and replaced."""
    server = started(workers=2)
    assert len([line for line in server.lines if "serves on" in line]) == 1

    def send(number: int) -> None:
        for one in range(number):
            assert httpx.post(f"{server.address}/v1/predict", json=asked(one)).status_code == 200

    def counted() -> float:
        text = httpx.get(f"{server.address}/metrics").text
        assert samples(text, "hotcrm_ai_workers") == {(): 2.0}
        predictions = samples(text, "hotcrm_ai_predictions_total").get((MODEL, "fresh"), 0.0)
        requests = samples(text, "hotcrm_ai_http_requests_total").get(("POST", "/v1/predict", "200"), 0.0)
        durations = samples(text, "hotcrm_ai_http_request_seconds_count").get(("/v1/predict",), 0.0)
        return requests if predictions == requests == durations else -1.0

    send(40)
    until(lambda: counted() == 40)
    counted_there = f'hotcrm_ai_http_request_seconds_count{{route="{PREDICT}"}}'
    until(lambda: server.written(counted_there) == 40)  # what a killed worker had not written is lost
    second = until(lambda: len(found := children(server.process.pid)) == 2 and found)[1]
    os.kill(second, signal.SIGKILL)
    until(lambda: len(found := children(server.process.pid)) == 2 and second not in found)
    until(lambda: httpx.get(f"{server.address}/readyz").status_code == 200)
    send(20)
    until(lambda: counted() == 60)
    told = server.stop()
    assert "worker 2 ended with code -9" in told or "worker 1 ended with code -9" in told
    assert children(server.process.pid) == []


@pytest.mark.slow  # a server has to be under load for a while
@pytest.mark.parametrize("workers", [1, 2])
async def test_a_stop_under_load_loses_nothing(started: Callable[..., Server], tmp_path: Path, workers: int) -> None:
    """SIGTERM while clients ask: not ready first, ended within ten seconds, and every answer that came is in the log, once."""
    server = await asyncio.to_thread(started, workers=workers, stop_notice_seconds=1)
    given: list[str] = []
    sent: set[int] = set()
    readiness: list[int] = []

    async def ask(client: httpx.AsyncClient, own: int) -> None:
        number = 0
        while True:
            number += 1
            sent.add(own * 100_000 + number)
            try:
                answer = await client.post(f"{server.address}/v1/predict", json=asked(own * 100_000 + number))
            except httpx.TransportError:
                return
            assert answer.status_code in (200, 503)
            if answer.status_code == 200:
                given.append(answer.json()["predictionId"])

    async def watch(client: httpx.AsyncClient) -> None:
        while True:
            try:
                readiness.append((await client.get(f"{server.address}/readyz")).status_code)
            except httpx.TransportError:
                return
            await asyncio.sleep(0.02)

    async with httpx.AsyncClient(timeout=20) as client, asyncio.TaskGroup() as group:
        for own in range(8):
            group.create_task(ask(client, own))
        group.create_task(watch(client))
        await asyncio.to_thread(until, lambda: len(given) >= 50)
        began = time.monotonic()
        told = await asyncio.to_thread(server.stop)
        took = time.monotonic() - began
    assert took <= 10
    assert "Traceback" not in told
    assert 503 in readiness
    assert len(given) == len(set(given)) >= 50
    rows = logged(tmp_path)
    assert set(given) <= {prediction_id for prediction_id, _ in rows}
    assert len({number for _, number in rows}) == len(rows)
    assert {number for _, number in rows} <= sent


@pytest.mark.slow  # a thousand connections
async def test_clients_that_leave_leave_nothing_behind(started: Callable[..., Server], tmp_path: Path) -> None:
    """A thousand clients that hang up in the middle of a call: all is back to what it was, and each call is logged once or not at all."""
    server = await asyncio.to_thread(started)
    descriptors = Path(f"/proc/{server.process.pid}/fd")
    port = int(server.address.rpartition(":")[2])
    head = b"POST /v1/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: "

    async def leave(number: int) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        body = json.dumps(asked(number)).encode()
        whole = head + b"%d\r\n\r\n" % len(body) + body
        writer.write(whole if number % 2 else whole[: len(whole) - 20])
        await writer.drain()
        writer.transport.abort()

    async with httpx.AsyncClient(timeout=20) as client:
        assert (await client.post(f"{server.address}/v1/predict", json=asked(1))).status_code == 200
        before = number_of(descriptors)
        for fifty in range(20):
            await asyncio.gather(*(leave(50 * fifty + number + 2) for number in range(50)))

        async def settled() -> bool:
            text = (await client.get(f"{server.address}/metrics")).text
            connections = samples(text, "hotcrm_ai_http_connections")[()]
            under_way = samples(text, "hotcrm_ai_http_requests_under_way")[()]
            return (connections, under_way) == (1.0, 1.0) and number_of(descriptors) <= before + 2

        for _ in range(400):
            if await settled():
                break
        else:
            pytest.fail("connections, tasks or descriptors stayed behind")
        text = (await client.get(f"{server.address}/metrics")).text
    booked = samples(text, "hotcrm_ai_predictions_total")
    assert "Traceback" not in await asyncio.to_thread(server.stop)
    numbers = [number for _, number in logged(tmp_path)]
    assert 1 <= len(numbers) == booked[MODEL, "fresh"] <= 501
    assert len(set(numbers)) == len(numbers)
    assert all(number == 1 or number % 2 for number in numbers)


def test_a_server_starts_without_redis_and_providers(started: Callable[..., Server], tmp_path: Path) -> None:
    """Neither Redis nor the provider of a model is there: the server is ready within five seconds and answers what it can.

    The seconds are those in which the server had a processor: what other programs take of the machine is not its doing.
    """
    with AI.open_sync(Settings(home=tmp_path, provider_hosts=("127.0.0.1:1",))) as ai:
        provider = ProviderConfig(provider="custom", endpoint="http://127.0.0.1:1/score")
        ai.registry.register(ModelConfig(id="far-away", provider="custom", status="active", provider_config=provider))
    server = started(redis_url="redis://127.0.0.1:1", provider_hosts="127.0.0.1:1")
    assert server.own_start_seconds <= 5, f"{server.own_start_seconds:.1f} of {server.start_seconds:.1f} seconds"
    assert httpx.get(f"{server.address}/readyz").status_code == 200
    assert httpx.post(f"{server.address}/v1/predict", json=asked(1)).status_code == 200
    assert samples(httpx.get(f"{server.address}/metrics").text, "hotcrm_ai_cache_degraded") == {(): 1.0}
