"""The disk under a running server fills up: predictions are refused, nothing acknowledged is lost, and there is no restart."""

from __future__ import annotations

import resource
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

GIB = 1024**3


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 512 kB in memory at the place of the server's folder."""
    place = tmp_path / "home"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as problem:
        pytest.skip(f"no program to mount a small disk with: {problem}")
    if mounted.returncode:
        pytest.skip(f"this user may not mount a small disk: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def answered_until_refused(server: Any) -> list[str]:
    """Ask until the server refuses for want of space, and return the ids of what it answered."""
    acknowledged = []
    for number in range(20_000):
        answer = server.predict(useCache=False, context={"objectType": "Lead", "objectId": f"{number}-{'x' * 200}"})
        if answer.status_code != 200:
            assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
            assert int(answer.headers["retry-after"]) <= 5
            return acknowledged
        acknowledged.append(answer.json()["predictionId"])
    raise AssertionError("the disk never filled up")


def outlived(server: Any, acknowledged: list[str], until: Callable[..., float], database: Path) -> None:
    """Check that predictions are answered again within five seconds, and that the database is whole and has all of them."""
    until(lambda: server.predict(useCache=False).status_code == 200, seconds=5, what="an answer once there is room")
    server.stop()
    with sqlite3.connect(database) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        stored = [id_ for (id_,) in connection.execute("SELECT id FROM ai_prediction")]
    connection.close()
    assert set(acknowledged) <= set(stored)
    assert len(stored) == len(set(stored))
    assert list((database.parent / "journal").iterdir()) == []


@pytest.mark.slow  # a server is started and asked until its disk is full
def test_a_full_disk(small_disk: Path, serve: Any, until: Any) -> None:
    """No block is left for database and journal: 503 until there is, then all of it goes on."""
    server = serve("home")
    acknowledged = answered_until_refused(server)
    assert len(acknowledged) > 50
    assert server.get("/livez") == {"status": "alive"}
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    outlived(server, acknowledged, until, small_disk / "workspace.db")


@pytest.mark.slow  # a server is started and asked until its files may not grow
def test_files_that_may_not_grow(serve: Any, until: Any, tmp_path: Path) -> None:
    """A limit on the size of files, which SQLite meets as another error than a full disk: the same promise."""
    server = serve("home")
    database = tmp_path / "home" / "workspace.db"
    limit = database.stat().st_size + 8_192
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    acknowledged = answered_until_refused(server)
    assert len(acknowledged) > 50
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (GIB, resource.RLIM_INFINITY))
    outlived(server, acknowledged, until, database)


@pytest.mark.slow  # a server is started twice and asked until the disk is full
def test_a_crash_on_a_full_disk(small_disk: Path, serve: Any, until: Any) -> None:
    """Killed while the disk is full, and started again once there is room: everything acknowledged is there."""
    server = serve("home")
    acknowledged = answered_until_refused(server)
    server.stop(signal.SIGKILL)
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    outlived(serve("home"), acknowledged, until, small_disk / "workspace.db")
