"""Chooses penalty, recipe of the trees and blend by cross-validated log loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from hotcrm_ai.training.fit_linear import STRENGTHS
from hotcrm_ai.training.fit_trees import RECIPES, Recipe

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

SHARES: Final = tuple(step / 10 for step in range(11))


@dataclass(frozen=True)
class FoldMargins:
    """The margins that the candidates of one fold gave to its held-out rows."""

    held: Indices
    prior: float
    linear: Sequence[Floats]
    boosted: Mapping[Recipe, Floats]


@dataclass(frozen=True)
class Choice:
    """The chosen settings, and the out-of-fold margin of each row under them."""

    strength: float
    recipe: Recipe
    boosted_share: float
    margins: Floats
    log_losses: dict[str, float]

    @property
    def kind(self) -> Literal["linear", "boosted", "blend"]:
        """What the blend amounts to."""
        if self.boosted_share == 0.0:
            return "linear"
        return "boosted" if self.boosted_share == 1.0 else "blend"


def choose(folds: Sequence[FoldMargins], target: Floats) -> Choice:
    """Return the settings of the lowest log loss over all held-out rows; the simpler one of equals."""
    linear = [_gather([fold.linear[k] for fold in folds], folds, target) for k in range(len(STRENGTHS))]
    recipes = [recipe for recipe in RECIPES if all(recipe in fold.boosted for fold in folds)]
    boosted = [_gather([fold.boosted[recipe] for fold in folds], folds, target) for recipe in recipes]
    prior = _gather([np.full(len(fold.held), fold.prior) for fold in folds], folds, target)
    best_linear = int(np.argmin([log_loss_of(margins, target) for margins in linear]))
    best_boosted = int(np.argmin([log_loss_of(margins, target) for margins in boosted]))
    blends = [(1.0 - share) * linear[best_linear] + share * boosted[best_boosted] for share in SHARES]
    losses = [log_loss_of(margins, target) for margins in blends]
    best = int(np.argmin(losses))
    return Choice(
        strength=STRENGTHS[best_linear],
        recipe=recipes[best_boosted],
        boosted_share=SHARES[best],
        margins=blends[best],
        log_losses={
            "prior": log_loss_of(prior, target),
            "linear": losses[0],
            "boosted": losses[-1],
            "blend": losses[best],
        },
    )


def log_loss_of(margins: Floats, target: Floats) -> float:
    """Return the mean log loss of log-odds."""
    return float(np.logaddexp(0.0, np.where(target > 0.5, -margins, margins)).mean())


def _gather(parts: Sequence[Floats], folds: Sequence[FoldMargins], target: Floats) -> Floats:
    margins = np.empty(len(target))
    for part, fold in zip(parts, folds, strict=True):
        margins[fold.held] = part
    return margins
