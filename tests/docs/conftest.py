"""Where the pages are, and how a page or an example is run apart from everything else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
FOREIGN = ("HOTCRM_AI_", "DATABASE_URL", "REDIS_URL", "AWS_", "AZURE_", "OPENAI_", "ANTHROPIC_")

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the working tree."""
    return REPOSITORY


@pytest.fixture
def run_apart(tmp_path) -> Run:
    """Runs Python with the given arguments in an empty folder, without any setting of the machine."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        environment |= {"NO_COLOR": "1", "COLUMNS": "120", "MPLBACKEND": "agg"}
        return subprocess.run(
            [sys.executable, *arguments], capture_output=True, text=True, cwd=tmp_path, env=environment, check=False
        )

    return run
