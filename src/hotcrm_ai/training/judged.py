"""What a new model lost on its held-out rows, and what another model would have lost on the same: one way for each kind of model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from hotcrm_ai.domain.errors import InvalidFeatures
from hotcrm_ai.local_models.forecast_course import SHARE_INSIDE
from hotcrm_ai.local_models.forecast_model import ForecastModel
from hotcrm_ai.local_models.recommender import Recommender
from hotcrm_ai.local_models.tabular import TabularModel
from hotcrm_ai.local_models.text_model import TextModel
from hotcrm_ai.training.parting import Parting

Floats = NDArray[np.float64]

RANKED: Final = 10
_SMALLEST: Final = 1e-15
_OUTSIDE: Final = 2.0 / (1.0 - SHARE_INSIDE)


class Losses(NamedTuple):
    """The losses of both models on the rows that both can answer; ``missing`` names what does not fit, ``remark`` says so in words."""

    own: Floats
    other: Floats
    missing: tuple[str, ...] = ()
    remark: str = ""


class Judged(Protocol):
    """The held-out rows of a training, kept for whoever compares its model with another of the same kind."""

    @property
    def measure(self) -> str:
        """What a loss is, in words; less is better."""
        ...

    @property
    def unit(self) -> str:
        """What the rows are: rows, texts, series or accounts."""
        ...

    def losses(self, other: object) -> Losses | None:
        """Return the losses of the new model and of another, row by row, or None where the other is of another kind."""
        ...


class JudgedRecords(NamedTuple):
    """Held-out records by column, their outcomes, and the model's probabilities of them; judged by log loss."""

    cells: Mapping[str, Any]
    outcomes: NDArray[np.int8]
    probabilities: Floats
    measure: str = "log loss"
    unit: str = "rows"
    parting: Parting | None = None

    def losses(self, other: object) -> Losses | None:
        """Ask the other model about the columns that the new one may use; a feature of its own that is not there counts as missing."""
        if not isinstance(other, TabularModel):
            return None
        names = list(self.cells)
        columns = [list(self.cells[name]) for name in names]
        records = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
        stated = other.probabilities(other.encode(records))
        missing = tuple(name for name in other.features if name not in self.cells)
        return Losses(self._of(self.probabilities), self._of(stated), missing, "the rows lack its")

    def _of(self, probabilities: Floats) -> Floats:
        clipped = np.clip(probabilities, _SMALLEST, 1.0 - _SMALLEST)
        return np.asarray(-np.log(np.where(self.outcomes > 0, clipped, 1.0 - clipped)), dtype=np.float64)


class JudgedTexts(NamedTuple):
    """Held-out texts, their moods, and the model's probability of the true mood of each; judged by log loss."""

    texts: Sequence[str]
    moods: Sequence[str]
    stated: Floats
    measure: str = "log loss"
    unit: str = "texts"

    def losses(self, other: object) -> Losses | None:
        """Ask the other model about the same texts; those of a mood that it cannot state are left out, so that it is not blamed."""
        if not isinstance(other, TextModel):
            return None
        kept = [at for at, mood in enumerate(self.moods) if mood in other.classes]
        theirs = [other.predict_one(self.texts[at]).probabilities[self.moods[at]] for at in kept]
        missing = tuple(sorted(set(self.moods) - set(other.classes)))
        return Losses(_surprise(self.stated[kept]), _surprise(np.array(theirs)), missing, "left out are texts that are")


class JudgedSeries(NamedTuple):
    """Held-out ends of series: the request that was answered, what came, the size of a usual yearly change, and the model itself.

    Judged by the interval score (Gneiting and Raftery, 2007), in usual yearly changes: the width of the 80 % interval, and ten times
    what values lie outside of it; so both the values and how sure they are stated to be count.
    """

    requests: Sequence[Mapping[str, Any]]
    came: Sequence[Floats]
    scales: Sequence[float]
    model: ForecastModel
    measure: str = "interval score"
    unit: str = "series"

    def losses(self, other: object) -> Losses | None:
        """Ask both models the same; series that the other one cannot forecast are left out."""
        if not isinstance(other, ForecastModel):
            return None
        own, theirs = [], []
        for request, came, scale in zip(self.requests, self.came, self.scales, strict=True):
            try:
                second = _interval_score(other, request, came) / scale
            except InvalidFeatures:
                continue
            own.append(_interval_score(self.model, request, came) / scale)
            theirs.append(second)
        return Losses(np.array(own), np.array(theirs))


class JudgedAccounts(NamedTuple):
    """Accounts before their last basket, what was in it, and the model's NDCG@10 of each; judged by what is missing to 1."""

    requests: Sequence[Mapping[str, Any]]
    baskets: Sequence[frozenset[str]]
    gains: Floats
    measure: str = f"shortfall of NDCG@{RANKED}"
    unit: str = "accounts"

    def losses(self, other: object) -> Losses | None:
        """Let the other model rank for the same accounts; products that it does not know it cannot recommend."""
        if not isinstance(other, Recommender):
            return None
        theirs = []
        for request, basket in zip(self.requests, self.baskets, strict=True):
            ranked = [one.product for one in other.recommend(**request, limit=RANKED)]
            theirs.append(1.0 - _gain(ranked, basket))
        unknown = sorted(set().union(*self.baskets) - set(other.products))
        return Losses(1.0 - self.gains, np.array(theirs), tuple(unknown[:RANKED]), "it does not know products such as")


def _surprise(probabilities: Floats) -> Floats:
    return np.asarray(-np.log(np.clip(probabilities, _SMALLEST, 1.0)), dtype=np.float64)


def _interval_score(model: ForecastModel, request: Mapping[str, Any], came: Floats) -> float:
    found = model.answer(request, with_confidence=False)
    there = ~np.isnan(came)
    low, high, true = found.lower[there], found.upper[there], came[there]
    outside = np.maximum(low - true, 0.0) + np.maximum(true - high, 0.0)
    return float((high - low + _OUTSIDE * outside).mean())


def _gain(ranked: Sequence[str], basket: frozenset[str]) -> float:
    discounts = 1.0 / np.log2(np.arange(2, RANKED + 2))
    hits = np.array([product in basket for product in ranked], dtype=bool)
    return float(discounts[: len(hits)][hits].sum() / discounts[: min(RANKED, len(basket))].sum())
