"""Explains recommendations: the first item's score is that of any account, plus a part for each product, or for industry and size."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from typing import Any, Final

from hotcrm_ai.domain.errors import NotExplainable
from hotcrm_ai.domain.explanation import Attribution, FeatureImportance
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.local_models.loader import LocalModelLoader
from hotcrm_ai.local_models.recommender import Recommender, days_before_latest

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
        """Split the score of the first recommended product among the products that the account has.

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
        owned = list(features.get("current_products") or ())
        found = self._model(model).recommend(
            owned,
            days_ago=days_before_latest(owned, features.get("purchase_dates")),
            industry=features.get("industry"),
            company_size=features.get("company_size"),
            limit=1,
        )
        if not found:
            raise NotExplainable(
                "There is no product left to recommend, so there is nothing to explain.", model_id=model.id
            )
        is_kin = found[0].kin is not None
        parts = {name if is_kin else f"has {name}": part for name, part in found[0].parts}
        return Attribution(
            base=found[0].base,
            output=found[0].score,
            contributions=parts,
            method="kin-parts" if is_kin else "item-parts",
            additivity_error=abs(math.fsum((found[0].base, *parts.values())) - found[0].score),
            values=None if is_kin else dict.fromkeys(parts, True),
        )

    def _model(self, model: ModelConfig) -> Recommender:
        loaded = self._models.load(model.bundle_digest, model_id=model.id).model
        if not isinstance(loaded, Recommender):
            raise NotExplainable(f"The bundle of model {model.id!r} holds no recommender.", model_id=model.id)
        return loaded
