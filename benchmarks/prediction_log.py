"""Measure what the prediction log costs a prediction, and how long statistics over many logged predictions take.

Run it with ``python benchmarks/prediction_log.py [--rows 1000000] [--judged 0.1] [--url URL]``; figures are printed as Markdown.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import secrets
import statistics
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, insert

from hotcrm_ai import AI, Settings
from hotcrm_ai.domain.performance import HealthThresholds
from hotcrm_ai.domain.prediction import LoggedPrediction
from hotcrm_ai.monitoring import MinuteBook, PerformanceMonitor
from hotcrm_ai.pipeline import PredictionService
from hotcrm_ai.ports.clock import SystemClock
from hotcrm_ai.storage import Database, Journal, SQLPerformanceStore, SQLPredictionLog, open_database, upgrade
from hotcrm_ai.storage.database import LONG_SECONDS
from hotcrm_ai.storage.outcome_counts import Judged, count_judged
from hotcrm_ai.storage.prediction_rows import row_of
from hotcrm_ai.storage.tables import ai_prediction

MODEL = "lead-scoring-v1"
PER_SECOND = 50
CALLS, ROUNDS = 1_000, 9
_POSTGRESQL_SETTINGS = ("server_version", "fsync", "synchronous_commit", "full_page_writes")


class PastClock(SystemClock):
    """A clock that a fill moves through the past; monotonic time stays the machine's."""

    moment: datetime | None = None

    def now(self) -> datetime:
        return self.moment or super().now()


def prediction(number: int, at: datetime, latency: float, judged: bool) -> LoggedPrediction:
    """Return one answered lead score."""
    return LoggedPrediction(
        id=f"{number:032x}",
        requested_model_id=MODEL,
        model_id=MODEL,
        model_version="1.0.0",
        model_revision=1,
        bundle_digest="a" * 64,
        variant="none",
        experiment_id=None,
        subject_kind=None,
        prediction_type="lead-scoring",
        input_features={"company_size": number, "industry": "Technology", "engagement_score": 85, "budget": 50_000},
        prediction_value={"score": 92.0, "class": "hot", "probability": 0.92},
        confidence_score=92.0,
        processing_time_ms=latency,
        was_cached=False,
        provider="local",
        fallback_for=None,
        object_type="Lead",
        object_id=f"LD-{number}",
        created_by=None,
        created_date=at,
        is_correct=True if judged else None,
    )


class NoLog:
    """A prediction log that keeps nothing, to compare with."""

    async def append(self, prediction: LoggedPrediction) -> None:
        """Forget the prediction."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"this benchmark does not use {name}")


async def cost_for_a_prediction(url: str | None, folder: Path) -> None:
    """Time whole fresh predictions with the log and without one, in alternating rounds in one process."""
    lead = {"company_size": 500, "industry": "Technology", "engagement_score": 85, "budget": 50_000}
    settings = Settings(home=folder, workspace="paired", **({"database_url": url} if url else {}))
    async with AI.open(settings) as ai:
        shared: dict[str, Any] = {
            "models": ai.registry,
            "providers": ai.providers,
            "cache": None,
            "clock": SystemClock(),
        }
        shared |= {"monitor": ai.monitor, "new_id": lambda: secrets.token_hex(16), "workspace": "paired"}
        logs = {"with the log": ai._parts.kept.log, "without": NoLog()}
        services = {name: PredictionService(**shared, log=log) for name, log in logs.items()}
        whole: dict[str, list[float]] = {name: [] for name in services}
        single: dict[str, list[float]] = {name: [] for name in services}
        for _ in range(ROUNDS):
            for name, service in services.items():
                began = perf_counter()
                calls = [await timed(lambda s=service: s.predict(MODEL, lead, use_cache=False)) for _ in range(CALLS)]
                await ai._parts.kept.log.flush()
                whole[name].append(1e6 * (perf_counter() - began) / CALLS)
                single[name].append(1e3 * statistics.median(calls))
        for what, times in (("as the caller waits, p50", single), ("with its rows moved, all work", whole)):
            low = {name: min(found) for name, found in times.items()}
            shown = ", ".join(f"{name} {value:.0f} µs" for name, value in low.items())
            print(
                f"| prediction {what} | {shown} (best of {ROUNDS}) | ratio {low['with the log'] / low['without']:.2f} |"
            )


async def cost_of_logging(database: Database, folder: Path) -> None:
    """Time single appends: in a row, and at 200 a second as a server meets them."""
    log = SQLPredictionLog(database, "cost", SystemClock(), journal=Journal(folder, "cost"))
    rows = [prediction(number, datetime.now(UTC), 1.0, False) for number in range(20_000)]
    in_a_row = [await timed(lambda row=row: log.append(row)) for row in rows]
    began = perf_counter()
    await log.flush()
    moved = len(rows) / (sum(in_a_row) / 1000 + perf_counter() - began)
    paced = []
    for number in range(1_000):
        row = prediction(100_000 + number, datetime.now(UTC), 1.0, False)
        paced.append(await timed(lambda row=row: log.append(row)))
        await asyncio.sleep(0.005)
    await log.aclose()
    for name, times in (("in a row", in_a_row), ("200 a second", paced)):
        shares = statistics.quantiles(times, n=100)
        print(f"| append, {name} | p50 {shares[49] * 1000:.0f} µs | p99 {shares[98] * 1000:.0f} µs |")
    print(f"| moved into the database | {moved:,.0f} rows a second | |")


async def cost_of_statistics(database: Database, rows: int, judged: float) -> None:
    """Fill log and minutes with past traffic of 50 predictions a second, and time the statistics at several sizes."""
    clock = PastClock()
    chance = random.Random(1)  # noqa: S311 - a seeded benchmark

    async def name_of(model_id: str) -> str:
        return model_id

    book = MinuteBook(
        SQLPerformanceStore(database, "stats"),
        clock=clock,
        source="fill",
        thresholds=HealthThresholds(),
        name_of=name_of,
    )
    monitor = PerformanceMonitor(clock=clock, book=book)
    start = datetime.now(UTC) - timedelta(seconds=rows / PER_SECOND)
    group: list[dict[str, object]] = []
    for number in range(1, rows + 1):
        at = start + timedelta(seconds=number / PER_SECOND)
        latency = chance.lognormvariate(1.0, 0.6)
        clock.moment = at
        monitor.book_answer(MODEL, latency, cached=False, confidence=92.0, now=at)
        group.append(row_of(prediction(number, at, latency, chance.random() < judged), workspace="stats"))
        if len(group) == 10_000 or number == rows:
            await book.write()
            batch, group = group, []
            await database.run(lambda c, batch=batch: keep(c, batch), write=True, seconds=LONG_SECONDS)
        if number in (rows // 100, rows // 10, rows):
            clock.moment = None
            edge = (clock.now() - timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
            await book.store.roll_up(before=edge, merge=book.merged)
            by_minute = [await timed(lambda: monitor.get_model_stats(MODEL)) for _ in range(20)]
            health = [await timed(lambda: monitor.get_health_status(MODEL)) for _ in range(20)]
            print(
                f"| {number:,} logged | stats min {min(by_minute):.1f} ms, median {statistics.median(by_minute):.1f} ms "
                f"| health min {min(health):.1f} ms, median {statistics.median(health):.1f} ms |"
            )
    await monitor.aclose()


def keep(connection: Connection, batch: list[dict[str, object]]) -> None:
    """Write rows with the counts of their outcomes, as the log does."""
    connection.execute(insert(ai_prediction), batch)
    judged = [row for row in batch if row["is_correct"] is not None]
    changes = [Judged(model_id=MODEL, created_date=row["created_date"], before=None, after=True) for row in judged]
    count_judged(connection, "stats", changes)


def durability(connection: Connection) -> str:
    """Return the settings of the database that decide what a commit costs, as the database tells them."""
    names = ("journal_mode", "synchronous") if connection.dialect.name == "sqlite" else _POSTGRESQL_SETTINGS
    show = "PRAGMA" if connection.dialect.name == "sqlite" else "SHOW"
    return ", ".join(f"{name} {connection.exec_driver_sql(f'{show} {name}').scalar()}" for name in names)


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Return how long work takes, in milliseconds."""
    began = perf_counter()
    await work()
    return 1000.0 * (perf_counter() - began)


async def main() -> None:
    """Measure on SQLite in a new folder, or on the database of ``--url``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--judged", type=float, default=0.1, help="share of predictions with an outcome")
    parser.add_argument("--url")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        await cost_for_a_prediction(given.url, Path(folder) / "home")
        database = open_database(given.url or f"sqlite:///{folder}/workspace.db")
        await upgrade(database)
        print(f"Measured on {database.name}: {await database.run(durability)}")
        await cost_of_logging(database, Path(folder) / "journal")
        await cost_of_statistics(database, given.rows, given.judged)
        await database.aclose()


if __name__ == "__main__":
    asyncio.run(main())
