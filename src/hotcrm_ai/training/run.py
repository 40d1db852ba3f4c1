"""What every training run is asked for, whatever the feature: the part that all recipes share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

from hotcrm_ai.ports.clock import Clock, SystemClock
from hotcrm_ai.training.raw_table import RawTable
from hotcrm_ai.training.reading import read_table

Progress = Callable[[str, float], None]
"""Called with the stage in words and the share of the work that is done (0-1)."""


def silent(_stage: str, _share: float) -> None:
    """Tell nobody."""


class RunOptions(TypedDict, total=False):
    """The options of ``TrainingRun`` as keywords, for the signatures of the recipes."""

    allow_bad_rows: bool
    exclude: Collection[str]
    keep: Collection[str]
    seed: int
    band_names: Sequence[str]
    model_id: str | None
    version: str
    trained_on: str | None
    clock: Clock
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRun:
    """One run: of which feature, under which name, and how it reads and reports.

    ``exclude`` and ``keep`` name columns to leave out, and to keep although they look like a leak. ``band_names`` are those of a
    yes-or-no model, the best first. ``trained_on`` marks a model of data that are not the user's. Recipes that need an option for nothing
    take it all the same, so that the assembly may call all of them alike.
    """

    feature_name: str
    allow_bad_rows: bool = False
    exclude: Collection[str] = ()
    keep: Collection[str] = ()
    seed: int = 0
    band_names: Sequence[str] = ("hot", "warm")
    model_id: str | None = None
    version: str = "1.0.0"
    trained_on: str | None = None
    clock: Clock = field(default_factory=SystemClock)
    progress: Progress = silent

    @property
    def id(self) -> str:
        """The id of the model that comes out: the one asked for, else the first of its feature."""
        return self.model_id or f"{self.feature_name}-v1"

    def read(self, source: Any) -> RawTable:
        """Read the table, after saying so; errors are those of ``read_table``."""
        self.progress("reading the table", 0.0)
        return read_table(source, allow_bad_rows=self.allow_bad_rows)

    def origin(self, **facts: Any) -> dict[str, Any]:
        """Return what the model's file says of its making: the facts, the seed, and where the data are from if not the user's."""
        marked = {} if self.trained_on is None else {"trainedOn": self.trained_on}
        return {**facts, "seed": self.seed, **marked}
