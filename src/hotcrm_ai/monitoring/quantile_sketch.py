"""Keeps the distribution of many measurements in little memory, so that any quantile can be told and any two can be merged.

The idea is DDSketch (Masson, Rim and Lee, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error
guarantees", VLDB 2019): a value is counted in the bin of its logarithm, so every bin is as wide as a fixed share of its values.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

RELATIVE_ERROR: Final = 0.0025
"""A told quantile is at most this share away from the exact one."""

_SMALLEST: Final = 1e-6
_LARGEST: Final = 1e12
_GAMMA: Final = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
_BINS_PER_E: Final = 1 / math.log(_GAMMA)
_MIDDLE: Final = 2 / (1 + _GAMMA)
_ZERO_BIN: Final = math.floor(math.log(_SMALLEST) * _BINS_PER_E)


def bin_of(value: float) -> int:
    """Return the bin that counts a value of 0 or more; at most some ten thousand bins exist in all."""
    if value <= _SMALLEST:
        return _ZERO_BIN
    return math.ceil(math.log(min(value, _LARGEST)) * _BINS_PER_E)


class QuantileSketch:
    """A distribution of values of 0 or more: count, sum, smallest and largest exactly, quantiles within 0.25 %."""

    __slots__ = ("_bins", "count", "largest", "smallest", "total")

    def __init__(self) -> None:
        self._bins: dict[int, int] = {}
        self.count = 0
        self.total = 0.0
        self.smallest = math.inf
        self.largest = -math.inf

    def add(self, value: float) -> None:
        """Count one finite value of 0 or more."""
        self.add_binned(value, bin_of(value))

    def add_binned(self, value: float, place: int) -> None:
        """Count a value whose bin is already known, for callers that count it in several sketches."""
        bins = self._bins
        bins[place] = bins.get(place, 0) + 1
        self.count += 1
        self.total += value
        if value < self.smallest:
            self.smallest = value
        if value > self.largest:
            self.largest = value

    def merge(self, other: QuantileSketch) -> None:
        """Take in all values of another sketch; the result is that of one sketch that saw both."""
        bins = self._bins
        for place, count in other._bins.items():
            bins[place] = bins.get(place, 0) + count
        self.count += other.count
        self.total += other.total
        self.smallest = min(self.smallest, other.smallest)
        self.largest = max(self.largest, other.largest)

    def mean(self) -> float | None:
        """Return the exact mean, or None of nothing."""
        return self.total / self.count if self.count else None

    def quantile(self, share: float) -> float | None:
        """Return the value below which ``share`` (0-1) of the values lie, or None of nothing.

        Between two ranks it is interpolated linearly, as ``numpy.percentile`` does by default.
        """
        if not self.count:
            return None
        rank = share * (self.count - 1)
        below = math.floor(rank)
        low, high = self._values_at(below, min(below + 1, self.count - 1))
        return low + (high - low) * (rank - below)

    def to_record(self) -> dict[str, object]:
        """Return the sketch as plain JSON values, for keeping it."""
        bins = sorted(self._bins)
        return {
            "relative_error": RELATIVE_ERROR,
            "count": self.count,
            "total": self.total,
            "smallest": self.smallest if self.count else None,
            "largest": self.largest if self.count else None,
            "bins": bins,
            "counts": [self._bins[place] for place in bins],
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> QuantileSketch:
        """Return the sketch that a record was made of; raises ``ValueError`` where it has another relative error, so that no bin fits."""
        if record["relative_error"] != RELATIVE_ERROR:
            raise ValueError(f"the sketch has the relative error {record['relative_error']!r}, not {RELATIVE_ERROR!r}")
        sketch = cls()
        if record["count"]:
            sketch._bins = dict(zip(record["bins"], record["counts"], strict=True))
            sketch.count, sketch.total = record["count"], record["total"]
            sketch.smallest, sketch.largest = record["smallest"], record["largest"]
        return sketch

    def _values_at(self, first: int, second: int) -> tuple[float, float]:
        seen = 0
        low: float | None = None
        for place in sorted(self._bins):
            seen += self._bins[place]
            if low is None and seen > first:
                low = self._value_of(place, is_first=first == 0)
            if low is not None and seen > second:
                high = self.largest if second == self.count - 1 else self._value_of(place, is_first=second == 0)
                return (self.largest if first == self.count - 1 else low), high
        raise AssertionError("the bins hold fewer values than were counted")

    def _value_of(self, place: int, *, is_first: bool) -> float:
        if is_first:
            return self.smallest
        middle = 0.0 if place == _ZERO_BIN else _MIDDLE * _GAMMA**place
        return min(max(middle, self.smallest), self.largest)


def merged(sketches: Iterable[QuantileSketch]) -> QuantileSketch:
    """Return one sketch that saw everything that the given ones saw."""
    together = QuantileSketch()
    for sketch in sketches:
        together.merge(sketch)
    return together
