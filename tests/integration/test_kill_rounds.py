"""Processes that answer predictions are killed at random moments: what a client was given is in the log, once, and nothing else is."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from hotcrm_ai.storage import open_database

ROUNDS = int(os.environ.get("HOTCRM_AI_KILL_ROUNDS", "3"))
AT_A_TIME = 4

CLIENT = """
import asyncio, os, sys
from pathlib import Path
from hotcrm_ai import AI, Settings

async def main(home, url, round):
    async with AI.open(Settings(home=Path(home), database_url=url, workspace="ours")) as ai:
        async def ask(client):
            number = 0
            while True:
                number += 1
                context = {"object_type": "Lead", "object_id": f"{round}-{client}-{number}"}
                answer = await ai.predict("lead-scoring-v1", {"company_size": number}, context=context)
                os.write(1, f"{answer.prediction_id} {context['object_id']}\\n".encode())
                await asyncio.sleep(0)
        await asyncio.gather(*(ask(client) for client in range(int(sys.argv[4]))))

asyncio.run(main(*sys.argv[1:4]))
"""

RECOVER = """
import asyncio, sys
from pathlib import Path
from hotcrm_ai import AI, Settings

async def main(home, url):
    async with AI.open(Settings(home=Path(home), database_url=url, workspace="ours")):
        pass

asyncio.run(main(*sys.argv[1:]))
"""


async def killed_after(seconds: float, *arguments: str) -> dict[str, str]:
    """Let clients ask in a process, kill it so long after its first answer, and return what they were given."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CLIENT, *arguments, str(AT_A_TIME), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    given = [await asyncio.wait_for(process.stdout.readline(), 60)]
    asyncio.get_running_loop().call_later(seconds, process.send_signal, signal.SIGKILL)
    given += (await process.stdout.read()).splitlines(keepends=True)
    assert await process.wait() == -signal.SIGKILL
    return dict(line.decode().split() for line in given if line.endswith(b"\n"))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_kill_rounds(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """After each kill -9 every answered prediction is stored, each id once, with the record it was about; nothing was made up."""
    url = f"sqlite:///{tmp_path / 'workspace.db'}" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    seed = random.SystemRandom().randrange(2**32)
    chance = random.Random(seed)
    given: dict[str, str] = {}
    for number in range(ROUNDS):
        given |= await killed_after(chance.uniform(0.0, 0.6), str(tmp_path / "home"), url, str(number))
    last = await asyncio.create_subprocess_exec(sys.executable, "-c", RECOVER, str(tmp_path / "home"), url)
    assert await last.wait() == 0
    database = open_database(url)
    rows = await database.run(lambda c: c.execute(text("SELECT id, object_id FROM ai_prediction")).all())
    await database.aclose()
    stored = dict(tuple(row) for row in rows)
    assert len(stored) == len(rows)
    assert given.items() <= stored.items(), f"{len(given.keys() - stored.keys())} of {len(given)} lost, seed {seed}"
    assert len(stored) - len(given) <= ROUNDS * AT_A_TIME
    assert list((tmp_path / "home" / "journal").iterdir()) == []
