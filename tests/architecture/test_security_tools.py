"""What is shipped holds what it should and no more, and an audit of the dependencies that saw nothing does not pass for one."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.wheel import WheelBuilder

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names of the files in a wheel that is built of the sources as they are."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(REPOSITORY / name, source)
    shutil.copytree(REPOSITORY / "src", source / "src", ignore=shutil.ignore_patterns("__pycache__"))
    (built,) = WheelBuilder(str(source)).build(directory=str(source / "dist"), versions=["standard"])
    with zipfile.ZipFile(built) as wheel:
        return wheel.namelist()


def odd_members(names: list[str]) -> list[str]:
    """Return what a wheel of ours should not hold: code that runs by itself, tests, data bases, keys, files of other packages."""
    return [
        name
        for name in names
        if not name.startswith(("hotcrm_ai/", "hotcrm_ai-"))
        or name.endswith((".pth", ".db", ".sqlite3", ".pem", ".key", ".env", ".pkl", ".joblib", ".csv", ".gz", ".so"))
        or "/tests/" in name
        or "test_" in name.rsplit("/", 1)[-1]
        or name.rsplit("/", 1)[-1].startswith(".")
    ]


def test_a_wheel_holds_the_package_and_nothing_else(members: list[str]) -> None:
    """No ``.pth`` file, which Python would run at every start, no test, no data of anybody, no secret."""
    assert odd_members(members) == []
    assert "hotcrm_ai/py.typed" in members
    assert any(name.endswith("/entry_points.txt") for name in members)


@pytest.mark.parametrize(
    "planted",
    ["hotcrm_ai.pth", "hotcrm_ai/x.pth", "hotcrm_ai/test_x.py", "hotcrm_ai/.env", "tests/a.py", "sitecustomize.py"],
)
def test_the_check_of_the_wheel_finds_broken_twins(members: list[str], planted: str) -> None:
    """A file that should not be there is found."""
    assert odd_members([*members, planted]) == [planted]


def _load_audit() -> Any:
    spec = importlib.util.spec_from_file_location(
        "audit_dependencies", REPOSITORY / "scripts" / "audit_dependencies.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


AUDITED = {"name": "a", "version": "1.0", "vulns": []}
SKIPPED = {"name": "b", "skip_reason": "not found"}
WEAK = {"name": "c", "version": "2.0", "vulns": [{"id": "CVE-1", "fix_versions": ["2.1"]}]}


@pytest.mark.parametrize(
    ("packages", "passes", "words"),
    [
        ([AUDITED, AUDITED], True, "2 packages, none with a known weakness"),
        ([SKIPPED, SKIPPED], True, "Skipped"),
        ([AUDITED, SKIPPED], False, "Not audited, for PyPI does not know them: b"),
        ([AUDITED, SKIPPED, WEAK], False, "c 2.0: CVE-1, mended in 2.1"),
    ],
)
def test_an_audit_passes_only_for_what_it_saw(packages: list[Any], passes: bool, words: str) -> None:
    """A weakness fails, a package that was passed over fails, and an index that knows nothing at all is said to."""
    verdict = _load_audit().verdict_of({"dependencies": packages})
    assert verdict.passes is passes
    assert words in verdict.words
