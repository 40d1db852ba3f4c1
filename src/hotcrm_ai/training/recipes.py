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

    ``needs_target``: the column of the outcome has no usual name.
    """

    train: Callable[..., Any]
    needs_target: bool = True


_CLASSIFIER: Final = Recipe(train_classifier)

RECIPES: Final[Mapping[str, Recipe]] = {
    "product-recommendation": Recipe(train_recommender, needs_target=False),
    "revenue-forecast": Recipe(train_forecast, needs_target=False),
    "sentiment-analysis": Recipe(train_sentiment, needs_target=False),
}


def recipe_of(feature: str) -> Recipe:
    """Return the recipe of a feature: that of yes-or-no models unless it has its own."""
    return RECIPES.get(feature, _CLASSIFIER)
