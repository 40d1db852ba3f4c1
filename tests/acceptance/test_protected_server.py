"""The server that others reach: keys, TLS and names, in processes of their own."""

from __future__ import annotations

import os
import re
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.alone  # it measures time, so nothing else may run beside it

PROGRAM = (sys.executable, "-c", "from hotcrm_ai.entrypoints.cli import main; main()")


def environment(home: Path, **more: str) -> dict[str, str]:
    """The variables of a process in this workspace, and none of this machine's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HOTCRM_AI_")}
    return {**kept, "HOTCRM_AI_HOME": str(home), "OMP_NUM_THREADS": "1", **more}


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    return subprocess.run(
        [*PROGRAM, *arguments], env=environment(home), capture_output=True, text=True, check=False, timeout=60
    )


@contextmanager
def served(home: Path, *arguments: str, **more: str) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """Serve, and give the process, its address and everything that it said at the start."""
    command = [*PROGRAM, "serve", "--port", "0", *arguments]
    with subprocess.Popen(command, env=environment(home, **more), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"(https?)://[^:]+:(\d+)", line)
            assert found, line
            yield process, f"{found[1]}://localhost:{found[2]}", line
        finally:
            process.terminate()
            process.wait(timeout=30)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A workspace of its own."""
    return tmp_path / "workspace"


def test_without_a_key_only_this_machine_is_served_and_told_so(home: Path) -> None:
    """Another address is refused in one line with code 2; on this machine the server says that nobody needs a key."""
    refused = run(home, "serve", "--host", "0.0.0.0", "--port", "0")  # noqa: S104 - refused
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "no API key was ever made" in refused.stderr
    assert "--tls-cert" in refused.stderr
    with served(home) as (process, address, _):
        assert process.stdout is not None
        assert "every program of this machine may use the server" in process.stdout.readline()
        assert httpx.get(f"{address}/v1/models").status_code == 200
        assert httpx.get(f"{address}/v1/models", headers={"x-forwarded-for": "10.0.0.9"}).status_code == 401


def test_over_tls_each_request_needs_its_key_until_it_is_revoked(home: Path, certificate: tuple[Path, Path]) -> None:
    """With a key, a certificate and a name it listens everywhere; a key revoked elsewhere dies within two seconds in both workers."""
    key = run(home, "keys", "create", "--scope", "read").stdout.strip()
    files = ("--tls-cert", str(certificate[0]), "--tls-key", str(certificate[1]))
    everywhere = "0.0.0.0"  # noqa: S104 - protected
    with served(
        home, "--host", everywhere, *files, HOTCRM_AI_SERVER_HOSTS="scores.example.com", HOTCRM_AI_WORKERS="2"
    ) as (
        process,
        address,
        line,
    ):
        assert "https://" in line
        trusted = ssl.create_default_context(cafile=str(certificate[0]))
        with httpx.Client(base_url=address, verify=trusted, headers={"host": "scores.example.com"}) as client:
            assert client.get("/livez").status_code == 200
            stranger = client.get("/v1/models")
            assert (stranger.status_code, stranger.headers["www-authenticate"]) == (401, "Bearer")
            assert client.get("/livez", headers={"host": "evil.example"}).status_code == 400
            client.headers["authorization"] = f"Bearer {key}"
            assert client.get("/v1/models").status_code == 200
            assert client.delete("/v1/cache").status_code == 403
            assert key.encode() not in Path(f"/proc/{process.pid}/cmdline").read_bytes()
            assert key.encode() not in Path(f"/proc/{process.pid}/environ").read_bytes()
            revoked = run(home, "keys", "revoke", key.split("_")[1])
            assert revoked.returncode == 0, revoked.stderr
            revoked_at = opened_at = time.monotonic()
            refusals = 0
            while refusals < 20:
                with httpx.Client(base_url=address, verify=trusted, headers=client.headers) as fresh:
                    refusals = refusals + 1 if fresh.get("/v1/models").status_code == 401 else 0
                opened_at = time.monotonic() if refusals == 0 else opened_at
                assert opened_at - revoked_at < 2.0, "the revoked key still opens"
        with pytest.raises(httpx.HTTPError):
            httpx.get(address.replace("https", "http") + "/livez", timeout=5)
