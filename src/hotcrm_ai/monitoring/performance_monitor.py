"""Takes in every prediction and tells each model's counts, latencies, errors and health."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.domain.performance import (
    Health,
    HealthThresholds,
    ModelPerformanceStats,
    PerformancePeriod,
    PredictionMetric,
    RecordedError,
)
from hotcrm_ai.monitoring.health import judge
from hotcrm_ai.monitoring.minute_book import MinuteBook, tally_of
from hotcrm_ai.monitoring.stats_of_tally import stats_of
from hotcrm_ai.monitoring.tally import Tally, TallySlices, merged_tallies
from hotcrm_ai.ports.clock import Clock

SLICE_SECONDS: Final = 5.0
LONGEST_WINDOW_SECONDS: Final = 3600.0
LONGEST_BOOKED_SECONDS: Final = 100 * 365 * 86_400.0
"""A hundred years, which is all that is in a book; dates that lie much further back do not exist."""
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
    """Performance and health of every model that answered or failed: in this process, and with a ``book`` in all of the workspace.

    What others did is known within seconds and by the minute, so a window may reach up to a minute further back for them; what this
    process did is exact. Without a window the counts are those of the book alone, so every process tells the same, also after restarts.
    While the book's store is away, this process tells its own counts.

    The caller books registered models only, so an invented model id makes no series. A process counts its own windows by the monotonic
    clock: a step of the wall clock changes nothing there.
    """

    def __init__(
        self, *, clock: Clock, thresholds: HealthThresholds | None = None, book: MinuteBook | None = None
    ) -> None:
        self._book = book
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
        if self._book is not None:
            self._book.add_answer(model_id, latency, cached=cached, confidence=confidence, now=now)

    def book_failure(self, model_id: str, latency: float, *, code: str | None, message: str, now: datetime) -> None:
        """Count a failed call under the model that was asked, and keep its message among the recent errors."""
        series = self._series_of(model_id)
        series.slices.add_failure(self._elapsed())
        series.last_updated = now
        series.errors.append(
            RecordedError(timestamp=now, code=code, message=message[:_MESSAGE_CHARACTERS], latency=latency)
        )
        if self._book is not None:
            self._book.add_failure(model_id, now=now)

    def book_outcome(self, model_id: str, *, before: bool | None, after: bool | None) -> None:
        """Count an outcome that became known of one of a model's predictions: whether it was right, ``before`` and ``after``."""
        series = self._series_of(model_id)
        series.outcomes += (after is not None) - (before is not None)
        series.correct += (after is True) - (before is True)

    async def get_model_stats(self, model_id: str, window: float | None = None) -> ModelPerformanceStats | None:
        """Return a model's counts, latencies and rates of the last ``window`` seconds, or since start without it.

        None where nothing was recorded. A window of up to an hour never reaches further back than asked, and its far end is exact to five
        seconds. A longer one is told from the book, by the hour: it may reach up to an hour further back.

        Raises:
            ConfigError: the window is not above 0, or it is above an hour and there is no book.
        """
        return (await self._stats(model_id, window)).get(model_id)

    async def get_all_stats(self, window: float | None = None) -> dict[str, ModelPerformanceStats]:
        """Return the stats of every model that has any in the window, in order of id."""
        return await self._stats(None, window)

    def since_start(self) -> dict[str, dict[str, int]]:
        """Return of each model how many calls were answered fresh, from the cache, or failed, in this process since it started."""
        return {
            model_id: {
                "fresh": series.slices.life.fresh.count,
                "cached": series.slices.life.cached.count,
                "failed": series.slices.life.failed,
            }
            for model_id, series in self._series.items()
        }

    async def get_recent_errors(self, model_id: str, limit: int = 10) -> list[RecordedError]:
        """Return the latest failures of a model (the last hundred are kept), newest first."""
        series = self._series.get(model_id)
        return list(reversed(series.errors))[: max(limit, 0)] if series is not None else []

    async def get_health_status(self, model_id: str) -> Health:
        """Return a model's health over the window of the thresholds (five minutes by default)."""
        others = await self._others(model_id)
        return self._health(model_id, others)

    async def get_all_health(self) -> dict[str, Health]:
        """Return the health of every model that was asked in the window, in order of id."""
        by_model: dict[str, list[PerformancePeriod]] = defaultdict(list)
        for period in await self._others(None):
            by_model[period.model_id].append(period)
        found = {id_: self._health(id_, by_model[id_]) for id_ in sorted({*self._series, *by_model})}
        return {id_: health for id_, health in found.items() if health.status != "unknown"}

    def outage_of(self, model_id: str) -> str | None:
        """Say why a model is not asked at the moment, or nothing."""
        return self._outage_of(model_id) if self._outage_of is not None else None

    async def count_outcomes(self, window: float | None = None) -> dict[str, tuple[int, int]]:
        """Return of each model how many answers are judged by an outcome, and how many of them were right."""
        counted = None if self._book is None else await self._book.count_outcomes(None, window)
        own = {id_: (series.outcomes, series.correct) for id_, series in self._series.items()}
        return own if counted is None else counted

    async def clear(self, model_id: str | None = None) -> None:
        """Forget one model's numbers, or all, also those of other processes that the book holds."""
        if self._book is not None:
            await self._book.clear(model_id)
        if model_id is None:
            self._series.clear()
        else:
            self._series.pop(model_id, None)

    async def aclose(self) -> None:
        """Bring what is counted to the book's store."""
        if self._book is not None:
            await self._book.aclose()

    async def _stats(self, model_id: str | None, window: float | None) -> dict[str, ModelPerformanceStats]:
        wanted = self._series if model_id is None else {model_id: self._series.get(model_id)}
        self._check(window)
        others_only = window is not None and window <= LONGEST_WINDOW_SECONDS
        own = {id_: self._tally(series, window) for id_, series in wanted.items()}
        updated = {id_: series.last_updated for id_, series in wanted.items() if series is not None}
        judged = {id_: (series.outcomes, series.correct) for id_, series in wanted.items() if series is not None}
        if self._book is not None:
            periods = await self._book.read(model_id, window, others_only=others_only)
            if periods is not None and not others_only:
                own = {}
            by_model: dict[str, list[PerformancePeriod]] = defaultdict(list)
            for period in periods or ():
                by_model[period.model_id].append(period)
            for id_, group in by_model.items():
                own[id_] = merged_tallies((own.get(id_, Tally()), tally_of(group)))
                stamps = [one.last_updated for one in group]
                updated[id_] = max([*stamps, updated.get(id_) or stamps[0]])
            counted = await self._book.count_outcomes(model_id, window)
            judged = judged if counted is None else counted
        return {
            id_: stats_of(id_, tally, last_updated=updated.get(id_), judged=judged.get(id_, (0, 0)))
            for id_, tally in sorted(own.items())
            if tally.calls
        }

    async def _others(self, model_id: str | None) -> Sequence[PerformancePeriod]:
        """Return what other processes counted in the window of the thresholds, for one model or all."""
        if self._book is None:
            return ()
        return await self._book.read(model_id, self._thresholds.window_seconds, others_only=True) or ()

    def _health(self, model_id: str, others: Sequence[PerformancePeriod]) -> Health:
        seconds = min(self._thresholds.window_seconds, LONGEST_WINDOW_SECONDS)
        own = self._tally(self._series.get(model_id), seconds)
        health = judge(merged_tallies((own, tally_of(others))), self._thresholds)
        outage = self.outage_of(model_id)
        return health if outage is None else Health(status="unhealthy", reason=outage, samples=health.samples)

    def _series_of(self, model_id: str) -> _Series:
        series = self._series.get(model_id)
        if series is None:
            series = self._series[model_id] = _Series()
        return series

    def _elapsed(self) -> float:
        return self._clock.monotonic() - self._began

    def _check(self, window: float | None) -> None:
        longest = LONGEST_BOOKED_SECONDS if self._book is not None else LONGEST_WINDOW_SECONDS
        if window is not None and not 0 < window <= longest:
            raise ConfigError(
                f"A window of {window!r} seconds cannot be told; give more than 0 and at most {longest:.0f}, "
                "or none for everything since start."
            )

    def _tally(self, series: _Series | None, window: float | None) -> Tally:
        if series is None:
            return Tally()
        if window is None:
            return series.slices.life
        return series.slices.since(self._elapsed() - min(window, LONGEST_WINDOW_SECONDS))
