"""The lock files hold what the project declares, each file with its hashes, and nothing of the machine that wrote them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PINNED = re.compile(r"^(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>\S+)", re.MULTILINE)
REQUIREMENT = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^]]*\])?(?:>=(?P<lowest>[0-9.]+))?$")


def declared(*, with_tools: bool) -> dict[str, str]:
    """Return each package that the project declares, with the lowest version that it accepts."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    lines = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    lines += [line for extra in project["project"]["optional-dependencies"].values() for line in extra]
    lines += project["dependency-groups"]["dev"] if with_tools else []
    found = [REQUIREMENT.match(line) for line in lines if not line.startswith("hotcrm-ai[")]
    assert all(found), lines
    return {match["name"].lower().replace("_", "-"): match["lowest"] or "0" for match in found if match}


def problems(wanted: dict[str, str], lock: str) -> list[str]:
    """Name what a lock file lacks: packages, versions that are high enough, hashes; and what it should not have."""
    pinned = {match["name"]: match["version"] for match in PINNED.finditer(lock)}
    found = [f"{name} is not locked" for name in wanted if name not in pinned]
    found += [
        f"{name} is locked at {pinned[name]}, below {lowest}"
        for name, lowest in wanted.items()
        if name in pinned and _numbers(pinned[name]) < _numbers(lowest)
    ]
    entries = re.split(r"\n(?=[a-z0-9])", lock)
    found += [
        f"{entry.split('==')[0]} has no hash"
        for entry in entries
        if PINNED.match(entry) and "--hash=sha256:" not in entry
    ]
    return found + re.findall(r"^\s*(--(?:extra-)?index-url.*|.*file://.*)$", lock, re.MULTILINE)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("+")[0])[:3])


def test_what_runs_the_product_is_locked():
    """Every dependency and every extra of the project is in the lock, so `make demo` gets what was tested."""
    assert problems(declared(with_tools=False), (REPOSITORY / "requirements/run.txt").read_text("utf-8")) == []


def test_what_tests_the_product_is_locked():
    """The lock of the developers holds the tools besides; after a change of the dependencies run `make lock`."""
    assert problems(declared(with_tools=True), (REPOSITORY / "requirements/dev.txt").read_text("utf-8")) == []


def test_both_locks_hold_the_same_versions():
    """What is tested is what runs."""
    run, dev = (
        {match[0] for match in PINNED.finditer((REPOSITORY / f"requirements/{name}.txt").read_text("utf-8"))}
        for name in ("run", "dev")
    )
    assert run - dev == set()


def test_the_check_finds_a_broken_lock():
    """A missing package, an old version, a missing hash and a private index are each found."""
    lock = "--index-url https://example.org\nrich==13.1 \\\n    --hash=sha256:ab\nclick==8.3\n"
    assert problems({"rich": "14.0", "click": "8.2", "numpy": "2.0"}, lock) == [
        "numpy is not locked",
        "rich is locked at 13.1, below 14.0",
        "click has no hash",
        "--index-url https://example.org",
    ]
