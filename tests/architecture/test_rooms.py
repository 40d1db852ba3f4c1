"""The import rules hold, and they really forbid what they say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

BREACHES = {
    "the domain knows the database": ("domain/lead.py", "import hotcrm_ai.storage"),
    "a port knows the settings": ("ports/door.py", "import hotcrm_ai.settings"),
    "the registry knows the monitor": ("registry/rules.py", "import hotcrm_ai.monitoring"),
    "a cache knows the database": ("caches/disk.py", "import hotcrm_ai.storage"),
    "a provider knows the pipeline": ("providers/far.py", "import hotcrm_ai.pipeline"),
    "the server knows the command line": ("entrypoints/http/door.py", "import hotcrm_ai.entrypoints.cli"),
    "the product knows the test kit": ("assembly/door.py", "import hotcrm_ai.testing"),
    "a room without a place": ("attic/__init__.py", ""),
}


def lint(root: Path, contracts: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the package below ``root``."""
    program = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(config_filename=sys.argv[1], no_logo=True))"
    return subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(root)!r}); {program}", str(contracts)],
        capture_output=True,
        text=True,
        cwd=root,
        check=False,
    )


@pytest.fixture
def empty_house(tmp_path, repository) -> Path:
    """A package with the rooms of the product and nothing in them, and the same contracts."""
    for module in sorted((repository / "src" / "hotcrm_ai").rglob("*.py")):
        place = module.relative_to(repository / "src")
        rooms = len(place.parts) <= 3 or place.parts[1] == "entrypoints"
        if rooms and (
            place.name == "__init__.py" or len(place.parts) == 2 or place.parts[1] in ("providers", "ai_features")
        ):
            (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / place).write_text("")
    (tmp_path / "import-linter.ini").write_text((repository / "import-linter.ini").read_text())
    return tmp_path


def test_the_product_keeps_its_rooms(repository):
    """Every room imports downwards only."""
    result = lint(repository / "src", repository / "import-linter.ini")
    assert result.returncode == 0, result.stdout


def test_an_empty_house_breaks_no_rule(empty_house):
    """The twin without imports passes, so that what fails below fails for its own reason."""
    result = lint(empty_house, empty_house / "import-linter.ini")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("breach", BREACHES)
def test_each_breach_is_found(empty_house, breach):
    """One forbidden import, or a room that no layer names, breaks a contract."""
    file_name, line = BREACHES[breach]
    path = empty_house / "hotcrm_ai" / file_name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(line + "\n")
    result = lint(empty_house, empty_house / "import-linter.ini")
    assert result.returncode != 0, result.stdout
    assert re.search(r"BROKEN|attic", result.stdout + result.stderr)
