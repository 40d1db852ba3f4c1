"""Processes that share a Redis: one's answer is the other's hit, and workspaces never meet."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROGRAM = """
import asyncio, json, sys
from hotcrm_ai import AI, Settings

async def main(home, workspace, url, step):
    settings = Settings(home=home, workspace=workspace, redis_url=url, redis_timeout_seconds=5.0)
    async with AI.open(settings) as ai:
        if step == "clear":
            print(json.dumps(await ai.predictions.clear_cache("lead-scoring-v1")))
        elif step == "register":
            model = await ai.registry.get_model("lead-scoring-v1")
            print(json.dumps((await ai.registry.register(model)).revision))
        else:
            answer = await ai.predict("lead-scoring-v1", {"company_size": 500, "industry": "Technology"})
            print(json.dumps([answer.cached, answer.prediction["score"], (await ai.cache.get_stats()).backend]))

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.slow
def test_processes_share_answers_within_a_workspace(redis_server: Any, tmp_path: Path) -> None:
    """A second process gets the first one's answer, also after a restart; another workspace, a cleared cache and a new revision do not."""

    def run(step: str, *, home: str = "sales", workspace: str = "sales") -> Any:
        command = [sys.executable, "-W", "error", "-c", PROGRAM, tmp_path / home, workspace, redis_server.url, step]
        return json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)

    cached, score, backend = run("predict")
    assert (cached, backend) == (False, "redis")
    assert run("predict") == [True, score, "redis"]
    assert run("predict", home="service", workspace="service") == [False, score, "redis"]
    assert run("clear") == 1
    assert run("predict") == [False, score, "redis"]
    assert run("predict", home="service", workspace="service")[0] is True
    assert run("register") == 2
    assert run("predict") == [False, score, "redis"]
    assert run("predict") == [True, score, "redis"]


def test_a_missing_package_is_named() -> None:
    """Without the package redis, a Redis URL is refused with what to install, and memory needs no package."""
    program = """
import sys
sys.modules["redis"] = None
from hotcrm_ai.caches import MemoryCache, RedisConnections, RedisLimits, read_address
from hotcrm_ai.domain.errors import MissingExtra
from hotcrm_ai.domain.secret import Secret
try:
    RedisConnections(read_address(Secret("redis://localhost")), RedisLimits())
except MissingExtra as problem:
    print(problem)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert done.stdout.strip().endswith("pip install 'hotcrm-ai[redis]'")
