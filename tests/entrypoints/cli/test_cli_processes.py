"""The command line as a process of its own: interrupted training, and the server that it starts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request

import pytest

PROGRAM = (sys.executable, "-c", "from hotcrm_ai.entrypoints.cli import main; main()")


@pytest.fixture
def started():
    """Starts the program, and ends it whatever happens."""
    processes = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*PROGRAM, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "2", "PYTHONUNBUFFERED": "1"},
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_an_interrupted_training_ends_with_130_and_leaves_nothing(started, home):
    """SIGINT in the middle of training: code 130, one line, no model registered, no files left."""
    process = started("demo", "--home", str(home), "--leads", "3000")
    assert "Sample CRM made" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert errors.count("\n") == 1
    listed = subprocess.run(
        [*PROGRAM, "models", "list", "--json", "--home", str(home)], capture_output=True, text=True, check=True
    )
    assert "lead-scoring-v2" not in {model["id"] for model in json.loads(listed.stdout)["models"]}
    assert not list(home.glob("models/*"))


def test_serve_answers_and_stops_on_a_signal(started, home):
    """``serve`` becomes the server: it says its address, answers with the workspace's models, and ends on SIGINT."""
    pytest.importorskip("uvicorn")
    process = started("serve", "--home", str(home), "--port", "0")
    line = process.stdout.readline()
    address = next(word for word in line.split() if word.startswith("http://"))
    with urllib.request.urlopen(f"{address}/v1/models", timeout=10) as answer:  # noqa: S310 - our own server
        assert "lead-scoring-v1" in answer.read().decode()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode in (0, 130)
    assert "Traceback" not in errors


def test_serve_refuses_to_be_reached_from_outside(started, home):
    """Another address than this machine's own is bad input: one line, code 2."""
    pytest.importorskip("uvicorn")
    process = started("serve", "--home", str(home), "--host", "0.0.0.0")  # noqa: S104 - it must be refused
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    assert errors.count("\n") == 1
    assert "keys create" in errors
