"""How a training parted its closed rows, and what its manifest keeps of that."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hotcrm_ai.training.split import moments_of
from hotcrm_ai.training.typed_table import TypedColumn


class Parting(NamedTuple):
    """How a training parted its closed rows: the outcome of each, the numbers of those held out, and when each began."""

    outcomes: NDArray[np.int8]
    held_out: NDArray[np.intp]
    kind: Literal["time", "stratified"]
    time: TypedColumn | None = None

    @property
    def axis(self) -> str | None:
        """The column that the rows were parted by; None where the split is random."""
        return self.time.name if self.time is not None and self.kind == "time" else None

    @property
    def date(self) -> str | None:
        """The column that says on which date a record began, if there is one."""
        return self.time.name if self.time is not None and self.time.type == "date" else None

    def told(self, *, refit: bool) -> dict[str, Any]:
        """Return what a manifest keeps, so that later trainings can tell which of their rows the model has learned from."""
        kept: dict[str, Any] = {"splitKind": self.kind}
        if self.time is None:
            return kept
        moments = moments_of(self.time)
        learned = moments if refit else np.delete(moments, self.held_out)
        until = float(learned.max())
        return kept | {"timeColumn": self.time.name, "learnedUntil": until} if np.isfinite(until) else kept
