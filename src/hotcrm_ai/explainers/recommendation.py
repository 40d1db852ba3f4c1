"""Explains recommendations: an item's score is that of any account, plus a part for each product, or for industry and size."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from typing import Any, Final

from hotcrm_ai.domain.errors import NotExplainable
from hotcrm_ai.domain.explanation import Attribution, FeatureImportance
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.local_models.loader import LocalModelLoader
from hotcrm_ai.local_models.recommender import Recommender
from hotcrm_ai.local_models.recommender_request import read_request

_KIND: Final = "recommendation"


class RecommendationExplainer:
    """An ``Explainer`` for recommenders that run in process; contributions are named by the products that the account has.

    A new account has none: the base is the share of all accounts that have the item, and industry and size add what accounts like it
    differ by.
    """

    def __init__(self, models: LocalModelLoader) -> None:
        self._models = models

    def supports(self, model: ModelConfig) -> bool:
        """True for recommenders with a published bundle."""
        return model.provider == "local" and model.type == _KIND and model.bundle_digest is not None

    async def attribute(self, model: ModelConfig, features: Mapping[str, Any]) -> Attribution:
        """Split the score of the first recommended product, or of the one asked about, among the products that the account has.

        Raises:
            ArtifactIntegrity: the model's files are missing or altered.
            NotExplainable: nothing is left to recommend, or the bundle holds no recommender.
        """
        return await asyncio.to_thread(self._attribute, model, features)

    async def importance(self, model: ModelConfig) -> list[FeatureImportance]:
        """Refuse: what matters over all is not a property of features here, each product speaks for others.

        Raises:
            NotExplainable: always.
        """
        raise NotExplainable(
            f"Model {model.id!r} recommends products by what each account has; explain single recommendations.",
            model_id=model.id,
        )

    def _attribute(self, model: ModelConfig, features: Mapping[str, Any]) -> Attribution:
        recommender = self._model(model)
        found = read_request(recommender, features).ask(recommender)
        if not found:
            raise NotExplainable(
                "There is no product left to recommend, so there is nothing to explain.", model_id=model.id
            )
        first = found[0]
        is_kin = first.kin is not None
        parts = {name if is_kin else f"has {name}": part for name, part in first.parts}
        names = {f"has {name}": recommender.name_of(name) or True for name, _ in first.parts}
        return Attribution(
            base=first.base,
            output=first.score,
            contributions=parts,
            method="kin-parts" if is_kin else "item-parts",
            additivity_error=abs(math.fsum((first.base, *parts.values())) - first.score),
            values=None if is_kin else names,
            about=recommender.title_of(first.product),
        )

    def _model(self, model: ModelConfig) -> Recommender:
        loaded = self._models.load(model.bundle_digest, model_id=model.id).model
        if not isinstance(loaded, Recommender):
            raise NotExplainable(f"The bundle of model {model.id!r} holds no recommender.", model_id=model.id)
        return loaded
