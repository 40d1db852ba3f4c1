"""Judges a new model beside the running champion on the same held-out rows: better by more than chance, or not."""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from hotcrm_ai.local_models.tabular import TabularModel
from hotcrm_ai.training.recipe import Judged

RESAMPLES: Final = 2_000
_SMALLEST: Final = 1e-15

Floats = NDArray[np.float64]


class Duel(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Two models on the same held-out rows.

    ``difference`` is the champion's log loss minus the new model's (above 0: the new one is better), ``lower`` and ``upper`` its 95 %
    interval from resampling the rows, each with both models' losses. ``missing`` names the champion's features that the rows lack.
    """

    champion: str
    rows: int
    log_loss: float
    champion_log_loss: float
    difference: float
    lower: float
    upper: float
    missing: tuple[str, ...] = ()

    @property
    def better(self) -> bool:
        """True where the new model is better by more than chance."""
        return self.lower > 0.0

    @property
    def words(self) -> str:
        """The figures in one sentence."""
        lacking = f"; the rows lack its {', '.join(map(repr, self.missing))}" if self.missing else ""
        return (
            f"held-out log loss {self.log_loss:.4f} against {self.champion_log_loss:.4f} of the champion {self.champion!r} on the same "
            f"{self.rows:,} rows: better by {self.difference:+.4f} (95 % interval {self.lower:+.4f} to {self.upper:+.4f}){lacking}"
        )


def compare_with_champion(judged: Judged, champion: TabularModel, *, champion_id: str, seed: int) -> Duel:
    """Ask the champion about the held-out rows and compare, row by row.

    It is given the columns that the new model may use; a feature of its own that is not among them counts as missing. Rows
    that the champion has learned from make it look better than it is, so the comparison may only err in its favour.
    """
    names = list(judged.cells)
    columns = [list(judged.cells[name]) for name in names]
    records = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    theirs = _losses(champion.probabilities(champion.encode(records)), judged.outcomes)
    ours = _losses(judged.probabilities, judged.outcomes)
    gains = theirs - ours
    random = np.random.default_rng(seed)
    means = np.array([gains[random.integers(len(gains), size=len(gains))].mean() for _ in range(RESAMPLES)])
    low, high = np.quantile(means, [0.025, 0.975])
    return Duel(
        champion=champion_id,
        rows=len(gains),
        log_loss=float(ours.mean()),
        champion_log_loss=float(theirs.mean()),
        difference=float(gains.mean()),
        lower=float(low),
        upper=float(high),
        missing=tuple(name for name in champion.features if name not in judged.cells),
    )


def _losses(probabilities: Floats, outcomes: NDArray[np.int8]) -> Floats:
    clipped = np.clip(probabilities, _SMALLEST, 1.0 - _SMALLEST)
    return np.asarray(-np.log(np.where(outcomes > 0, clipped, 1.0 - clipped)), dtype=np.float64)
