"""What came of answering a logged request once more."""

from __future__ import annotations

from typing import Any

import msgspec


class Difference(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The first place at which two answers differ, such as ``prediction.items[0].score``, and what stands there in each."""

    place: str
    logged: Any
    replayed: Any


class Replay(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A logged answer beside that of the same revision and bundle to the same features now; ``difference`` is the first, if any."""

    prediction_id: str
    model_id: str
    model_version: str
    model_revision: int
    bundle_digest: str | None
    same: bool
    difference: Difference | None
    logged_prediction: Any
    logged_confidence: float | None
    prediction: Any
    confidence: float | None


def first_difference(logged: Any, replayed: Any, *, place: str) -> Difference | None:
    """Return the first place at which two JSON values differ, in the order of the logged one; numbers are compared exactly."""
    if isinstance(logged, dict) and isinstance(replayed, dict):
        for name in [*logged, *(name for name in replayed if name not in logged)]:
            inner = f"{place}.{name}"
            if name not in logged or name not in replayed:
                return Difference(place=inner, logged=logged.get(name), replayed=replayed.get(name))
            if (found := first_difference(logged[name], replayed[name], place=inner)) is not None:
                return found
        return None
    if isinstance(logged, list) and isinstance(replayed, list):
        for number, (one, other) in enumerate(zip(logged, replayed, strict=False)):
            if (found := first_difference(one, other, place=f"{place}[{number}]")) is not None:
                return found
        if len(logged) != len(replayed):
            return Difference(place=f"{place}.length", logged=len(logged), replayed=len(replayed))
        return None
    same = logged == replayed and isinstance(logged, bool) == isinstance(replayed, bool)
    return None if same else Difference(place=place, logged=logged, replayed=replayed)
