"""Where the counts of all processes meet, and outlive them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from hotcrm_ai.domain.performance import PerformancePeriod

Merge = Callable[[Sequence[PerformancePeriod]], PerformancePeriod]


class PerformanceStore(Protocol):
    """The performance of every model by period and process."""

    async def write(self, periods: Sequence[PerformancePeriod]) -> None:
        """Keep periods; one that was kept before, of the same model, start, end and source, is replaced."""
        ...

    async def read(
        self, *, model_id: str | None = None, since: datetime | None = None, without_source: str | None = None
    ) -> list[PerformancePeriod]:
        """Return the periods that end after a moment, of one model or of all, but not those of one source."""
        ...

    async def count_outcomes(
        self, *, model_id: str | None = None, since: datetime | None = None, by_hour: bool = False
    ) -> Mapping[str, tuple[int, int]]:
        """Return of each model how many answers (given since then) are judged, and how many of them were right.

        ``by_hour`` counts whole hours, from that of ``since`` on, without looking at each answer.
        """
        ...

    async def roll_up(self, *, before: datetime, merge: Merge) -> int:
        """Make hours of the minutes that ended before a moment; return how many minutes those were."""
        ...

    async def clear(self, model_id: str | None = None) -> None:
        """Forget one model, or all."""
        ...
