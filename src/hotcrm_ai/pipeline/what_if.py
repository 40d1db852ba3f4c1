"""Explanations, and besides: what would have to change for another answer, and what a model is like as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hotcrm_ai.domain.errors import NotExplainable
from hotcrm_ai.domain.explanation import Counterfactual, FeatureChange
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import Context
from hotcrm_ai.domain.titles import fact_title
from hotcrm_ai.domain.value_text import value_text
from hotcrm_ai.pipeline.explain import AnswersRequests, ExplainabilityService
from hotcrm_ai.ports.ai_feature import AIFeature
from hotcrm_ai.ports.counterfactuals import Counterfactuals
from hotcrm_ai.ports.explainer import Explainer


class WhatIfService(ExplainabilityService):
    """The explanations of a workspace, with the search for changes and the insight into whole models."""

    def __init__(
        self,
        *,
        predictions: AnswersRequests,
        explainers: Sequence[Explainer],
        features: Mapping[str, AIFeature],
        counterfactuals: Counterfactuals,
    ) -> None:
        super().__init__(predictions=predictions, explainers=explainers, features=features)
        self._asked = predictions
        self._counterfactuals = counterfactuals

    async def counterfactual(
        self,
        model_id: str,
        features: Mapping[str, Any],
        *,
        changeable: Sequence[str],
        goal: str | float = "hot",
        context: Context | Mapping[str, Any] | None = None,
    ) -> Counterfactual:
        """Return the smallest realistic change of the named fields after which the model gives the wished answer.

        ``goal`` is a class of the model (``hot``, ``low`` …) or a probability. The changed record is answered by the model's
        provider like any other, so ``new_prediction`` is what a prediction for it gives.

        Raises:
            ModelNotFound, ModelNotActive, InvalidFeatures: as a prediction would.
            InvalidRequest: a field cannot be changed, or the goal is none.
            NotExplainable: the model does not run here.
        """
        chosen = await self._asked.choose(model_id, features, context=context)
        model = self._supported(chosen.model)
        given = chosen.fitted.values
        before = await self._asked.answer(chosen)
        found = await self._counterfactuals.find(model, given, changeable=changeable, goal=goal)
        values = found.values or {}
        after = before
        if values:
            after = await self._asked.answer(await self._asked.fit(model, {**given, **values}))
        changes = tuple(
            FeatureChange(feature=name, before=given.get(name), after=value) for name, value in values.items()
        )
        return Counterfactual(
            model_id=model.id,
            model_version=model.version,
            requested_model_id=chosen.requested_model_id,
            variant=chosen.variant,
            goal=goal,
            reached=found.values is not None,
            prediction=before.prediction,
            new_prediction=after.prediction,
            changes=changes,
            tried=found.tried,
            explanation=_words(model, changes, goal=goal, reached=found.values is not None),
        )

    async def insight(self, model_id: str) -> dict[str, Any]:
        """Return what is known of a model as a whole, measured on its held-out rows when it was trained.

        ``importance``, ``partialDependence`` with the share of records at each value, ``reliability``, ``confusion`` and
        ``gains``. The very model is meant, whatever its status.

        Raises:
            ModelNotFound, NotExplainable: there is no such model, or it was not trained here.
        """
        return await self._counterfactuals.insight(self._supported(await self._asked.find(model_id)))

    def _supported(self, model: ModelConfig) -> ModelConfig:
        if not self._counterfactuals.supports(model):
            raise NotExplainable(
                f"Model {model.id!r} (provider {model.provider!r}) does not run here, so its inside is not known.",
                model_id=model.id,
            )
        return model


def _words(model: ModelConfig, changes: tuple[FeatureChange, ...], *, goal: str | float, reached: bool) -> str:
    if not reached:
        return f"No realistic change of these fields reaches {goal}."
    if not changes:
        return f"The record reaches {goal} as it is."
    titles = model.titles
    steps = [
        f"• {fact_title(change.feature, titles)} from {_shown(change.before)} to {_shown(change.after)}"
        for change in changes
    ]
    return f"The smallest change that reaches {goal}:\n\n" + "\n".join(steps)


def _shown(value: Any) -> str:
    return "unknown" if value is None else value_text(value)
