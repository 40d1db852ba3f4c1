"""What is erased or too old is gone from the log to the last byte; everything else stays, and a backup holds it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.registry import ModelRegistry
from hotcrm_ai.storage import (
    Database,
    Journal,
    SQLErasureNotes,
    SQLModelStore,
    SQLPredictionLog,
    back_up,
    open_database,
)
from hotcrm_ai.storage.performance_store import SQLPerformanceStore

Logged = Callable[..., Any]
SECRET = "erika-mustermann-4711"


@pytest.fixture
async def log(database: Database, clock: Any, journal: Journal) -> Any:
    """A prediction log on each kind of database, which keeps predictions for ten days."""
    opened = SQLPredictionLog(database, "ours", clock, journal=journal, flush_seconds=0.0, keep_days=10.0)
    yield opened
    await opened.aclose()


def bytes_of(folder: Path) -> bytes:
    """Return all that is in the files of a folder."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def count(connection: Connection) -> int:
    return int(connection.scalar(text("SELECT count(*) FROM ai_prediction")) or 0)


async def test_an_erased_object_leaves_no_byte(
    log: SQLPredictionLog, logged: Logged, database: Database, tmp_path: Path
) -> None:
    """After an erasure no prediction about the object is found, nor its name in any file; other objects are as they were."""
    features = {"email": SECRET}
    for number in range(300):
        await log.append(logged(f"p{number}", object_id=str(number)))
        await log.append(logged(f"e{number}", object_id=SECRET, input_features=features, model_id="m2"))
    await log.append(logged("contact", object_type="Contact", object_id="7"))
    await log.record_outcome(object_type="Lead", object_id=SECRET, model_id="m2", actual="won")
    erased = await log.erase("Lead", SECRET)
    assert (erased.predictions, erased.model_ids) == (300, ("lead-scoring-v1", "m2"))
    assert await database.run(count) == 301
    assert await log.get("p7") == logged("p7", object_id="7")
    assert SECRET.encode() not in bytes_of(tmp_path)
    assert (await log.erase("Lead", SECRET)).predictions == 0


async def test_what_another_process_holds_is_waited_for(
    log: SQLPredictionLog, logged: Logged, database: Database, clock: Any, tmp_path: Path
) -> None:
    """A prediction about the object in another living process's journal reaches the database first, and is erased there."""
    theirs = SQLPredictionLog(database, "ours", clock, journal=Journal(tmp_path / "journal", "ours"), flush_seconds=0.0)
    await theirs.append(logged("p1", object_id=SECRET))
    assert (await log.erase("Lead", SECRET)).predictions == 1
    await theirs.aclose()
    assert await database.run(count) == 0


async def test_what_comes_late_from_another_machine_stays_erased(
    log: SQLPredictionLog, logged: Logged, database: Database, clock: Any, tmp_path: Path
) -> None:
    """A prediction made before the erasure, in a journal that nobody here can see, is not taken in later; a newer one is."""
    far = SQLPredictionLog(database, "ours", clock, journal=Journal(tmp_path / "far", "ours"), flush_seconds=3600.0)
    neighbour = SQLPredictionLog(
        database, "theirs", clock, journal=Journal(tmp_path / "theirs", "theirs"), flush_seconds=3600.0
    )
    for one in (far, neighbour):
        await one.append(logged("late", object_id=SECRET, model_id="m2"))
        await one.append(logged("other", object_id="other"))
    clock.seconds += 1
    assert (await log.erase("Lead", SECRET)).predictions == 0
    clock.seconds += 1
    await far.append(logged("newer", object_id=SECRET))
    await far.flush()
    await neighbour.flush()
    ids = "SELECT workspace || ':' || id FROM ai_prediction ORDER BY 1"
    found = await database.run(lambda connection: list(connection.scalars(text(ids))))
    assert found == ["ours:newer", "ours:other", "theirs:late", "theirs:other"]
    noted = await SQLErasureNotes(database, "ours").since(clock.now())
    assert list(noted.values()) == [("lead-scoring-v1", "m2")]
    await far.aclose()
    await neighbour.aclose()


async def test_predictions_are_kept_so_long(
    log: SQLPredictionLog, logged: Logged, clock: Any, database: Database
) -> None:
    """Pruning deletes what is older than it is kept, of this workspace alone, and nothing else."""
    await log.append(logged("old"))
    clock.seconds = 5 * 86_400.0
    await log.append(logged("new", created_date=clock.now()))
    await log.flush()
    neighbour = text("UPDATE ai_prediction SET workspace = 'theirs' WHERE id = 'theirs'")
    await log.append(logged("theirs", created_date=logged("x").created_date.replace(year=2020)))
    await log.flush()
    await database.run(lambda connection: connection.execute(neighbour), write=True)
    clock.seconds = 11 * 86_400.0
    assert await log.prune() == 1
    assert await log.get("old") is None
    assert await log.get("new") is not None
    assert await database.run(count) == 2


async def test_what_is_gone_from_the_log_stays_counted(
    log: SQLPredictionLog, logged: Logged, clock: Any, database: Database
) -> None:
    """Pruned and erased answers stay judged in the live accuracy, as they stay in the number of answers; quality is of the log alone."""
    for number, actual in enumerate((True, False, True)):
        await log.append(logged(f"p{number}", object_id=str(number)))
        await log.record_outcome(prediction_id=f"p{number}", actual=actual)
    store = SQLPerformanceStore(database, "ours")
    assert (await log.erase("Lead", "0")).predictions == 1
    assert len(await log.judged("lead-scoring-v1")) == 2
    assert await store.count_outcomes(by_hour=True) == {"lead-scoring-v1": (3, 2)}
    clock.seconds = 11 * 86_400.0
    assert await log.prune() == 2
    assert await log.judged("lead-scoring-v1") == []
    assert await store.count_outcomes(by_hour=True) == {"lead-scoring-v1": (3, 2)}


async def test_a_backup_is_a_workspace_database(
    log: SQLPredictionLog, logged: Logged, database: Database, clock: Any, tmp_path: Path
) -> None:
    """A backup of either kind of database is one SQLite file that a workspace opens: the same predictions and models, no one else's."""
    registry = ModelRegistry(SQLModelStore(database, "ours"), clock=clock)
    await registry.register(ModelConfig(id="m", version="3"))
    await ModelRegistry(SQLModelStore(database, "theirs"), clock=clock).register(ModelConfig(id="m", version="9"))
    for number in range(5):
        await log.append(logged(f"p{number}", attempts=[{"number": 1}]))
    await log.record_outcome(prediction_id="p1", actual=True)
    target = tmp_path / "backup.db"
    assert await back_up(database, "ours", target) == 5 + 1 + 1 + 1
    copy = open_database(f"sqlite:///{target}")
    copied = SQLPredictionLog(copy, "ours", clock, journal=Journal(tmp_path / "other", "ours"))
    for prediction_id in ("p1", "p2"):
        assert await copied.get(prediction_id) == await log.get(prediction_id)
    (model,) = await ModelRegistry(SQLModelStore(copy, "ours"), clock=clock).list_models()
    assert model.version == "3"
    assert await ModelRegistry(SQLModelStore(copy, "theirs"), clock=clock).list_models() == []
    await copied.aclose()
    await copy.aclose()
    with pytest.raises(StorageError, match=r"'backup\.db' exists already"):
        await back_up(database, "ours", target)
