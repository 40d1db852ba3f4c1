"""Every prediction log keeps each answered prediction once, joins outcomes, and counts the arms of A/B tests."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from hotcrm_ai.domain.errors import InvalidRequest, PredictionNotFound, StorageError
from hotcrm_ai.domain.experiment import ArmCount
from hotcrm_ai.domain.outcome import KnownOutcome
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.ports.prediction_log import PredictionLog
from hotcrm_ai.storage import Database, Journal, MemoryPredictionLog, SQLPredictionLog, open_database, upgrade

Logged = Callable[..., Any]


@pytest.fixture(params=["memory", "sqlite_url", "postgres_url"])
async def log(
    request: pytest.FixtureRequest, clock: Clock, logged: Logged, tmp_path: Path
) -> AsyncIterator[PredictionLog]:
    """Each kind of prediction log, empty."""
    if request.param == "memory":
        yield MemoryPredictionLog()
        return
    database = open_database(request.getfixturevalue(request.param))
    await upgrade(database)
    neighbour = SQLPredictionLog(database, "neighbour", clock, journal=Journal(tmp_path / "theirs", "neighbour"))
    await neighbour.append(logged("p1", experiment_id="lead-scoring-v2", model_version="9"))
    await neighbour.aclose()
    ours = SQLPredictionLog(database, "ours", clock, journal=Journal(tmp_path / "journal", "ours"))
    yield ours
    await ours.aclose()
    await database.aclose()


async def test_a_prediction_comes_back_exactly(log: PredictionLog, logged: Logged) -> None:
    """What was logged is found again field by field, before and after it is written."""
    full = logged(
        "p1",
        variant="challenger",
        experiment_id="lead-scoring-v2",
        subject_kind="user",
        fallback_for="lead-scoring-v3",
        shadow=True,
        prediction_value={"items": [], "probability": 0.0, "text": "a\x00ü"},
        confidence_score=0.0,
    )
    bare = logged("p2", confidence_score=None, bundle_digest=None, object_type=None, object_id=None, created_by=None)
    for prediction in (full, bare):
        await log.append(prediction)
        assert await log.get(prediction.id) == prediction
    await log.flush()
    assert await log.get("p1") == full
    assert await log.get("p2") == bare
    assert await log.get("p3") is None


async def test_an_id_is_kept_once(log: PredictionLog, logged: Logged) -> None:
    """A prediction that is logged twice under one id is kept as it was first, whether already written or not."""
    await log.append(logged("p1"))
    await log.append(logged("p1", model_version="2"))
    await log.flush()
    await log.append(logged("p1", model_version="3"))
    await log.flush()
    kept = await log.get("p1")
    assert kept is not None
    assert kept.model_version == "1.0.0"


@pytest.mark.parametrize(
    ("probability", "actual", "correct"),
    [
        (0.5, True, True),
        (0.49, True, False),
        (0.0, False, True),
        (0.92, 1, True),
        (0.92, "won", True),
        (0.92, "Closed Lost", False),
        (0.92, "converted", True),
    ],
)
async def test_an_outcome_by_id(
    log: PredictionLog, logged: Logged, probability: float, actual: Any, correct: bool
) -> None:
    """An outcome is kept as given, and says whether the prediction was right."""
    await log.append(logged("p1", prediction_value={"probability": probability}))
    await log.append(logged("p2"))
    assert await log.record_outcome(prediction_id="p1", actual=actual) == 1
    kept, other = await log.get("p1"), await log.get("p2")
    assert kept is not None
    assert (kept.actual_outcome, kept.is_correct) == (actual, correct)
    assert other is not None
    assert (other.actual_outcome, other.is_correct) == (None, None)


async def test_an_outcome_can_be_corrected_and_taken_back(log: PredictionLog, logged: Logged) -> None:
    """A later outcome replaces an earlier one, and None takes it back."""
    await log.append(logged("p1"))
    for actual, correct in ((False, False), (True, True), (None, None)):
        await log.record_outcome(prediction_id="p1", actual=actual)
        kept = await log.get("p1")
        assert kept is not None
        assert (kept.actual_outcome, kept.is_correct) == (actual, correct)


async def test_an_outcome_of_an_object_reaches_all_its_predictions_by_the_model(
    log: PredictionLog, logged: Logged
) -> None:
    """An outcome by object and model reaches what that model answered and what was asked of it, and nothing else."""
    await log.append(logged("answered"))
    await log.append(logged("asked", model_id="lead-scoring-v0"))
    await log.append(logged("other-model", model_id="churn-v1", requested_model_id="churn-v1"))
    await log.append(logged("other-object", object_id="8"))
    await log.append(logged("other-type", object_type="Account"))
    found = await log.record_outcome(object_type="Lead", object_id="7", model_id="lead-scoring-v1", actual=True)
    assert found == 2
    judged = {
        one: (await log.get(one)).is_correct
        for one in ("answered", "asked", "other-model", "other-object", "other-type")
    }  # type: ignore[union-attr]
    assert judged == {"answered": True, "asked": True, "other-model": None, "other-object": None, "other-type": None}


async def test_outcomes_that_fit_nothing_are_refused(log: PredictionLog) -> None:
    """An unknown id or object is told, and an outcome without enough to find its prediction is refused."""
    with pytest.raises(PredictionNotFound):
        await log.record_outcome(prediction_id="p1", actual=True)
    with pytest.raises(PredictionNotFound):
        await log.record_outcome(object_type="Lead", object_id="7", model_id="m", actual=True)
    with pytest.raises(InvalidRequest):
        await log.record_outcome(object_type="Lead", object_id="7", actual=True)


@pytest.mark.parametrize("actual", [object(), float("nan"), {1: 2}])
async def test_an_outcome_that_is_no_json_is_refused(log: PredictionLog, logged: Logged, actual: Any) -> None:
    """An outcome that cannot be kept exactly is refused, and nothing is recorded."""
    await log.append(logged("p1"))
    with pytest.raises(InvalidRequest):
        await log.record_outcome(prediction_id="p1", actual=actual)
    kept = await log.get("p1")
    assert kept is not None
    assert kept.actual_outcome is None


@pytest.mark.parametrize(
    "changes",
    [
        {"object_id": "a\x00b"},
        {"created_by": "\ud800"},
        {"confidence_score": float("nan")},
        {"prediction_value": object()},
    ],
)
async def test_a_prediction_that_no_database_can_keep_spoils_no_other(
    log: PredictionLog, logged: Logged, changes: dict[str, Any]
) -> None:
    """A prediction with a value that cannot be stored is refused at once; those around it are kept."""
    await log.append(logged("p1"))
    with pytest.raises(InvalidRequest):
        await log.append(logged("p2", **changes))
    await log.append(logged("p3"))
    await log.flush()
    assert [(await log.get(one)) is not None for one in ("p1", "p2", "p3")] == [True, False, True]


async def test_an_id_that_no_database_can_keep_is_simply_not_found(log: PredictionLog) -> None:
    """Text with a zero character names nothing, on every database alike."""
    assert await log.get("a\x00b") is None
    with pytest.raises(PredictionNotFound):
        await log.record_outcome(prediction_id="a\x00b", actual=True)
    with pytest.raises(PredictionNotFound):
        await log.record_outcome(object_type="Lead", object_id="a\x00b", model_id="m", actual=True)


async def test_arms_are_counted_by_the_model_that_answered(log: PredictionLog, logged: Logged) -> None:
    """Each arm counts predictions, distinct subjects, mean confidence and judged outcomes; other experiments do not count."""
    arm = {"experiment_id": "lead-scoring-v2", "subject_kind": "object"}
    champion = {**arm, "variant": "champion"}
    challenger = {**arm, "variant": "challenger", "model_id": "lead-scoring-v2"}
    await log.append(logged("a", **champion, object_id="1", confidence_score=80.0))
    await log.append(logged("b", **champion, object_id="1", confidence_score=None))
    await log.append(logged("c", **champion, object_id="2", confidence_score=60.0))
    await log.append(logged("d", **{**champion, "subject_kind": "user"}, created_by="1", confidence_score=70.0))
    await log.append(logged("e", **challenger, object_id="3", confidence_score=None))
    await log.append(
        logged("f", **{**challenger, "subject_kind": "features"}, input_features={"x": 1}, confidence_score=None)
    )
    await log.append(
        logged("g", **{**challenger, "subject_kind": "features"}, input_features={"x": 1.0}, confidence_score=None)
    )
    await log.append(logged("h", experiment_id="another", variant="champion"))
    await log.append(logged("i"))
    await log.record_outcome(prediction_id="a", actual=True)
    await log.record_outcome(prediction_id="b", actual=False)
    assert await log.count_arms("lead-scoring-v2") == [
        ArmCount(
            variant="challenger", model_id="lead-scoring-v2", model_version="1.0.0",
            predictions=3, subjects=2, average_confidence=None, outcomes=0, correct=0, arm_subjects=2,
        ),
        ArmCount(
            variant="champion", model_id="lead-scoring-v1", model_version="1.0.0",
            predictions=4, subjects=3, average_confidence=70.0, outcomes=2, correct=1,
            arm_subjects=3, judged_subjects=1, right_subjects=0.5,
        ),
    ]  # fmt: skip
    assert await log.count_arms("unknown") == []


async def test_a_subject_counts_once_in_its_arm_whichever_models_answered_it(
    log: PredictionLog, logged: Logged
) -> None:
    """A new version of the champion makes no second subject of one, and what a fallback got right is no merit of its arm."""
    champion = {"experiment_id": "lead-scoring-v2", "subject_kind": "object", "variant": "champion"}
    challenger = {**champion, "variant": "challenger", "model_id": "lead-scoring-v2"}
    fallback = {**challenger, "model_id": "lead-scoring-v1", "fallback_for": "lead-scoring-v2"}
    await log.append(logged("a", **champion, object_id="1"))
    await log.append(logged("b", **champion, object_id="1", model_version="1.1.0"))
    await log.append(logged("c", **challenger, object_id="2"))
    await log.append(logged("d", **fallback, object_id="2"))
    await log.append(logged("e", **fallback, object_id="3"))
    for prediction_id, actual in (("a", True), ("b", False), ("c", False), ("d", True), ("e", True)):
        await log.record_outcome(prediction_id=prediction_id, actual=actual)
    told = [
        (
            count.variant,
            count.model_version,
            count.subjects,
            count.arm_subjects,
            count.judged_subjects,
            count.right_subjects,
        )
        for count in await log.count_arms("lead-scoring-v2")
    ]
    assert told == [
        ("challenger", "1.0.0", 2, 2, 1, 0.0),
        ("challenger", "1.0.0", 1, 2, 1, 0.0),
        ("champion", "1.0.0", 1, 1, 1, 0.5),
        ("champion", "1.1.0", 1, 1, 1, 0.5),
    ]


async def test_answers_in_shadow_are_counted_apart_from_those_of_a_split(
    log: PredictionLog, logged: Logged, clock: Clock
) -> None:
    """A split counts no answer of the challenger in shadow, a test in shadow only those; and only what came since then."""
    arm = {"experiment_id": "lead-scoring-v2", "subject_kind": "object"}
    early = {"created_date": clock.now() - timedelta(days=1)}
    await log.append(logged("a", **arm, variant="champion", object_id="1"))
    await log.append(logged("b", **arm, variant="challenger", object_id="1", shadow=True))
    await log.append(logged("c", **arm, variant="challenger", object_id="2"))
    await log.append(logged("d", **arm, variant="challenger", object_id="3", **early))

    async def counted(**how: Any) -> dict[str, int]:
        return {count.variant: count.predictions for count in await log.count_arms("lead-scoring-v2", **how)}

    assert await counted() == {"challenger": 2, "champion": 1}
    assert await counted(shadow=True) == {"challenger": 1, "champion": 1}
    assert await counted(since=clock.now() - timedelta(hours=1)) == {"challenger": 1, "champion": 1}


def _count(connection: Connection) -> int:
    return int(connection.scalar(text("SELECT count(*) FROM ai_prediction")) or 0)


async def test_rows_are_written_in_the_background(
    database: Database, clock: Clock, logged: Logged, journal: Journal
) -> None:
    """Appended rows reach the table without a flush, all of them, in groups."""
    log = SQLPredictionLog(database, "ours", clock, journal=journal, flush_seconds=0.0)
    for i in range(1_203):
        await log.append(logged(f"p{i}"))
    async with asyncio.timeout(20):
        while await database.run(_count) < 1_203:
            pass
    await log.aclose()


async def test_closing_writes_what_is_left(database: Database, clock: Clock, logged: Logged, journal: Journal) -> None:
    """Rows that wait for the background task are written when the log is closed."""
    log = SQLPredictionLog(database, "ours", clock, journal=journal, flush_seconds=3_600.0)
    for i in range(7):
        await log.append(logged(f"p{i}"))
    await log.aclose()
    assert await database.run(_count) == 7


async def test_while_the_database_fails_nothing_is_dropped(
    database: Database, clock: Clock, logged: Logged, tmp_path: Path
) -> None:
    """Rows wait while the database fails, a full journal is said, and all of them are written once it works again."""
    small = Journal(tmp_path / "journal", "ours", largest_bytes=2_500)
    log = SQLPredictionLog(database, "ours", clock, journal=small, flush_seconds=3_600.0)
    await database.run(
        lambda connection: connection.execute(text("ALTER TABLE ai_prediction RENAME TO away")), write=True
    )
    for i in range(3):
        await log.append(logged(f"p{i}"))
    with pytest.raises(StorageError):
        await log.flush()
    with pytest.raises(StorageError, match="3 predictions wait for the database"):
        await log.append(logged("p3"))
    await database.run(
        lambda connection: connection.execute(text("ALTER TABLE away RENAME TO ai_prediction")), write=True
    )
    await log.flush()
    assert await database.run(_count) == 3
    await log.append(logged("p3"))
    await log.aclose()
    assert await database.run(_count) == 4


async def test_the_background_task_outlives_a_failure(
    database: Database, clock: Clock, logged: Logged, journal: Journal
) -> None:
    """A failed writing is tried again by itself, without anyone calling flush."""
    log = SQLPredictionLog(database, "ours", clock, journal=journal, flush_seconds=0.001)
    await database.run(
        lambda connection: connection.execute(text("ALTER TABLE ai_prediction RENAME TO away")), write=True
    )
    await log.append(logged("p1"))
    with pytest.raises(StorageError):
        await log.flush()
    await database.run(
        lambda connection: connection.execute(text("ALTER TABLE away RENAME TO ai_prediction")), write=True
    )
    async with asyncio.timeout(20):
        while await database.run(_count) < 1:
            pass
    await log.aclose()


async def test_what_the_database_does_not_take_waits_for_the_next_start(
    database: Database, clock: Clock, logged: Logged, tmp_path: Path
) -> None:
    """A log that is closed while the database fails leaves its rows in the journal, and the next one writes them, each once."""
    log = SQLPredictionLog(
        database, "ours", clock, journal=Journal(tmp_path / "journal", "ours"), flush_seconds=3_600.0
    )
    await database.run(
        lambda connection: connection.execute(text("ALTER TABLE ai_prediction RENAME TO away")), write=True
    )
    for i in range(3):
        await log.append(logged(f"p{i}"))
    await log.aclose()
    await database.run(
        lambda connection: connection.execute(text("ALTER TABLE away RENAME TO ai_prediction")), write=True
    )
    next_log = SQLPredictionLog(database, "ours", clock, journal=Journal(tmp_path / "journal", "ours"))
    assert await next_log.start() == 3
    assert await next_log.get("p1") == logged("p1")
    await next_log.flush()
    assert await database.run(_count) == 3
    await next_log.aclose()
    assert list((tmp_path / "journal").iterdir()) == []


async def test_a_prediction_in_the_journal_of_another_process_is_found(
    database: Database, clock: Clock, logged: Logged, tmp_path: Path
) -> None:
    """What another living process has not moved yet is found, is not taken over, and an outcome of it is joined once it is moved."""
    theirs = SQLPredictionLog(database, "ours", clock, journal=Journal(tmp_path / "journal", "ours"), flush_seconds=0.0)
    ours = SQLPredictionLog(database, "ours", clock, journal=Journal(tmp_path / "journal", "ours"), flush_seconds=0.0)
    await theirs.append(logged("p1"))
    assert await ours.get("p1") == logged("p1")
    assert await ours.start() == 0
    assert await ours.record_outcome(prediction_id="p1", actual=True) == 1
    with pytest.raises(PredictionNotFound):
        await ours.record_outcome(prediction_id="p2", actual=True)
    await ours.aclose()
    await theirs.aclose()


async def test_a_write_that_is_cancelled_doubles_and_loses_nothing(
    database: Database, clock: Clock, logged: Logged, journal: Journal
) -> None:
    """A flush that is cancelled while the database works leaves each row once."""
    log = SQLPredictionLog(database, "ours", clock, journal=journal, flush_seconds=3_600.0)
    for i in range(600):
        await log.append(logged(f"p{i}"))
    flushing = asyncio.get_running_loop().create_task(log.flush())
    await asyncio.sleep(0)
    flushing.cancel()
    await asyncio.gather(flushing, return_exceptions=True)
    await log.aclose()
    assert await database.run(_count) == 600


async def test_a_locked_database_keeps_nobody_waiting(
    sqlite_url: str, clock: Clock, logged: Logged, journal: Journal
) -> None:
    """While another process holds the database, predictions are taken at once, and all of them are moved once it lets go."""
    database = open_database(sqlite_url, busy_timeout_ms=20)
    await upgrade(database)
    log = SQLPredictionLog(database, "ours", clock, journal=journal, flush_seconds=0.001)
    with contextlib.closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for i in range(100):
            await log.append(logged(f"p{i}"))
        with pytest.raises(StorageError, match="is locked by another process"):
            await log.flush()
        assert len(journal) == 100
        other.execute("ROLLBACK")
    await log.flush()
    assert await database.run(_count) == 100
    await log.aclose()
    await database.aclose()


async def test_an_outcome_of_an_object_waits_for_what_another_process_has_just_answered(
    database: Database, clock: Clock, logged: Logged, tmp_path: Path
) -> None:
    """A prediction that is in the journal of another process alone is joined as well, of those imported together, too."""
    theirs, ours = (SQLPredictionLog(database, "ours", clock, journal=Journal(tmp_path / "both", "ours")) for _ in "ab")
    about = {"object_type": "Lead", "model_id": "lead-scoring-v1"}
    await theirs.append(logged("p1", object_id="7"))
    assert await ours.record_outcome(**about, object_id="7", actual=True) == 1
    await theirs.append(logged("p2", object_id="8", model_id="lead-scoring-v2"))
    outcomes = [KnownOutcome(**about, object_id=id_, actual=False) for id_ in ("7", "8", "9")]
    assert await ours.record_outcomes(outcomes) == [1, 1, 0]
    await theirs.aclose()
    await ours.aclose()
