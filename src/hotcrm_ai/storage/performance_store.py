"""Keeps the performance of every model by period and process in ``ai_model_performance``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from hotcrm_ai.domain.performance import PerformancePeriod
from hotcrm_ai.ports.performance_store import Merge
from hotcrm_ai.storage.database import LONG_SECONDS, Database
from hotcrm_ai.storage.outcome_counts import read_counts
from hotcrm_ai.storage.tables import ai_model_performance as periods
from hotcrm_ai.storage.tables import ai_prediction as predictions

_HOUR: Final = timedelta(hours=1)
_KEY: Final = ("workspace", "model_id", "period_start", "period_end", "source")
_READ: Final = ("model_id", "model_name", "period_start", "period_end", "source", "sketches", "last_updated")


class SQLPerformanceStore:
    """A ``PerformanceStore`` over SQLite or PostgreSQL; every method raises ``StorageError`` where the database fails."""

    def __init__(self, database: Database, workspace: str) -> None:
        self._database = database
        self._workspace = workspace

    async def write(self, periods: Sequence[PerformancePeriod]) -> None:
        """Keep periods; one that was kept before, of the same model, start, end and source, is replaced."""
        rows = [self._row(period) for period in periods]
        if rows:
            await self._database.run(lambda connection: _replace(connection, rows), write=True)

    async def read(
        self, *, model_id: str | None = None, since: datetime | None = None, without_source: str | None = None
    ) -> list[PerformancePeriod]:
        """Return the periods that end after a moment, of one model or of all, but not those of one source."""
        chosen: list[ColumnElement[bool]] = [periods.c.workspace == self._workspace]
        chosen += [periods.c.model_id == model_id] if model_id is not None else []
        chosen += [periods.c.period_end > since] if since is not None else []
        chosen += [periods.c.source != without_source] if without_source is not None else []
        return await self._database.run(lambda connection: _read(connection, chosen))

    async def count_outcomes(
        self, *, model_id: str | None = None, since: datetime | None = None, by_hour: bool = False
    ) -> dict[str, tuple[int, int]]:
        """Return of each model how many answers (given since then) are judged, and how many of them were right.

        ``by_hour`` counts whole hours, from that of ``since`` on, without looking at each answer.
        """
        if by_hour:
            return await self._database.run(
                lambda connection: read_counts(connection, self._workspace, model_id, since)
            )
        chosen = self._judged(model_id, since)
        query = (
            select(predictions.c.model_id, func.count(), func.sum(case((predictions.c.is_correct, 1), else_=0)))
            .where(*chosen)
            .group_by(predictions.c.model_id)
        )
        rows = await self._database.run(lambda connection: connection.execute(query).all())
        return {id_: (int(count), int(correct)) for id_, count, correct in rows}

    async def roll_up(self, *, before: datetime, merge: Merge) -> int:
        """Make hours of the minutes that ended before a moment; return how many minutes those were.

        Minutes are taken out and hours put in within one transaction, so that processes that do so at once count nothing twice.
        """
        return await self._database.run(
            lambda connection: self._roll_up(connection, before, merge), write=True, seconds=LONG_SECONDS
        )

    async def clear(self, model_id: str | None = None) -> None:
        """Forget one model, or all."""
        chosen = [periods.c.workspace == self._workspace]
        chosen += [periods.c.model_id == model_id] if model_id is not None else []
        await self._database.run(lambda connection: connection.execute(delete(periods).where(*chosen)), write=True)

    def _judged(self, model_id: str | None, since: datetime | None) -> list[ColumnElement[bool]]:
        column = predictions.c
        chosen = [column.workspace == self._workspace, column.is_correct.is_not(None), column.shadow.is_(False)]
        chosen += [column.model_id == model_id] if model_id is not None else []
        return chosen + ([column.created_date >= since] if since is not None else [])

    def _roll_up(self, connection: Connection, before: datetime, merge: Merge) -> int:
        chosen = [periods.c.workspace == self._workspace, periods.c.period_end <= before]
        minutes = [one for one in _read(connection, chosen) if one.period_end - one.period_start < _HOUR]
        hours: dict[tuple[str, datetime], list[PerformancePeriod]] = defaultdict(list)
        for one in minutes:
            taken = connection.execute(
                delete(periods).where(
                    periods.c.workspace == self._workspace,
                    periods.c.model_id == one.model_id,
                    periods.c.period_start == one.period_start,
                    periods.c.period_end == one.period_end,
                    periods.c.source == one.source,
                )
            )
            if taken.rowcount:
                hours[one.model_id, one.period_start.replace(minute=0)].append(one)
        for (model_id, start), group in hours.items():
            self._keep_hour(connection, merge(group), start=start, model_id=model_id, merge=merge)
        return len(minutes)

    def _keep_hour(
        self, connection: Connection, found: PerformancePeriod, *, start: datetime, model_id: str, merge: Merge
    ) -> None:
        """Write an hour; where this process wrote one for late minutes before, that one is taken in."""
        place = [
            periods.c.workspace == self._workspace,
            periods.c.model_id == model_id,
            periods.c.period_start == start,
            periods.c.period_end == start + _HOUR,
            periods.c.source == found.source,
        ]
        earlier = _read(connection, place)
        whole = merge([*earlier, found]) if earlier else found
        row = self._row(whole) | {"period_start": start, "period_end": start + _HOUR}
        judged = [*self._judged(model_id, start), predictions.c.created_date < start + _HOUR]
        count, correct = connection.execute(
            select(func.count(), func.sum(case((predictions.c.is_correct, 1), else_=0))).where(*judged)
        ).one()
        row["accuracy"] = 100.0 * correct / count if count else None
        _replace(connection, [row])

    def _row(self, period: PerformancePeriod) -> dict[str, Any]:
        stats = period.stats
        if stats is None:
            raise AssertionError("a period is written with its figures")
        return {
            "workspace": self._workspace,
            "model_id": period.model_id,
            "model_name": period.model_name,
            "period_start": period.period_start,
            "period_end": period.period_end,
            "source": period.source,
            "total_predictions": stats.total_predictions,
            "successful_predictions": stats.successful_predictions,
            "failed_predictions": stats.failed_predictions,
            "average_latency_ms": stats.average_latency,
            "p95_latency_ms": stats.p95_latency,
            "p99_latency_ms": stats.p99_latency,
            "average_confidence": stats.average_confidence,
            "cache_hit_rate": stats.cache_hit_rate,
            "error_rate": stats.error_rate,
            "accuracy": stats.live_accuracy,
            "health_status": period.health_status,
            "sketches": period.sketches,
            "last_updated": period.last_updated,
        }


def _read(connection: Connection, chosen: Sequence[ColumnElement[bool]]) -> list[PerformancePeriod]:
    query = select(*(periods.c[name] for name in _READ)).where(*chosen)
    return [PerformancePeriod(**row) for row in connection.execute(query).mappings()]


def _replace(connection: Connection, rows: list[dict[str, Any]]) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(periods)
    changes = {name: insert.excluded[name] for name in rows[0] if name not in _KEY}
    connection.execute(insert.on_conflict_do_update(index_elements=list(_KEY), set_=changes), rows)
