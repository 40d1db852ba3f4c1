"""A server in a process of its own that needs keys, for all tests of the clients."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotcrm_ai import AI, Settings
from hotcrm_ai.assembly.sample import ensure_sample_crm

SERVE = "import sys; from hotcrm_ai.entrypoints.http import serve; serve(port=int(sys.argv[1]))"


class ProtectedServer:
    """A running server with its address and one key for each scope."""

    def __init__(self, home: Path) -> None:
        self.keys = asyncio.run(self._prepare(home))
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HOTCRM_AI_")}
        environment = {**kept, "HOTCRM_AI_HOME": str(home), "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, "0"], env=environment, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found is not None, line
        self.url = found[0]

    @staticmethod
    async def _prepare(home: Path) -> dict[str, str]:
        async with AI.open(Settings(home=home)) as ai:
            await ensure_sample_crm(ai, leads=300, accounts=200)
            model = await ai.registry.get_model("lead-scoring-v1")
            assert model is not None
            made = {
                scope: await ai.keys.create(scopes=(scope,), expires=None) for scope in ("predict", "read", "admin")
            }
            return {scope: key.secret.reveal() for scope, key in made.items()}

    def stop(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.communicate(timeout=30)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProtectedServer]:
    """The server with keys, shared by all tests of the clients."""
    running = ProtectedServer(tmp_path_factory.mktemp("client") / "workspace")
    yield running
    running.stop()
