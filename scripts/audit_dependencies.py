"""Asks PyPI whether a locked dependency has a known weakness: ``python scripts/audit_dependencies.py requirements/run.txt``.

pip-audit passes a package that the service does not know without a word; here that counts as not audited. Where the service cannot be
reached at all, nothing is audited, and that is said; it is no failure.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_SECONDS: Final = 300
_TIMEOUT_SECONDS: Final = "10"


@dataclass(frozen=True)
class Verdict:
    """What an audit found: whether it lets the build pass, and what to print."""

    passes: bool
    words: str


def verdict_of(found: Mapping[str, Any]) -> Verdict:
    """Judge pip-audit's report."""
    packages: list[dict[str, Any]] = found["dependencies"]
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    weak = [
        f"{one['name']} {one['version']}: {weakness['id']}, mended in {', '.join(weakness['fix_versions']) or 'no version yet'}"
        for one in packages
        for weakness in one.get("vulns", ())
    ]
    if weak:
        return Verdict(False, "Known weaknesses:\n  " + "\n  ".join(weak))
    if len(skipped) == len(packages):
        return Verdict(True, "Skipped: the index that is used here tells nothing of known weaknesses.")
    if skipped:
        return Verdict(False, f"Not audited, for PyPI does not know them: {', '.join(skipped)}")
    return Verdict(True, f"{len(packages)} packages, none with a known weakness.")


def audit(lock: Path) -> Verdict:
    """Ask about every package of a lock file."""
    command = [sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", "--no-deps", "--format", "json"]
    options = ["--progress-spinner", "off", "--timeout", _TIMEOUT_SECONDS, "--requirement", str(lock)]
    try:
        done = subprocess.run(  # noqa: S603 - our own tool and file
            [*command, *options], capture_output=True, text=True, check=False, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired:
        return Verdict(True, "Skipped: the service of known weaknesses did not answer in time.")
    try:
        return verdict_of(json.loads(done.stdout))
    except ValueError:
        if "ConnectionError" in done.stderr or "ServiceError" in done.stderr:
            return Verdict(True, "Skipped: the service of known weaknesses cannot be reached from here.")
        return Verdict(False, f"pip-audit failed:\n{done.stderr[-2000:]}")


def main(locks: Sequence[str]) -> int:
    """Audit each lock file and return the exit status."""
    passed = True
    for lock in locks:
        verdict = audit(Path(lock))
        print(f"{lock}: {verdict.words}")
        passed &= verdict.passes
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
