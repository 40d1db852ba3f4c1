"""Takes in every prediction and tells each model's counts, latencies, errors and health."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Final

from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.domain.performance import (
    Health,
    HealthThresholds,
    ModelPerformanceStats,
    PredictionMetric,
    RecordedError,
)
from hotcrm_ai.monitoring.health import judge
from hotcrm_ai.monitoring.quantile_sketch import QuantileSketch, merged
from hotcrm_ai.monitoring.tally import Tally, TallySlices
from hotcrm_ai.ports.clock import Clock

SLICE_SECONDS: Final = 5.0
LONGEST_WINDOW_SECONDS: Final = 3600.0
_ERRORS_KEPT: Final = 100
_MESSAGE_CHARACTERS: Final = 500


class _Series:
    """Everything kept of one model."""

    __slots__ = ("correct", "errors", "last_updated", "outcomes", "slices")

    def __init__(self) -> None:
        self.slices = TallySlices(
            slice_seconds=SLICE_SECONDS, keep_slices=int(LONGEST_WINDOW_SECONDS / SLICE_SECONDS) + 1
        )
        self.errors: deque[RecordedError] = deque(maxlen=_ERRORS_KEPT)
        self.last_updated: datetime | None = None
        self.outcomes = 0
        self.correct = 0


class PerformanceMonitor:
    """Performance and health of every model that answered or failed in this process.

    The caller books registered models only, so an invented model id makes no series. Windows follow the monotonic clock: a step of
    the wall clock changes nothing.
    """

    def __init__(self, *, clock: Clock, thresholds: HealthThresholds | None = None) -> None:
        self._clock = clock
        self._began = clock.monotonic()
        self._thresholds = thresholds or HealthThresholds()
        self._series: dict[str, _Series] = {}
        self._outage_of: Callable[[str], str | None] | None = None

    def watch_outages(self, outage_of: Callable[[str], str | None]) -> None:
        """Let a function say why a model is not asked at the moment; such a model is unhealthy whatever was counted."""
        self._outage_of = outage_of

    async def record(self, metric: PredictionMetric) -> None:
        """Take in one prediction; raises ``ConfigError`` where its latency or confidence is no finite number of 0 or more."""
        for name, value in (("latency", metric.latency), ("confidence", metric.confidence)):
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise ConfigError(
                    f"The {name} of a prediction of {metric.model_id!r} is {value!r}; give a finite number ≥ 0."
                )
        stamp = metric.timestamp or self._clock.now()
        if metric.success:
            self.book_answer(
                metric.model_id, metric.latency, cached=metric.cached, confidence=metric.confidence, now=stamp
            )
        else:
            self.book_failure(
                metric.model_id, metric.latency, code=metric.error_code, message=metric.error or "", now=stamp
            )

    def book_answer(
        self, model_id: str, latency: float, *, cached: bool, confidence: float | None, now: datetime
    ) -> None:
        """Count an answer (latency in milliseconds) under the model that gave it."""
        series = self._series_of(model_id)
        series.slices.add_answer(self._elapsed(), latency, cached=cached, confidence=confidence)
        series.last_updated = now

    def book_failure(self, model_id: str, latency: float, *, code: str | None, message: str, now: datetime) -> None:
        """Count a failed call under the model that was asked, and keep its message among the recent errors."""
        series = self._series_of(model_id)
        series.slices.add_failure(self._elapsed())
        series.last_updated = now
        series.errors.append(
            RecordedError(timestamp=now, code=code, message=message[:_MESSAGE_CHARACTERS], latency=latency)
        )

    def book_outcome(self, model_id: str, *, before: bool | None, after: bool | None) -> None:
        """Count an outcome that became known of one of a model's predictions: whether it was right, ``before`` and ``after``."""
        series = self._series_of(model_id)
        series.outcomes += (after is not None) - (before is not None)
        series.correct += (after is True) - (before is True)

    async def get_model_stats(self, model_id: str, window: float | None = None) -> ModelPerformanceStats | None:
        """Return a model's counts, latencies and rates of the last ``window`` seconds, or since start without it.

        None where nothing was recorded. A window never reaches further back than asked; its far end is exact to five seconds.

        Raises:
            ConfigError: the window is not above 0 and at most an hour.
        """
        series = self._series.get(model_id)
        tally = self._tally(series, window)
        if series is None or tally.calls == 0:
            return None
        return _stats_of(model_id, tally, series)

    async def get_all_stats(self, window: float | None = None) -> dict[str, ModelPerformanceStats]:
        """Return the stats of every model that has any in the window, in order of id."""
        found = {model_id: await self.get_model_stats(model_id, window) for model_id in sorted(self._series)}
        return {model_id: stats for model_id, stats in found.items() if stats is not None}

    async def get_recent_errors(self, model_id: str, limit: int = 10) -> list[RecordedError]:
        """Return the latest failures of a model (the last hundred are kept), newest first."""
        series = self._series.get(model_id)
        return list(reversed(series.errors))[: max(limit, 0)] if series is not None else []

    async def get_health_status(self, model_id: str) -> Health:
        """Return a model's health over the window of the thresholds (five minutes by default)."""
        health = judge(self._tally(self._series.get(model_id), self._thresholds.window_seconds), self._thresholds)
        outage = self._outage_of(model_id) if self._outage_of is not None else None
        return health if outage is None else Health(status="unhealthy", reason=outage, samples=health.samples)

    async def clear(self, model_id: str | None = None) -> None:
        """Forget one model's numbers, or all."""
        if model_id is None:
            self._series.clear()
        else:
            self._series.pop(model_id, None)

    def _series_of(self, model_id: str) -> _Series:
        series = self._series.get(model_id)
        if series is None:
            series = self._series[model_id] = _Series()
        return series

    def _elapsed(self) -> float:
        return self._clock.monotonic() - self._began

    def _tally(self, series: _Series | None, window: float | None) -> Tally:
        if window is not None and not 0 < window <= LONGEST_WINDOW_SECONDS:
            raise ConfigError(
                f"A window of {window!r} seconds cannot be told; give more than 0 and at most {LONGEST_WINDOW_SECONDS:.0f}, "
                "or none for everything since start."
            )
        if series is None:
            return Tally()
        return series.slices.life if window is None else series.slices.since(self._elapsed() - window)


def _stats_of(model_id: str, tally: Tally, series: _Series) -> ModelPerformanceStats:
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
        last_updated=series.last_updated,
        fresh_predictions=tally.fresh_calls,
        fresh_average_latency=tally.fresh.mean(),
        fresh_median_latency=tally.fresh.quantile(0.5),
        fresh_p95_latency=tally.fresh.quantile(0.95),
        fresh_p99_latency=tally.fresh.quantile(0.99),
        fresh_error_rate=100.0 * tally.failed / tally.fresh_calls if tally.fresh_calls else 0.0,
        live_accuracy=100.0 * series.correct / series.outcomes if series.outcomes else None,
    )
