"""Judges a new model beside the running champion on the same held-out rows: better by more than chance, or not."""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from hotcrm_ai.training.judged import Judged

RESAMPLES: Final = 2_000


class Duel(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Two models on the same held-out rows.

    ``difference`` is the champion's mean loss minus the new model's (above 0: the new one is better), ``lower`` and ``upper`` its 95 %
    interval from resampling the rows, each with both models' losses. ``measure`` says what a loss is, ``unit`` what the rows are.
    ``missing`` names what does not fit between champion and rows (features, moods or products), ``remark`` says how.
    """

    champion: str
    measure: str
    unit: str
    rows: int
    loss: float
    champion_loss: float
    difference: float
    lower: float
    upper: float
    missing: tuple[str, ...] = ()
    remark: str = ""

    @property
    def better(self) -> bool:
        """True where the new model is better by more than chance."""
        return self.lower > 0.0

    @property
    def words(self) -> str:
        """The figures in one sentence."""
        lacking = f"; {self.remark} {', '.join(map(repr, self.missing))}" if self.missing else ""
        return (
            f"held-out {self.measure} {self.loss:.4f} against {self.champion_loss:.4f} of the champion {self.champion!r} on the same "
            f"{self.rows:,} {self.unit}: better by {self.difference:+.4f} (95 % interval {self.lower:+.4f} to {self.upper:+.4f}){lacking}"
        )


def compare_with_champion(judged: Judged, champion: object, *, champion_id: str, seed: int) -> Duel | None:
    """Ask the champion about the held-out rows and compare, row by row; None where it is of another kind or can answer none.

    Rows that the champion has learned from make it look better than it is, so the comparison may only err in its favour.
    """
    losses = judged.losses(champion)
    if losses is None or not len(losses.own):
        return None
    gains = losses.other - losses.own
    random = np.random.default_rng(seed)
    means = np.array([gains[random.integers(len(gains), size=len(gains))].mean() for _ in range(RESAMPLES)])
    low, high = np.quantile(means, [0.025, 0.975])
    return Duel(
        champion=champion_id,
        measure=judged.measure,
        unit=judged.unit,
        rows=len(gains),
        loss=float(losses.own.mean()),
        champion_loss=float(losses.other.mean()),
        difference=float(gains.mean()),
        lower=float(low),
        upper=float(high),
        missing=losses.missing,
        remark=losses.remark if losses.missing else "",
    )
