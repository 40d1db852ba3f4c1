"""The counts of all processes meet in the database, survive restarts, and are told alike by every process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from hotcrm_ai.domain.performance import HealthThresholds
from hotcrm_ai.monitoring import MinuteBook, PerformanceMonitor
from hotcrm_ai.storage import Database, Journal, SQLPerformanceStore, SQLPredictionLog

MODEL = "lead-scoring-v1"
OpenMonitor = Callable[..., PerformanceMonitor]


async def name_of(model_id: str) -> str:
    """Call every model by its id in capitals."""
    return model_id.upper()


@pytest.fixture
async def open_monitor(database: Database, clock: Any) -> AsyncIterator[OpenMonitor]:
    """Opens the monitor of one process after another, in a workspace."""
    opened = []

    def open_one(source: str, workspace: str = "ours") -> PerformanceMonitor:
        store = SQLPerformanceStore(database, workspace)
        thresholds = HealthThresholds()
        book = MinuteBook(store, clock=clock, source=source, thresholds=thresholds, name_of=name_of)
        opened.append(PerformanceMonitor(clock=clock, thresholds=thresholds, book=book))
        return opened[-1]

    yield open_one
    for monitor in opened:
        await monitor.aclose()


def answer(monitor: PerformanceMonitor, clock: Any, *latencies: float, cached: bool = False) -> None:
    for latency in latencies:
        monitor.book_answer(MODEL, latency, cached=cached, confidence=80.0, now=clock.now())


def fail(monitor: PerformanceMonitor, clock: Any, times: int) -> None:
    for _ in range(times):
        monitor.book_failure(MODEL, 1.0, code="provider_timeout", message="too slow", now=clock.now())


async def test_two_processes_tell_one_answer(open_monitor: OpenMonitor, clock: Any) -> None:
    """What two processes counted is told as a whole by both, with the percentiles of all answers together."""
    left, right, stranger = open_monitor("left"), open_monitor("right"), open_monitor("left", "another")
    answer(left, clock, *(float(number) for number in range(1, 51)))
    answer(right, clock, *(float(number) for number in range(51, 101)))
    answer(right, clock, 1.0, cached=True)
    fail(left, clock, 5)
    answer(stranger, clock, 9_999.0)
    await asyncio.gather(left.get_all_stats(), right.get_all_stats())
    told = [await monitor.get_model_stats(MODEL) for monitor in (left, right)]
    assert told[0] == told[1]
    whole = told[0]
    assert whole is not None
    assert (whole.total_predictions, whole.successful_predictions, whole.failed_predictions) == (106, 101, 5)
    assert whole.fresh_median_latency == pytest.approx(50.5, rel=0.01)
    assert whole.fresh_p95_latency == pytest.approx(95.05, rel=0.01)
    assert whole.fresh_error_rate == pytest.approx(100.0 * 5 / 105)
    assert whole.average_confidence == 80.0


async def test_windows_and_health_are_of_all_processes(open_monitor: OpenMonitor, clock: Any) -> None:
    """A process that had no failure tells those of the others, in its window and in its health, and forgets them with time."""
    left, right = open_monitor("left"), open_monitor("right")
    answer(left, clock, *[5.0] * 30)
    fail(right, clock, 30)
    await right.aclose()
    windowed = await left.get_model_stats(MODEL, 60.0)
    assert windowed is not None
    assert (windowed.total_predictions, windowed.failed_predictions) == (60, 30)
    health = await left.get_health_status(MODEL)
    assert (health.status, health.samples) == ("unhealthy", 60)
    clock.seconds += 3_000.0
    assert (await left.get_health_status(MODEL)).status == "unknown"
    assert await left.get_model_stats(MODEL, 60.0) is None


async def test_counts_survive_a_restart(open_monitor: OpenMonitor, clock: Any) -> None:
    """What a process counted before it was closed is told by the next one."""
    first = open_monitor("first")
    answer(first, clock, 5.0, 7.0)
    await first.aclose()
    after = await open_monitor("second").get_model_stats(MODEL)
    assert after is not None
    assert (after.total_predictions, after.average_latency) == (2, 6.0)
    assert after.last_updated == datetime(2026, 3, 31, 12, tzinfo=UTC)


async def test_while_the_database_is_away_a_process_tells_its_own(
    open_monitor: OpenMonitor, clock: Any, database: Database
) -> None:
    """Statistics fail with no database; nothing counted meanwhile is lost."""
    monitor = open_monitor("left")
    away = [
        text("ALTER TABLE ai_model_performance RENAME TO away"),
        text("ALTER TABLE away RENAME TO ai_model_performance"),
    ]
    await database.run(lambda connection: connection.execute(away[0]), write=True)
    answer(monitor, clock, 5.0)
    own = await monitor.get_model_stats(MODEL)
    assert own is not None
    assert own.total_predictions == 1
    await database.run(lambda connection: connection.execute(away[1]), write=True)
    await monitor.aclose()
    again = await open_monitor("right").get_model_stats(MODEL)
    assert again is not None
    assert again.total_predictions == 1


async def test_old_minutes_become_hours(open_monitor: OpenMonitor, clock: Any, database: Database) -> None:
    """Minutes of several processes become one row an hour, the whole stays the same, and doing it again changes nothing."""
    for source in ("left", "right"):
        monitor = open_monitor(source)
        for minute in range(3):
            clock.seconds = 60.0 * minute
            answer(monitor, clock, 5.0 + minute)
        await monitor.aclose()
    clock.seconds = 60.0 * 180
    keeper = open_monitor("keeper")
    before = await keeper.get_model_stats(MODEL)
    assert keeper._book is not None
    for expected in (6, 0):
        edge = clock.now() - timedelta(hours=1)
        assert await keeper._book.store.roll_up(before=edge, merge=keeper._book.merged) == expected
    rows = await database.run(_rows)
    assert [(row.total_predictions, row.model_name, row.average_latency_ms) for row in rows] == [
        (6, MODEL.upper(), 6.0)
    ]
    assert await keeper.get_model_stats(MODEL) == before
    late = open_monitor("late")
    clock.seconds = 0.0
    answer(late, clock, 11.0)
    await late.aclose()
    clock.seconds = 60.0 * 180
    assert await keeper._book.store.roll_up(before=edge, merge=keeper._book.merged) == 1
    assert [row.total_predictions for row in await database.run(_rows)] == [7]


async def test_live_accuracy_is_of_the_log(
    open_monitor: OpenMonitor, clock: Any, database: Database, journal: Journal, logged: Any
) -> None:
    """Outcomes that any process joined, changed or took back count for the live accuracy of every window; shadow answers do not."""
    log = SQLPredictionLog(database, "ours", clock, journal=journal)
    for number in range(4):
        await log.append(logged(f"p{number}", object_id=str(number), shadow=number == 3))
    for number, actual in enumerate((True, True, False, False)):
        await log.record_outcome(object_type="Lead", object_id=str(number), model_id=MODEL, actual=actual)
    monitor = open_monitor("left")
    answer(monitor, clock, 5.0)
    stats = await monitor.get_model_stats(MODEL)
    assert stats is not None
    assert stats.live_accuracy == pytest.approx(200 / 3)
    await log.record_outcome(prediction_id="p2", actual=True)
    await log.record_outcome(prediction_id="p0", actual=None)
    for window in (None, 600.0, 86_400.0):
        changed = await monitor.get_model_stats(MODEL, window)
        assert changed is not None
        assert changed.live_accuracy == 100.0, window
    await log.record_outcome(prediction_id="p1", actual=None)
    await log.record_outcome(prediction_id="p2", actual=None)
    for window in (None, 600.0, 86_400.0):
        unjudged = await monitor.get_model_stats(MODEL, window)
        assert unjudged is not None
        assert unjudged.live_accuracy is None, window
    await log.aclose()


async def test_outcomes_that_race_are_counted_once(
    clock: Any, database: Database, journal: Journal, logged: Any
) -> None:
    """The same outcome, told twenty times at once, is one judged answer; the hours of the answers are told apart by the window."""
    log = SQLPredictionLog(database, "ours", clock, journal=journal)
    await log.append(logged("p"))
    await log.flush()
    await asyncio.gather(*(log.record_outcome(prediction_id="p", actual=True) for _ in range(20)))
    store = SQLPerformanceStore(database, "ours")
    assert await store.count_outcomes(by_hour=True) == {MODEL: (1, 1)}
    assert await store.count_outcomes(by_hour=True, since=clock.now() + timedelta(minutes=59)) == {MODEL: (1, 1)}
    assert await store.count_outcomes(by_hour=True, since=clock.now() + timedelta(hours=1)) == {}
    await log.aclose()


async def test_a_cleared_model_is_forgotten_everywhere(open_monitor: OpenMonitor, clock: Any) -> None:
    """Clearing one model leaves no count of it in any process that has written, and none of another model is touched."""
    left = open_monitor("left")
    answer(left, clock, 5.0)
    left.book_answer("churn-v1", 1.0, cached=False, confidence=None, now=clock.now())
    await left.get_all_stats()
    await left.clear(MODEL)
    assert list(await left.get_all_stats()) == ["churn-v1"]
    assert list(await open_monitor("right").get_all_stats()) == ["churn-v1"]


def _rows(connection: Connection) -> Any:
    return connection.execute(text("SELECT * FROM ai_model_performance")).all()


async def test_what_belongs_to_a_minute_that_is_over_is_added_to_it(open_monitor: OpenMonitor, clock: Any) -> None:
    """A late metric, or a clock that was put back, takes nothing away from what the minute had already counted."""
    monitor = open_monitor("left")
    began = clock.now()
    answer(monitor, clock, 5.0, 7.0)
    await monitor.get_all_stats()
    clock.seconds += 600.0
    answer(monitor, clock, 9.0)
    await monitor.get_all_stats()
    monitor.book_answer(MODEL, 11.0, cached=False, confidence=80.0, now=began)
    after = await monitor.get_model_stats(MODEL)
    assert after is not None
    assert (after.total_predictions, after.average_latency) == (4, 8.0)


async def test_forgetting_while_minutes_are_written_leaves_nothing_behind(database: Database, clock: Any) -> None:
    """A model that is forgotten in the middle of a write does not come back with it, and later writes work."""
    naming, named = asyncio.Event(), asyncio.Event()

    async def slow_name_of(model_id: str) -> str:
        naming.set()
        await named.wait()
        return model_id

    store = SQLPerformanceStore(database, "ours")
    book = MinuteBook(store, clock=clock, source="left", thresholds=HealthThresholds(), name_of=slow_name_of)
    monitor = PerformanceMonitor(clock=clock, book=book)
    answer(monitor, clock, 5.0)
    writing = asyncio.create_task(book.write())
    await naming.wait()
    forgetting = asyncio.create_task(monitor.clear(MODEL))
    await asyncio.sleep(0)
    named.set()
    await asyncio.gather(writing, forgetting)
    assert await monitor.get_model_stats(MODEL) is None
    answer(monitor, clock, 6.0)
    again = await monitor.get_model_stats(MODEL)
    assert again is not None
    assert again.total_predictions == 1
    await monitor.aclose()
