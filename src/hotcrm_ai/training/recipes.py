"""Finds the training recipe of an AI feature, and says what the assembly must know of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from hotcrm_ai.training.forecast import train_forecast
from hotcrm_ai.training.recipe import train_classifier
from hotcrm_ai.training.recommend import train_recommender
from hotcrm_ai.training.sentiment import train_sentiment


class Recipe(NamedTuple):
    """How a feature is trained: ``train`` takes the options of ``train_classifier`` that concern it.

    ``needs_target``: the column of the outcome has no usual name. A model is worth more than nothing where its ``headline`` metric, of
    which less is better, is below that of ``rival``, one of its baselines.
    """

    train: Callable[..., Any]
    needs_target: bool = True
    headline: str = "log_loss"
    rival: str = "majority"


_CLASSIFIER: Final = Recipe(train_classifier)

RECIPES: Final[Mapping[str, Recipe]] = {
    "product-recommendation": Recipe(
        train_recommender, needs_target=False, headline="ndcg_shortfall_at_10", rival="popularity"
    ),
    "revenue-forecast": Recipe(train_forecast, needs_target=False, headline="mase", rival="seasonal_naive"),
    "sentiment-analysis": Recipe(train_sentiment, needs_target=False),
}


def recipe_of(feature: str) -> Recipe:
    """Return the recipe of a feature: that of yes-or-no models unless it has its own."""
    return RECIPES.get(feature, _CLASSIFIER)
