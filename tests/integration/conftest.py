"""Fixtures of the integration tests: our server, and servers that others wrote, as processes of their own."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
import pytest

REPOSITORY = Path(__file__).parents[2]
STARTED_SECONDS = 60.0
USUAL_PLACES = {"HOTCRM_PEERS": ".venv-peers", "HOTCRM_MLSERVER": ".venv-mlserver"}
LEAD = {"company_size": 500, "industry": "Technology", "engagement_score": 85, "job_title": "VP of Sales"}


def wait_until(condition: Callable[[], Any], *, seconds: float, what: str) -> float:
    """Wait until a condition holds and return how many seconds that took; fail where it does not in time."""
    began = monotonic()
    while not condition():
        assert monotonic() - began < seconds, f"waited {seconds:g} s in vain: {what}"
        sleep(0.02)
    return monotonic() - began


class ServerProcess:
    """``hotcrm-ai serve`` on a free port, with a client; its folder and settings are given."""

    def __init__(self, home: Path, **settings: str) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._log = home.with_suffix(".log")
        with self._log.open("a") as told:
            self.process = self._started(home, told, settings)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found is not None, self.told()
        self.client = httpx.Client(base_url=found.group(), timeout=30)

    def _started(self, home: Path, told: Any, settings: dict[str, str]) -> subprocess.Popen[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HOTCRM_AI_")}
        return subprocess.Popen(
            [Path(sys.executable).with_name("hotcrm-ai"), "serve", "--port", "0", "--home", str(home)],
            env={**kept, "OMP_NUM_THREADS": "1", **settings},
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
        )

    def told(self) -> str:
        """Return what the server wrote to its log so far."""
        return self._log.read_text()

    def status(self, path: str) -> int:
        """Return the status of a GET."""
        return self.client.get(path).status_code

    def get(self, path: str) -> Any:
        """Return what a GET answers, which has to be a success."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def predict(self, **more: Any) -> httpx.Response:
        """Ask the packaged lead model."""
        return self.client.post("/v1/predict", json={"modelId": "lead-scoring-v1", "features": LEAD, **more})

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End the process, where it still runs, and wait for it."""
        self.client.close()
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(timeout=30)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., ServerProcess]]:
    """A function that starts a server in a folder of that name, with environment variables; all are stopped at the end."""
    running: list[ServerProcess] = []

    def start(name: str, **settings: str) -> ServerProcess:
        running.append(ServerProcess(tmp_path / name, **settings))
        return running[-1]

    yield start
    for server in running:
        server.stop(signal.SIGKILL)


@pytest.fixture
def until() -> Callable[..., float]:
    """The function that waits for a condition."""
    return wait_until


def find_programs(variable: str) -> Path:
    """Return the folder of programs that ``make test-peers`` made; without it skip, or fail where the variable says that it is there."""
    programs = REPOSITORY / os.environ.get(variable, USUAL_PLACES[variable]) / "bin"
    if not (programs.parent / ".ready").exists():
        if variable in os.environ:
            pytest.fail(f"{programs} is not ready; run `make test-peers`")
        pytest.skip("the peers are not installed; run `make test-peers`")
    return programs.absolute()


@contextlib.contextmanager
def run_server(command: list[str], *, port: int, path: str, folder: Path, **environ: str):
    """Run a server, and give once it answers."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    with (folder.parent / f"{port}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env={**clean, **environ}, stdout=log, stderr=log)
        try:
            ends_at = monotonic() + STARTED_SECONDS
            while not _answers(port, path):
                assert process.poll() is None, Path(log.name).read_text()
                assert monotonic() < ends_at, "the server did not start"
                sleep(0.1)
            yield
        finally:
            process.terminate()
            process.wait(20)


def _answers(port: int, path: str) -> bool:
    with contextlib.suppress(OSError, http.client.HTTPException):
        return ask(port, "GET", path)[0] < 500
    return False


def ask(port: int, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        connection.request(method, path, body or None, {name.replace("_", "-"): text for name, text in headers.items()})
        reply = connection.getresponse()
        return reply.status, reply.read()


@pytest.fixture(scope="session")
def programs_of() -> Callable[[str], Path]:
    return find_programs


@pytest.fixture
def running() -> Callable[..., Any]:
    """Runs a server as a context, once it answers."""
    return run_server


@pytest.fixture
def call() -> Callable[..., tuple[int, bytes]]:
    """Asks a server on this machine, and returns status and body."""
    return ask


@pytest.fixture
def assert_alike() -> Callable[[Any, Any], None]:
    """Fails unless two answers are the same JSON, numbers to within 1e-9 of their size."""
    return compare_answers


def compare_answers(found: Any, expected: Any) -> None:
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for name, value in expected.items():
            compare_answers(found[name], value)
    elif isinstance(expected, list):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            compare_answers(one, other)
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)
    else:
        assert found == expected
