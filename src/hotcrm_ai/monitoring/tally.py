"""Counts what a model did in one stretch of time: answers, failures, cache hits, latencies and confidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hotcrm_ai.monitoring.quantile_sketch import QuantileSketch, bin_of


class Tally:
    """Counts of one model; fresh answers, cache hits and failures are kept apart.

    Latencies (milliseconds) are of answers only: a failure that comes back at once would make a broken model look fast.
    """

    __slots__ = ("cached", "confidence_count", "confidence_total", "failed", "fresh")

    def __init__(self) -> None:
        self.fresh = QuantileSketch()
        self.cached = QuantileSketch()
        self.failed = 0
        self.confidence_total = 0.0
        self.confidence_count = 0

    @property
    def fresh_calls(self) -> int:
        """Calls that reached the provider, failed ones included."""
        return self.fresh.count + self.failed

    @property
    def calls(self) -> int:
        """All calls."""
        return self.fresh.count + self.cached.count + self.failed

    def add_answer(self, latency: float, place: int, *, cached: bool, confidence: float | None) -> None:
        """Count an answer whose latency falls into the bin ``place``."""
        (self.cached if cached else self.fresh).add_binned(latency, place)
        if confidence is not None:
            self.confidence_total += confidence
            self.confidence_count += 1

    def merge(self, other: Tally) -> None:
        """Take in the counts of another tally."""
        self.fresh.merge(other.fresh)
        self.cached.merge(other.cached)
        self.failed += other.failed
        self.confidence_total += other.confidence_total
        self.confidence_count += other.confidence_count

    def to_record(self) -> dict[str, Any]:
        """Return the counts as plain JSON values, for keeping them."""
        return {
            "fresh": self.fresh.to_record(),
            "cached": self.cached.to_record(),
            "failed": self.failed,
            "confidence_total": self.confidence_total,
            "confidence_count": self.confidence_count,
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Tally:
        """Return the counts that a record was made of; raises ``ValueError`` where another version made it otherwise."""
        tally = cls()
        tally.fresh = QuantileSketch.from_record(record["fresh"])
        tally.cached = QuantileSketch.from_record(record["cached"])
        tally.failed = record["failed"]
        tally.confidence_total = record["confidence_total"]
        tally.confidence_count = record["confidence_count"]
        return tally


class TallySlices:
    """The tallies of one model's recent past in slices of time, and one of its whole life, in bounded memory."""

    __slots__ = ("_keep", "_seconds", "_slices", "life")

    def __init__(self, *, slice_seconds: float, keep_slices: int) -> None:
        self._seconds = slice_seconds
        self._keep = keep_slices
        self._slices: dict[int, Tally] = {}
        self.life = Tally()

    def add_answer(self, at: float, latency: float, *, cached: bool, confidence: float | None) -> None:
        """Count an answer at that moment (seconds of the monitor's own time)."""
        place = bin_of(latency)
        self.life.add_answer(latency, place, cached=cached, confidence=confidence)
        self._slice_at(at).add_answer(latency, place, cached=cached, confidence=confidence)

    def add_failure(self, at: float) -> None:
        """Count a failed call at that moment."""
        self.life.failed += 1
        self._slice_at(at).failed += 1

    def since(self, moment: float) -> Tally:
        """Return the counts of all slices that began at that moment or later."""
        return merged_tallies(tally for number, tally in self._slices.items() if number * self._seconds >= moment)

    def _slice_at(self, at: float) -> Tally:
        number = int(at // self._seconds)
        tally = self._slices.get(number)
        if tally is None:
            self._forget_before(number - self._keep + 1)
            tally = self._slices[number] = Tally()
        return tally

    def _forget_before(self, number: int) -> None:
        for old in [present for present in self._slices if present < number]:
            del self._slices[old]


def merged_tallies(tallies: Iterable[Tally]) -> Tally:
    """Return the counts of all tallies together."""
    together = Tally()
    for tally in tallies:
        together.merge(tally)
    return together
