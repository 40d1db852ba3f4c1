"""Explains text models: what each word gives to the score, adding up to it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from typing import Any, Final

from hotcrm_ai.domain.errors import NotExplainable
from hotcrm_ai.domain.explanation import Attribution, FeatureImportance
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.local_models.loader import LocalModelLoader
from hotcrm_ai.local_models.text_attribution import split_score
from hotcrm_ai.local_models.text_model import TextModel

_KIND: Final = "nlp"


class TokenExplainer:
    """An ``Explainer`` for text models that run in process: the parts are the words of the text, on the 0-1 scale of its score.

    The base is the score that the model gives before it reads a word.
    """

    def __init__(self, models: LocalModelLoader) -> None:
        self._models = models

    def supports(self, model: ModelConfig) -> bool:
        """True for text models with a published bundle."""
        return model.provider == "local" and model.type == _KIND and model.bundle_digest is not None

    async def attribute(self, model: ModelConfig, features: Mapping[str, Any]) -> Attribution:
        """Split the score of a text among its words, in a worker thread.

        Raises:
            ArtifactIntegrity: the model's files are missing or altered.
            NotExplainable: the bundle holds no text model.
        """
        return await asyncio.to_thread(self._attribute, model, features)

    async def importance(self, model: ModelConfig) -> list[FeatureImportance]:
        """Return the mean size of the contribution of the words that matter most in the texts of training, largest first."""
        words = (await asyncio.to_thread(self._model, model)).typical_words
        ranked = sorted(words.items(), key=lambda one: (-one[1], one[0]))
        return [FeatureImportance(feature=word, importance=100.0 * size) for word, size in ranked]

    def _attribute(self, model: ModelConfig, features: Mapping[str, Any]) -> Attribution:
        found = split_score(self._model(model), features.get("text") or "")
        return Attribution(
            base=found.base,
            output=found.score,
            contributions=dict(found.contributions),
            method="token-shap",
            additivity_error=abs(math.fsum((found.base, *found.contributions.values())) - found.score),
        )

    def _model(self, model: ModelConfig) -> TextModel:
        found = self._models.load(model.bundle_digest, model_id=model.id).model
        if not isinstance(found, TextModel):
            raise NotExplainable(
                f"Model {model.id!r} is registered as {_KIND!r}, but its bundle is of the kind {type(found).__name__!r}; register it "
                "with the type of its bundle.",
                model_id=model.id,
            )
        return found
