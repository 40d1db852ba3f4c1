"""Counts by the minute what every model did in this process, and brings it to where the counts of all processes meet."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.domain.performance import HealthThresholds, PerformancePeriod
from hotcrm_ai.monitoring.health import judge
from hotcrm_ai.monitoring.quantile_sketch import bin_of
from hotcrm_ai.monitoring.stats_of_tally import stats_of
from hotcrm_ai.monitoring.tally import Tally
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.ports.performance_store import PerformanceStore

WRITE_SECONDS: Final = 2.0
STORE_SECONDS: Final = 2.0
"""So long the store is waited for; what it does not tell by then is left out, so that a hanging database hangs no statistics."""

_MINUTE: Final = 60
_MINUTES_KEPT: Final = timedelta(hours=1)


class MinuteBook:
    """The minutes of this process, ``source``; written every two seconds while there is something new.

    A minute is written whole each time, so writing it again changes nothing; one that was let go of and gets more, because a metric
    comes late or the clock was put back, takes in first what the store has of it. While the store fails, minutes wait. A process that
    is killed loses at most the counts of its last two seconds.
    """

    def __init__(
        self,
        store: PerformanceStore,
        *,
        clock: Clock,
        source: str,
        thresholds: HealthThresholds,
        name_of: Callable[[str], Awaitable[str | None]],
    ) -> None:
        self.store = store
        self.source = source
        self._clock = clock
        self._thresholds = thresholds
        self._name_of = name_of
        self._minutes: dict[tuple[str, int], Tally] = {}
        self._changed: set[tuple[str, int]] = set()
        self._reopened: set[tuple[str, int]] = set()
        self._let_go_before = 0
        self._writing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._rolled_up_before: datetime | None = None

    def add_answer(
        self, model_id: str, latency: float, *, cached: bool, confidence: float | None, now: datetime
    ) -> None:
        """Count an answer."""
        self._tally(model_id, now).add_answer(latency, bin_of(latency), cached=cached, confidence=confidence)

    def add_failure(self, model_id: str, *, now: datetime) -> None:
        """Count a failed call."""
        self._tally(model_id, now).failed += 1

    async def read(
        self, model_id: str | None, window: float | None, *, others_only: bool
    ) -> list[PerformancePeriod] | None:
        """Return the periods of all processes (or of all others), or None where the store does not tell them now."""
        since = None if window is None else self._clock.now() - timedelta(seconds=window)
        try:
            async with asyncio.timeout(STORE_SECONDS):
                if not others_only:
                    await self.write()
                return await self.store.read(
                    model_id=model_id, since=since, without_source=self.source if others_only else None
                )
        except (StorageError, TimeoutError):
            return None

    async def count_outcomes(self, model_id: str | None, window: float | None) -> dict[str, tuple[int, int]] | None:
        """Return of each model how many answers are judged and right, or None where the store does not tell it now.

        In a window longer than the minutes are kept they are counted by the hour.
        """
        by_hour = window is None or window > _MINUTES_KEPT.total_seconds()
        since = None if window is None else self._clock.now() - timedelta(seconds=window)
        try:
            async with asyncio.timeout(STORE_SECONDS):
                return dict(await self.store.count_outcomes(model_id=model_id, since=since, by_hour=by_hour))
        except (StorageError, TimeoutError):
            return None

    async def write(self) -> None:
        """Bring everything new to the store; raises ``StorageError``, and then it stays to be written."""
        async with self._writing:
            changed, self._changed = self._changed, set()
            try:
                for key in sorted(changed & self._reopened):
                    await self._take_in(key)
                if changed:
                    await self.store.write([await self._period(key) for key in sorted(changed)])
            except BaseException:
                self._changed |= changed
                raise
            self._forget_past()

    async def clear(self, model_id: str | None) -> None:
        """Forget one model's minutes, or all, here and in the store."""
        async with self._writing:
            for key in [key for key in self._minutes if model_id in (None, key[0])]:
                del self._minutes[key]
                self._changed.discard(key)
                self._reopened.discard(key)
            await self.store.clear(model_id)

    async def aclose(self) -> None:
        """Write what is new and stop; what the store does not take in time is lost, the prediction log has the answers."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        with contextlib.suppress(StorageError, TimeoutError):
            async with asyncio.timeout(STORE_SECONDS):
                await self.write()

    def _tally(self, model_id: str, now: datetime) -> Tally:
        key = (model_id, int(now.timestamp()) // _MINUTE)
        tally = self._minutes.get(key)
        if tally is None:
            tally = self._minutes[key] = Tally()
            if key[1] < self._let_go_before:
                self._reopened.add(key)
        self._changed.add(key)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._write_in_background())
        return tally

    async def _write_in_background(self) -> None:
        while self._changed:
            await asyncio.sleep(WRITE_SECONDS)
            with contextlib.suppress(StorageError):
                await self.write()
                await self._roll_up()

    async def _roll_up(self) -> None:
        """Make hours of past minutes, once in each hour: those of the last hour stay, for windows are told from them."""
        before = (self._clock.now() - _MINUTES_KEPT).replace(minute=0, second=0, microsecond=0)
        if before != self._rolled_up_before:
            await self.store.roll_up(before=before, merge=self.merged)
            self._rolled_up_before = before

    async def _take_in(self, key: tuple[str, int]) -> None:
        """Add to a reopened minute what this process wrote of it before."""
        model_id, minute = key
        start = _moment(minute)
        kept = [
            period
            for period in await self.store.read(model_id=model_id, since=start)
            if (period.source, period.period_start, period.period_end) == (self.source, start, _moment(minute + 1))
        ]
        self._minutes[key].merge(tally_of(kept))
        self._reopened.discard(key)

    async def _period(self, key: tuple[str, int]) -> PerformancePeriod:
        model_id, minute = key
        period = PerformancePeriod(
            model_id=model_id,
            model_name=await self._name_of(model_id),
            period_start=_moment(minute),
            period_end=_moment(minute + 1),
            source=self.source,
            sketches={},
            last_updated=self._clock.now(),
        )
        return self._told(period, self._minutes[key])

    def merged(self, periods: Sequence[PerformancePeriod]) -> PerformancePeriod:
        """Return one period, of this process, that holds all that the given ones hold."""
        first = periods[0]
        whole = PerformancePeriod(
            model_id=first.model_id,
            model_name=first.model_name,
            period_start=min(one.period_start for one in periods),
            period_end=max(one.period_end for one in periods),
            source=self.source,
            sketches={},
            last_updated=max(one.last_updated for one in periods),
        )
        return self._told(whole, tally_of(periods))

    def _told(self, period: PerformancePeriod, tally: Tally) -> PerformancePeriod:
        return PerformancePeriod(
            model_id=period.model_id,
            model_name=period.model_name,
            period_start=period.period_start,
            period_end=period.period_end,
            source=period.source,
            sketches=tally.to_record(),
            last_updated=period.last_updated,
            stats=stats_of(period.model_id, tally, last_updated=period.last_updated),
            health_status=judge(tally, self._thresholds).status,
        )

    def _forget_past(self) -> None:
        """Let go of written minutes that are over: nothing is added to them any more."""
        self._let_go_before = max(self._let_go_before, int(self._clock.now().timestamp()) // _MINUTE - 1)
        for key in [key for key in self._minutes if key[1] < self._let_go_before and key not in self._changed]:
            del self._minutes[key]


def _moment(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * _MINUTE, UTC)


def tally_of(periods: Sequence[PerformancePeriod]) -> Tally:
    """Return the counts of all periods together."""
    together = Tally()
    for period in periods:
        together.merge(Tally.from_record(period.sketches))
    return together
