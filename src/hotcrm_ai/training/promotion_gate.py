"""Judges a new model beside the running champion on held-out rows that neither has learned from: better by more than chance, or not."""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from hotcrm_ai.training.judged import Judged

RESAMPLES: Final = 2_000
FEWEST_ROWS: Final = 50
"""Where rows had to be left out, fewer than these that are left decide nothing."""


class Duel(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Two models on the same held-out rows.

    ``difference`` is the champion's mean loss minus the new model's (above 0: the new one is better), ``lower`` and ``upper`` its 95 %
    interval from resampling the rows, each with both models' losses. ``measure`` says what a loss is, ``unit`` what the rows are.
    ``left_out`` are held-out rows that the champion has learned from; ``clean`` is false where it is not known which those are.
    ``missing`` names what does not fit between champion and rows (features, moods or products), ``remark`` says how.
    """

    champion: str
    measure: str
    unit: str
    rows: int
    left_out: int
    clean: bool
    loss: float | None
    champion_loss: float | None
    difference: float | None
    lower: float | None
    upper: float | None
    missing: tuple[str, ...] = ()
    remark: str = ""

    @property
    def better(self) -> bool:
        """True where the new model is better by more than chance, on enough rows."""
        return self.lower is not None and self.lower > 0.0

    @property
    def words(self) -> str:
        """The figures in one sentence."""
        if self.loss is None or self.champion_loss is None or self.difference is None:
            return (
                f"of {self.rows + self.left_out:,} held-out {self.unit} the champion {self.champion!r} has learned from "
                f"{self.left_out:,}, and {self.rows:,} are too few to compare on ({FEWEST_ROWS} are needed); train on newer records, or "
                "let an A/B test decide"
            )
        lacking = f"; {self.remark} {', '.join(map(repr, self.missing))}" if self.missing else ""
        return (
            f"held-out {self.measure} {self.loss:.4f} against {self.champion_loss:.4f} of the champion {self.champion!r} on the same "
            f"{self.rows:,} {self.unit}{self._which}: better by {self.difference:+.4f} (95 % interval {self.lower:+.4f} to "
            f"{self.upper:+.4f}){lacking}"
        )

    @property
    def _which(self) -> str:
        if not self.clean:
            return ", of which it is not known whether the champion has learned from them (then it looks better than it is)"
        return f", without {self.left_out:,} that the champion has learned from" if self.left_out else ""


def compare_with_champion(
    judged: Judged, champion: object, *, champion_id: str, seed: int, unlearned: NDArray[np.bool_] | None = None
) -> Duel | None:
    """Ask the champion about the held-out rows and compare, row by row; None where it is of another kind or can answer none.

    ``unlearned`` says of each row (or, of one element, of all) that the champion has not learned from it; the others are left out. Where
    that is not known (None), all count: they can only make the champion look better than it is.
    """
    losses = judged.losses(champion)
    if losses is None or not len(losses.own):
        return None
    gains = losses.other - losses.own
    kept = np.ones(len(gains), dtype=np.bool_) if unlearned is None else np.broadcast_to(unlearned, gains.shape)
    left_out = int((~kept).sum())
    is_enough = not left_out or int(kept.sum()) >= FEWEST_ROWS
    low, high = _interval(gains[kept], seed=seed) if is_enough else (None, None)
    return Duel(
        champion=champion_id,
        measure=judged.measure,
        unit=judged.unit,
        rows=int(kept.sum()),
        left_out=left_out,
        clean=unlearned is not None,
        loss=float(losses.own[kept].mean()) if is_enough else None,
        champion_loss=float(losses.other[kept].mean()) if is_enough else None,
        difference=float(gains[kept].mean()) if is_enough else None,
        lower=low,
        upper=high,
        missing=losses.missing,
        remark=losses.remark if losses.missing else "",
    )


def _interval(gains: NDArray[np.float64], *, seed: int) -> tuple[float, float]:
    random = np.random.default_rng(seed)
    means = np.array([gains[random.integers(len(gains), size=len(gains))].mean() for _ in range(RESAMPLES)])
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)
