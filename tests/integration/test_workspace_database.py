"""Several processes and a server that breaks connections: what was acknowledged is there, once, and work goes on."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.ports.clock import SystemClock
from hotcrm_ai.registry import ModelRegistry
from hotcrm_ai.storage import SQLModelStore, open_database, upgrade

LOGGER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from hotcrm_ai.domain.prediction import LoggedPrediction
from hotcrm_ai.ports.clock import SystemClock
from hotcrm_ai.storage import Journal, SQLPredictionLog, open_database, upgrade

async def main(url, name, journal):
    database = open_database(url)
    await upgrade(database)
    log = SQLPredictionLog(database, "ours", SystemClock(), journal=Journal(Path(journal), "ours"), flush_seconds=0.0)
    for number in range(1_000):
        await log.append(LoggedPrediction(
            id=f"{name}-{number}", requested_model_id="m", model_id="m", model_version="1", model_revision=1, bundle_digest=None,
            variant="none", experiment_id=None, subject_kind=None, prediction_type="classification", input_features={"x": number},
            prediction_value={"probability": 0.5}, confidence_score=None, processing_time_ms=1.0, was_cached=False, provider="local",
            fallback_for=None, object_type=None, object_id=None, created_by=None, created_date=datetime.now(UTC),
        ))
        if number % 50 == 0:
            await log.flush()
            await log.record_outcome(prediction_id=f"{name}-{number}", actual=True)
    await log.aclose()
    await database.aclose()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def workspace_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty workspace database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'workspace.db'}"
    return str(request.getfixturevalue("postgres_url"))


async def test_two_processes_log_into_one_workspace(workspace_url: str, tmp_path: Path) -> None:
    """Two processes that open an empty workspace and log at the same time meet no lock, and every row and outcome is there."""
    loggers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", LOGGER, workspace_url, name, str(tmp_path / "journal"), stderr=asyncio.subprocess.PIPE
        )
        for name in ("left", "right")
    ]
    errors = [(await logger.communicate())[1] for logger in loggers]
    assert [(logger.returncode, error) for logger, error in zip(loggers, errors, strict=True)] == [(0, b""), (0, b"")]
    database = open_database(workspace_url)

    def count(connection: Connection) -> list[object]:
        counts = (
            "SELECT count(*), count(actual_outcome), sum(CASE WHEN is_correct THEN 1 ELSE 0 END) FROM ai_prediction"
        )
        return list(connection.execute(text(counts)).one())

    assert await database.run(count) == [2_000, 40, 40]
    if database.is_sqlite:
        assert await database.run(lambda connection: connection.scalar(text("PRAGMA integrity_check"))) == "ok"
    await database.aclose()


async def test_broken_connections_are_replaced(postgres_url: str) -> None:
    """A connection that the server ends within a transaction is a StorageError; the next work gets another connection."""
    database = open_database(f"{postgres_url}&application_name=broken")
    await upgrade(database)
    end_others = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'broken' AND pid <> pg_backend_pid()"
    )
    end_this = text("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(StorageError, match=r"is shutting down or stopped the statement|cannot be reached"):
        await database.run(lambda connection: connection.execute(end_this), write=True)
    await asyncio.gather(*(database.run(lambda connection: connection.scalar(text("SELECT 1"))) for _ in range(8)))
    await database.run(lambda connection: connection.execute(end_others))
    assert (
        await asyncio.gather(*(database.run(lambda connection: connection.scalar(text("SELECT 1"))) for _ in range(8)))
        == [1] * 8
    )
    await database.aclose()


async def test_workspaces_in_one_database_never_meet(workspace_url: str) -> None:
    """Two workspaces in one database have models and histories of their own, under the same ids."""
    database = open_database(workspace_url)
    await upgrade(database)
    ours, theirs = (ModelRegistry(SQLModelStore(database, name), clock=SystemClock()) for name in ("ours", "theirs"))
    trained = datetime(2026, 3, 31, 12, tzinfo=UTC)
    await ours.register(ModelConfig(id="m", version="1", last_trained=trained))
    await theirs.register(ModelConfig(id="m", version="2"))
    await theirs.clear()
    kept = await ours.get_model("m")
    assert kept is not None
    assert (kept.version, kept.last_trained, kept.revision) == ("1", trained, 1)
    assert await theirs.list_models() == []
    assert len(await ours.history("m")) == 1
    await database.aclose()
