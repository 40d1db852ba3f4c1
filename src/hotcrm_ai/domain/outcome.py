"""Decides whether a prediction turned out right, where that can be decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

_TRUE: Final = frozenset({"true", "yes", "y", "1", "won", "closed won", "converted", "success", "churned"})
_FALSE: Final = frozenset(
    {"false", "no", "n", "0", "closed lost", "not converted", "unqualified", "retained", "renewed"}
)
_LOST: Final = "lost"


class KnownOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What really happened: to one prediction, or to an object about which a model was asked."""

    actual: Any
    prediction_id: str | None = None
    object_type: str | None = None
    object_id: str | None = None
    model_id: str | None = None


def actual_truth(actual: Any, *, of_churn: bool = False) -> bool | None:
    """Read what really happened as yes or no: booleans, 0 and 1, and words such as ``won``; None where it is neither.

    ``lost`` is no for a lead; of a churn prediction (``of_churn``) it could mean either, so it is neither.
    """
    if isinstance(actual, bool):
        return actual
    if isinstance(actual, int | float):
        return bool(actual) if actual in (0, 1) else None
    if not isinstance(actual, str):
        return None
    word = " ".join(actual.replace("_", " ").replace("-", " ").casefold().split())
    if word == _LOST:
        return None if of_churn else False
    return True if word in _TRUE else False if word in _FALSE else None


def is_correct(prediction: Any, actual: Any) -> bool | None:
    """Say whether a prediction that holds a ``probability`` (0-1) fell on the side that really happened.

    The prediction counts as yes from 0.5 on. None where the prediction has no probability or ``actual`` is neither yes nor no.
    """
    if not isinstance(prediction, Mapping):
        return None
    probability = prediction.get("probability")
    if isinstance(probability, bool) or not isinstance(probability, int | float):
        return None
    truth = actual_truth(actual, of_churn="risk" in prediction)
    return None if truth is None else (probability >= 0.5) == truth
