"""The TypeScript client: generated from today's description of the server, strictly typed, and right against the running server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
SOURCE = REPOSITORY / "clients" / "typescript"
KEPT = ("package.json", "package-lock.json", "tsconfig.json", "src", "test")
PUBLIC = "https://registry.npmjs.org/"

pytestmark = pytest.mark.slow
"""Packages are fetched once and compiled: half a minute."""


def node_is_missing() -> str | None:
    """Say what is missing, None where Node 20 or later and npm are there."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        return "Node.js with npm is not installed"
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return None if int(version.removeprefix("v").split(".")[0]) >= 20 else f"Node.js {version} is older than 20"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client's package in a folder of its own, with what its lock file names."""
    missing = node_is_missing()
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    folder = tmp_path_factory.mktemp("typescript")
    for name in KEPT:
        (shutil.copytree if (SOURCE / name).is_dir() else shutil.copy)(SOURCE / name, folder / name)
    done = npm(folder, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline")
    assert done.returncode == 0, done.stdout + done.stderr
    script = REPOSITORY / "scripts" / "write_openapi.py"
    subprocess.run([sys.executable, script, folder / "openapi.json"], check=True)
    return folder


def npm(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run npm in a folder."""
    return subprocess.run(
        ["npm", *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_the_types_are_those_of_todays_routes(package: Path) -> None:
    """The generator gives the file that is kept, and finds a file that another description was made of."""
    done = npm(package, "run", "check-schema")
    assert done.returncode == 0, f"run npm run generate in clients/typescript\n{done.stdout}{done.stderr}"
    schema = package / "src" / "schema.ts"
    kept = schema.read_text("utf-8")
    schema.write_text(kept.replace("modelId: string", "modelId: number"), "utf-8")
    assert npm(package, "run", "check-schema").returncode != 0
    schema.write_text(kept, "utf-8")


def test_the_client_works_against_the_running_server(package: Path, server: Any) -> None:
    """Node's own test runner finds everything right: the guide's names, errors, retries and deadlines."""
    done = npm(package, "test", TEST_SERVER_URL=server.url, TEST_SERVER_KEY=server.keys["admin"])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# pass 7" in done.stdout
    assert server.keys["admin"] not in done.stdout + done.stderr


def test_every_package_is_locked_with_its_digest() -> None:
    """The lock file names a digest for each package that npm fetches, and no other place than the public registry."""
    packages = json.loads((SOURCE / "package-lock.json").read_text("utf-8"))["packages"]
    fetched = {name: entry for name, entry in packages.items() if name}
    assert fetched
    for name, entry in fetched.items():
        assert entry.get("integrity", "").startswith("sha512-"), name
        assert entry.get("resolved", PUBLIC).startswith(PUBLIC), name
