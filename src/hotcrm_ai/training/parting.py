"""How a training parted its closed rows, and what its manifest keeps of that."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hotcrm_ai.training.split import Split, moments_of
from hotcrm_ai.training.typed_table import TypedColumn


class Parting(NamedTuple):
    """How a training parted its closed rows: the outcome of each, the numbers of those held out, and when each began."""

    outcomes: NDArray[np.int8]
    held_out: NDArray[np.intp]
    kind: Literal["time", "stratified"]
    time: TypedColumn | None = None

    @staticmethod
    def of(split: Split, outcomes: NDArray[np.int8], time: TypedColumn | None) -> Parting:
        """Return the parting that a split made."""
        return Parting(outcomes=outcomes, held_out=split.held_out, kind=split.kind, time=time)

    def told(self, *, refit: bool) -> dict[str, Any]:
        """Return what a manifest keeps, so that later trainings can tell which of their rows the model has learned from."""
        kept: dict[str, Any] = {"splitKind": self.kind}
        if self.time is None:
            return kept
        moments = moments_of(self.time)
        learned = moments if refit else np.delete(moments, self.held_out)
        until = float(learned.max())
        return kept | {"timeColumn": self.time.name, "learnedUntil": until} if np.isfinite(until) else kept
