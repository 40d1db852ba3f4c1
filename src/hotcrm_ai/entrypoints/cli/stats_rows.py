"""Shows what is known of each model's answers as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table

from hotcrm_ai.entrypoints.cli.screen import number, table

if TYPE_CHECKING:
    from hotcrm_ai.domain.performance import ModelPerformanceStats
    from hotcrm_ai.domain.spending import ModelUsage


def stats_table(found: Sequence[ModelPerformanceStats]) -> Table:
    """Return the table of answers, failed calls, cache hits, latencies of fresh answers (milliseconds), confidence and accuracy."""
    rows = [
        (
            stats.model_id,
            number(stats.successful_predictions, 0),
            number(stats.failed_predictions, 0),
            number(stats.cache_hit_rate, 1, " %"),
            number(stats.fresh_median_latency, 2),
            number(stats.fresh_p95_latency, 2),
            number(stats.fresh_p99_latency, 2),
            number(stats.average_confidence, 1, " %"),
            number(stats.live_accuracy, 1, " %"),
        )
        for stats in found
    ]
    columns = ("Model", "Answers", "Failed", "Cached", "p50 ms", "p95 ms", "p99 ms", "Conf.", "Right")
    return table(columns, rows, right=columns[1:])


def usage_table(found: Sequence[ModelUsage]) -> Table:
    """Return the table of calls, tokens and money by model and day, with the budget and the date of the price."""
    rows = [
        (
            usage.model_id,
            usage.day.isoformat(),
            number(usage.calls, 0),
            number(usage.tokens, 0),
            _money(usage),
            _budget(usage),
            usage.price_as_of.isoformat() if usage.price_as_of is not None else None,
        )
        for usage in found
    ]
    columns = ("Model", "Day", "Calls", "Tokens", "Cost", "Budget", "Price of")
    return table(columns, rows, right=("Calls", "Tokens", "Cost", "Budget"))


def _money(usage: ModelUsage) -> str | None:
    parts = [f"{amount:.4f} {currency}" for currency, amount in usage.amounts.items()]
    if usage.unpriced:
        parts.append(f"{usage.unpriced} without price")
    return ", ".join(parts) or None


def _budget(usage: ModelUsage) -> str | None:
    budget = usage.daily_budget
    if budget is None:
        return None
    parts = [] if budget.amount is None else [f"{budget.amount:g} {budget.currency}"]
    return ", ".join(parts + ([] if budget.tokens is None else [f"{budget.tokens:,} tokens"]))
