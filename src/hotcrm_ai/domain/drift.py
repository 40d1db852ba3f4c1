"""How far what a model is asked now has moved from what it was judged on when it was trained."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

DriftStatus = Literal["stable", "shifted", "drifted", "not_enough_predictions"]


class ReferenceBins(msgspec.Struct, frozen=True, kw_only=True):
    """How the values of one feature were spread over the reference records.

    A number falls into the bin whose upper edge is the first at or above it (``edges``; the last bin has none), another value into that of
    its own (``values``). ``counts`` are of the bins; ``rest`` counts values of no bin, ``missing`` records without a value. Where the two
    cannot be told apart, ``missing`` is None and ``rest`` counts both.
    """

    counts: tuple[int, ...]
    edges: tuple[float, ...] = ()
    values: tuple[Any, ...] = ()
    rest: int = 0
    missing: int | None = 0

    @property
    def total(self) -> int:
        """How many records there were."""
        return sum(self.counts) + self.rest + (self.missing or 0)


class DriftReference(msgspec.Struct, frozen=True, kw_only=True):
    """What a model's bundle knows of the records at training: features by name, and the chances that it gave."""

    features: Mapping[str, ReferenceBins]
    predictions: ReferenceBins | None


class DriftMeasure(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How far one distribution moved.

    ``psi`` is the population stability index, ``noise`` the level that chance alone exceeds in fewer than one report of a hundred,
    ``jensen_shannon`` the divergence in bits, 0-1. ``missing_rate`` and ``reference_missing_rate`` are in per cent, None where missing
    values cannot be told from rare ones.
    """

    name: str
    status: DriftStatus
    psi: float
    noise: float
    jensen_shannon: float
    samples: int
    reference_samples: int
    missing_rate: float | None
    reference_missing_rate: float | None


class DriftReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The drift of one model over a window that ends now: its features, largest move first, and its predictions.

    ``skipped`` says of each feature that cannot be compared why. With too few predictions nothing is measured, and ``reason`` says so.
    """

    model_id: str
    model_version: str
    status: DriftStatus
    reason: str
    since: datetime
    samples: int
    features: tuple[DriftMeasure, ...]
    prediction: DriftMeasure | None
    skipped: dict[str, str]


def folded(value: Any) -> Any:
    """Return a category as drift tells it from others: without case and outer spaces."""
    return value.strip().casefold() if isinstance(value, str) else value
