"""Turns what was counted of a model into the figures that people read."""

from __future__ import annotations

from datetime import datetime

from hotcrm_ai.domain.performance import ModelPerformanceStats
from hotcrm_ai.monitoring.quantile_sketch import QuantileSketch, merged
from hotcrm_ai.monitoring.tally import Tally


def stats_of(
    model_id: str, tally: Tally, *, last_updated: datetime | None, judged: tuple[int, int] = (0, 0)
) -> ModelPerformanceStats:
    """Return the stats of a tally; ``judged`` says how many answers have a known outcome, and how many of them were right."""
    outcomes, correct = judged
    everything: QuantileSketch = merged((tally.fresh, tally.cached))
    return ModelPerformanceStats(
        model_id=model_id,
        total_predictions=tally.calls,
        successful_predictions=everything.count,
        failed_predictions=tally.failed,
        average_latency=everything.mean(),
        median_latency=everything.quantile(0.5),
        p95_latency=everything.quantile(0.95),
        p99_latency=everything.quantile(0.99),
        average_confidence=tally.confidence_total / tally.confidence_count if tally.confidence_count else None,
        cache_hit_rate=100.0 * tally.cached.count / tally.calls,
        error_rate=100.0 * tally.failed / tally.calls,
        last_updated=last_updated,
        fresh_predictions=tally.fresh_calls,
        fresh_average_latency=tally.fresh.mean(),
        fresh_median_latency=tally.fresh.quantile(0.5),
        fresh_p95_latency=tally.fresh.quantile(0.95),
        fresh_p99_latency=tally.fresh.quantile(0.99),
        fresh_error_rate=100.0 * tally.failed / tally.fresh_calls if tally.fresh_calls else 0.0,
        live_accuracy=100.0 * correct / outcomes if outcomes else None,
    )
