"""A connection that is lost while a change is being committed leaves no doubt: the change is looked up."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.ports.clock import SystemClock
from hotcrm_ai.registry import ModelRegistry
from hotcrm_ai.storage import SQLModelStore, open_database, upgrade

pytest.importorskip("psycopg")


class CommitCutter:
    """Stands between client and server; ``cut`` says when the next commit's connection is lost: before the server has it, or after."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.cut = "never"
        self.carried: set[asyncio.Task[None]] = set()

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection in a task of its own."""
        self.carried.add(asyncio.create_task(self._carry(reader, writer)))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(
            f"{self._server.folder}/.s.PGSQL.{self._server.port}"
        )
        answers = asyncio.create_task(self._answers(far_reader, writer))
        while piece := await reader.read(65_536):
            if b"COMMIT" in piece and self.cut != "never":
                answers.cancel()
                await asyncio.gather(answers, return_exceptions=True)
                if self.cut == "after":
                    far_writer.write(piece)
                    assert b"COMMIT" in await far_reader.read(65_536)
                self.cut = "never"
                break
            far_writer.write(piece)
        answers.cancel()
        await asyncio.gather(answers, return_exceptions=True)
        for end in (writer, far_writer):
            end.close()
            with contextlib.suppress(OSError):
                await end.wait_closed()

    async def _answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65_536):
            writer.write(piece)


@pytest.fixture
async def cutter(postgres_server: Any, tmp_path: Path) -> AsyncIterator[CommitCutter]:
    """A cutter that listens in the test's folder."""
    made = CommitCutter(postgres_server)
    async with await asyncio.start_unix_server(made.serve, tmp_path / f".s.PGSQL.{postgres_server.port}"):
        yield made
        await asyncio.gather(*made.carried)


@pytest.fixture
async def registry(
    cutter: CommitCutter, postgres_url: str, postgres_server: Any, tmp_path: Path
) -> AsyncIterator[ModelRegistry]:
    """A registry whose database is reached through the cutter."""
    database = open_database(postgres_url.replace(str(postgres_server.folder), str(tmp_path)))
    await upgrade(database)
    registry = ModelRegistry(SQLModelStore(database, "ours"), clock=SystemClock())
    await registry.register(ModelConfig(id="m", version="1"))
    yield registry
    await database.aclose()


async def test_a_change_that_was_kept_is_a_success(cutter: CommitCutter, registry: ModelRegistry) -> None:
    """Lost after the server had committed: the caller gets its revision, and there is one of it."""
    cutter.cut = "after"
    changed = await registry.register(ModelConfig(id="m", version="2"))
    assert (changed.version, changed.revision) == ("2", 2)
    assert [revision.number for revision in await registry.history("m")] == [1, 2]


async def test_a_change_that_was_not_kept_is_an_error(cutter: CommitCutter, registry: ModelRegistry) -> None:
    """Lost before the server had it: the caller is told to make the change again, and nothing of it is there."""
    cutter.cut = "before"
    with pytest.raises(StorageError, match="lost before the change of model 'm' was kept; make the change again"):
        await registry.register(ModelConfig(id="m", version="2"))
    assert [revision.number for revision in await registry.history("m")] == [1]
    assert (await registry.register(ModelConfig(id="m", version="2"))).revision == 2
