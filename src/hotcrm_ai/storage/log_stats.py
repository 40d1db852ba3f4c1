"""Tells from the prediction log what each model answered: counts, latency percentiles, cache hits, confidence and accuracy."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, case, func, select

from hotcrm_ai.storage.database import Database
from hotcrm_ai.storage.tables import ai_prediction as predictions


class LoggedStats(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Counts, latencies (milliseconds) and rates (per cent) of one model's answered predictions.

    The log holds no failed predictions, so nothing is said of them. ``fresh_*`` leave answers from the cache out; ``live_accuracy`` is
    None where no outcomes are known. Percentiles are exact (nearest rank).
    """

    model_id: str
    total_predictions: int
    average_latency: float
    median_latency: float
    p95_latency: float
    p99_latency: float
    average_confidence: float | None
    cache_hit_rate: float
    fresh_predictions: int
    fresh_average_latency: float | None
    fresh_median_latency: float | None
    fresh_p95_latency: float | None
    fresh_p99_latency: float | None
    outcomes: int
    live_accuracy: float | None
    last_updated: datetime


async def logged_stats(
    database: Database, workspace: str, *, model_id: str | None = None, since: datetime | None = None
) -> list[LoggedStats]:
    """Return the stats of every model that answered (since then), or of one, in order of id; shadow answers do not count.

    Raises:
        StorageError: the database failed.
    """
    query = _aggregated(workspace, model_id, since)
    rows = await database.run(lambda connection: connection.execute(query).mappings().all())
    return [_stats(dict(row)) for row in rows]


def _aggregated(workspace: str, model_id: str | None, since: datetime | None) -> Select[Any]:
    column = predictions.c
    chosen = [column.workspace == workspace, column.shadow.is_(False)]
    chosen += [column.model_id == model_id] if model_id is not None else []
    chosen += [column.created_date >= since] if since is not None else []
    every, kind = column.model_id, (column.model_id, column.was_cached)
    latency = column.processing_time_ms
    ranked = (
        select(
            column.model_id,
            latency.label("latency"),
            column.was_cached,
            column.confidence_score,
            column.is_correct,
            column.created_date,
            func.row_number().over(partition_by=every, order_by=latency).label("rank"),
            func.count().over(partition_by=every).label("count"),
            func.row_number().over(partition_by=kind, order_by=latency).label("kind_rank"),
            func.count().over(partition_by=kind).label("kind_count"),
        )
        .where(*chosen)
        .subquery()
    )
    row = ranked.c
    is_fresh = row.was_cached.is_(False)
    return (
        select(
            row.model_id,
            func.count().label("total_predictions"),
            func.avg(row.latency).label("average_latency"),
            _percentile(row.latency, row.rank, row.count, 50).label("median_latency"),
            _percentile(row.latency, row.rank, row.count, 95).label("p95_latency"),
            _percentile(row.latency, row.rank, row.count, 99).label("p99_latency"),
            func.avg(row.confidence_score).label("average_confidence"),
            func.sum(case((is_fresh, 1), else_=0)).label("fresh_predictions"),
            func.avg(case((is_fresh, row.latency))).label("fresh_average_latency"),
            _percentile(row.latency, row.kind_rank, row.kind_count, 50, is_fresh).label("fresh_median_latency"),
            _percentile(row.latency, row.kind_rank, row.kind_count, 95, is_fresh).label("fresh_p95_latency"),
            _percentile(row.latency, row.kind_rank, row.kind_count, 99, is_fresh).label("fresh_p99_latency"),
            func.count(row.is_correct).label("outcomes"),
            func.sum(case((row.is_correct.is_(True), 1), else_=0)).label("correct"),
            func.max(row.created_date).label("last_updated"),
        )
        .group_by(row.model_id)
        .order_by(row.model_id)
    )


def _percentile(latency: Any, rank: Any, count: Any, per_cent: int, *also: ColumnElement[bool]) -> Any:
    """Return the nearest-rank percentile: the smallest latency whose rank reaches that share of the count."""
    reaches = rank * 100 >= count * per_cent
    for condition in also:
        reaches = reaches & condition
    return func.min(case((reaches, latency)))


def _stats(row: dict[str, Any]) -> LoggedStats:
    total, correct = row["total_predictions"], row.pop("correct")
    return LoggedStats(
        **row,
        cache_hit_rate=100.0 * (total - row["fresh_predictions"]) / total,
        live_accuracy=100.0 * correct / row["outcomes"] if row["outcomes"] else None,
    )
