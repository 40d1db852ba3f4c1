"""A process that is killed at work under an ``Idempotency-Key`` leaves one effect or none, and never two."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from hotcrm_ai import AI, Settings
from hotcrm_ai.assembly.opening import open_parts
from hotcrm_ai.entrypoints.http import create_app
from hotcrm_ai.ports.clock import SystemClock

KEY = {"Idempotency-Key": "b7f0-1"}
MODEL = "lead-scoring-v1"
DIES: str = """
import asyncio, json, os, signal, sys
import httpx
from hotcrm_ai import AI, Settings
from hotcrm_ai.entrypoints.http import create_app
from hotcrm_ai.storage import SQLIdempotencyStore

class Dying(SQLIdempotencyStore):
    async def begin(self, key, **claim):
        begun = await super().begin(key, **claim)
        if sys.argv[2] == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        return begun

    async def finish(self, key, **answer):
        os.kill(os.getpid(), signal.SIGKILL)

async def main():
    async with AI.open(Settings(home=sys.argv[1])) as ai:
        ai.idempotency = Dying(ai._parts.kept.database, ai.workspace)
        transport = httpx.ASGITransport(app=create_app(ai))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            await client.post(sys.argv[3], json=json.loads(sys.argv[4]), headers={"Idempotency-Key": "b7f0-1"})

asyncio.run(main())
"""


class LaterClock(SystemClock):
    """The clock of the system, 31 seconds on: when the claim of a process that died has run out."""

    def now(self) -> datetime:
        """Return the moment in 31 seconds."""
        return super().now() + timedelta(seconds=31)


def killed(home: Path, moment: str, route: str, body: dict[str, Any]) -> None:
    """Send a request in a process that is killed ``before`` its effect, or ``after`` it and before its answer is kept."""
    ended = subprocess.run([sys.executable, "-c", DIES, str(home), moment, route, json.dumps(body)], check=False)
    assert ended.returncode == -signal.SIGKILL


@asynccontextmanager
async def reopened(home: Path) -> AsyncIterator[tuple[AI, httpx.AsyncClient]]:
    """The workspace and its server, once the claim has run out."""
    ai = AI(await open_parts(Settings(home=home), clock=LaterClock()))
    try:
        transport = httpx.ASGITransport(app=create_app(ai))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            yield ai, client
    finally:
        await ai.aclose()


@pytest.mark.parametrize(("moment", "revisions"), [("before", 0), ("after", 1)])
async def test_a_change_is_not_made_a_second_time(tmp_path: Path, moment: str, revisions: int) -> None:
    """The same request is told that nobody knows what became of the first; under a new key it is done."""
    body = {"id": "m", "version": "1"}
    killed(tmp_path, moment, "/v1/models", body)
    async with reopened(tmp_path) as (ai, client):
        answer = await client.post("/v1/models", json=body, headers=KEY)
        assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_unknown")
        made = await ai.registry.get_model("m")
        assert (0 if made is None else made.revision) == revisions
        anew = await client.post("/v1/models", json=body, headers={"Idempotency-Key": "another"})
        assert (anew.status_code, anew.json()["revision"]) == (201, revisions + 1)


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_an_outcome_is_told_once(tmp_path: Path, moment: str) -> None:
    """Telling the same outcome again leaves the same state, so it is simply done: one prediction, one outcome."""
    async with AI.open(Settings(home=tmp_path)) as ai:
        answered = await ai.predict(MODEL, {"budget": 5000})
    body = {"predictionId": answered.prediction_id, "actual": True}
    killed(tmp_path, moment, "/v1/outcomes", body)
    async with reopened(tmp_path) as (ai, client):
        answer = await client.post("/v1/outcomes", json=body, headers=KEY)
        assert (answer.status_code, answer.json()) == (202, {"joined": 1})
        (quality,) = await ai.predictions.get_live_quality(MODEL)
        assert quality.outcomes == 1
