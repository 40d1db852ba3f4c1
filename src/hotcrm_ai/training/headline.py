"""Says by which figure a model of an AI feature is worth more than nothing; loads nothing of what training needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Headline(NamedTuple):
    """A model is worth more than nothing where its ``metric`` (less is better) is below that of ``rival``, one of its baselines."""

    metric: str
    rival: str


_CHANCE: Final = Headline("log_loss", "majority")
_HEADLINES: Final[Mapping[str, Headline]] = {
    "product-recommendation": Headline("ndcg_shortfall_at_10", "popularity"),
    "revenue-forecast": Headline("mase", "seasonal_naive"),
}


def headline_of(feature: str) -> Headline:
    """Return the figure that speaks for or against a model of a feature: log loss unless it has its own."""
    return _HEADLINES.get(feature, _CHANCE)
