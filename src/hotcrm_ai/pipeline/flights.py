"""Lets identical requests that come at the same time share one call: one leads, the others follow."""

from __future__ import annotations

import asyncio

from hotcrm_ai.domain.errors import HotCRMAIError
from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.pipeline.deadline import DeadlinePassed, run_until

FlightKey = tuple[str, float]
"""The cache key of the answer, and the seconds that its requests may take: only equally patient ones share."""


class Flight:
    """One answer under way; it lands with an answer, fails with an error, or is abandoned because its leader was cancelled."""

    __slots__ = ("_waiting", "cached", "error", "is_over", "output")

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []
        self.is_over = False
        self.output: PredictionOutput | None = None
        self.cached = False
        self.error: HotCRMAIError | None = None

    async def wait(self, seconds: float) -> None:
        """Return once the flight is over; raises ``DeadlinePassed`` after that many seconds."""
        if self.is_over:
            return
        if seconds <= 0:
            raise DeadlinePassed
        landing = asyncio.get_running_loop().create_future()
        self._waiting.append(landing)
        await run_until(landing, seconds)

    def end(
        self, *, output: PredictionOutput | None = None, cached: bool = False, error: HotCRMAIError | None = None
    ) -> None:
        """Tell all followers; without answer and error the flight is abandoned and one of them takes the lead."""
        self.output, self.cached, self.error, self.is_over = output, cached, error, True
        for landing in self._waiting:
            if not landing.done():
                landing.set_result(None)


class Flights:
    """The answers that are under way in this process."""

    def __init__(self) -> None:
        self._under_way: dict[FlightKey, Flight] = {}

    def find(self, key: FlightKey) -> Flight | None:
        """Return the flight of a key, if one is under way."""
        return self._under_way.get(key)

    def open(self, key: FlightKey) -> Flight:
        """Begin a flight; the caller must ``close`` it whatever happens."""
        flight = self._under_way[key] = Flight()
        return flight

    def close(self, key: FlightKey, flight: Flight) -> None:
        """Take a flight off; one that is not over by now is abandoned."""
        if self._under_way.get(key) is flight:
            del self._under_way[key]
        if not flight.is_over:
            flight.end()
