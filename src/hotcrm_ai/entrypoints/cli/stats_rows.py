"""Shows what is known of each model's answers as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table

from hotcrm_ai.entrypoints.cli.screen import number, table

if TYPE_CHECKING:
    from hotcrm_ai.assembly.inspection import LoggedStats
    from hotcrm_ai.domain.performance import ModelPerformanceStats


def stats_table(found: Sequence[LoggedStats | ModelPerformanceStats]) -> Table:
    """Return the table of answers, cache hits, latencies of fresh answers (milliseconds), confidence and accuracy."""
    rows = [
        (
            stats.model_id,
            number(stats.total_predictions, 0),
            number(stats.cache_hit_rate, 1, " %"),
            number(stats.fresh_median_latency, 2),
            number(stats.fresh_p95_latency, 2),
            number(stats.fresh_p99_latency, 2),
            number(stats.average_confidence, 1, " %"),
            number(stats.live_accuracy, 1, " %"),
        )
        for stats in found
    ]
    columns = ("Model", "Answers", "Cached", "p50 ms", "p95 ms", "p99 ms", "Conf.", "Right")
    return table(columns, rows, right=columns[1:])
