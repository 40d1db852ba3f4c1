"""Three times as many requests as the server can answer: it goes on answering nearly as many, and refuses the rest at once."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SECONDS = float(os.environ.get("HOTCRM_AI_OVERLOAD_SECONDS", "3"))
IS_MEASURED = "HOTCRM_AI_OVERLOAD_SECONDS" in os.environ
SENDER = Path(__file__).with_name("open_loop.py")
SERVE = "from hotcrm_ai.entrypoints.http import serve; serve(port=0)"


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """The port of a server of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HOTCRM_AI_")}
    server = subprocess.Popen(
        [sys.executable, "-c", SERVE],
        env={**environment, "HOTCRM_AI_HOME": str(tmp_path), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    found = re.search(r"http://127\.0\.0\.1:(\d+)", server.stdout.readline())
    assert found is not None
    yield int(found.group(1))
    server.terminate()
    server.communicate(timeout=30)


@pytest.mark.slow  # an overload has to stand for some seconds before it shows what it does
def test_an_overload_costs_little_and_is_over_when_it_ends(port: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Some are answered, every other is refused with Retry-After, none is lost, and afterwards the server answers as before.

    How many and how quickly is asserted by `make overload` alone, for a minute: the machine of a test run is shared.
    """
    command = [sys.executable, str(SENDER), str(port), str(SECONDS), "3"]
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=SECONDS * 4 + 60)
    peak, over, after = (json.loads(line) for line in told.stdout.splitlines())
    if IS_MEASURED:
        with capsys.disabled():
            print("", told.stdout, sep="\n")  # noqa: T201 - the figures are what this is run for
    refused = over["answers"]["503"]
    assert (over["lost"], over["retry_after"]) == (0, refused["count"])
    assert over["answers"]["200"]["count"] > 0
    assert after["lost"] == 0
    assert after["answers"]["200"]["count"] >= (0.99 if IS_MEASURED else 0.5) * after["sent"]
    if IS_MEASURED:
        assert rate_of(over) >= 0.8 * rate_of(peak)
        assert refused["p50_ms"] <= 50


def rate_of(phase: dict[str, Any]) -> float:
    """Answers a second."""
    return float(phase["answers"]["200"]["rate"])
