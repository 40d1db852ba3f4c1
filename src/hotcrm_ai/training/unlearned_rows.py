"""Finds the held-out rows of a training that another model has not learned from, as far as its manifest tells."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hotcrm_ai.local_models.manifest import Manifest
from hotcrm_ai.training.judged import Judged, JudgedRecords
from hotcrm_ai.training.parting import Parting
from hotcrm_ai.training.split import moments_of, split_rows

_SAME_ROWS: Final = ("dataFingerprint", "target", "positive", "negative", "rows", "text", "series")
_SAME_SPLIT: Final = ("split", "seed", "trainingRows", "heldOutRows")


def unlearned_rows(judged: Judged, own: Manifest, other: Manifest) -> NDArray[np.bool_] | None:
    """Say of each held-out row of one training whether another model is known not to have learned from it; None where that is unknown.

    Known is it where both had the same rows of the same table (then the other's random split is drawn again), and where the other kept
    until when its rows reach. An array of one element speaks of all rows.
    """
    is_refit = bool(other.extra.get("refit"))
    has_same_rows = _agree(own, other, _SAME_ROWS)
    if has_same_rows and not is_refit and _agree(own, other, _SAME_SPLIT):
        return np.array([True])
    parting = judged.parting if isinstance(judged, JudgedRecords) else None
    if parting is None:
        return None
    if has_same_rows and is_refit:
        return np.array([False])
    if has_same_rows and other.origin.get("splitKind") == "stratified":
        theirs = split_rows(parting.outcomes, time=None, seed=other.origin["seed"]).held_out
        return np.isin(parting.held_out, theirs)
    return _later(parting, other)


def _agree(own: Manifest, other: Manifest, facts: tuple[str, ...]) -> bool:
    return all(own.origin.get(fact) == other.origin.get(fact) for fact in facts)


def _later(parting: Parting, other: Manifest) -> NDArray[np.bool_] | None:
    """Return which held-out rows began after everything that the other model has learned from."""
    until = other.origin.get("learnedUntil")
    if (
        parting.time is None
        or parting.time.name != other.origin.get("timeColumn")
        or not isinstance(until, int | float)
    ):
        return None
    return np.asarray(moments_of(parting.time)[parting.held_out] > until, dtype=np.bool_)
