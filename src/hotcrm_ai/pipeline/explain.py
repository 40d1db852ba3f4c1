"""Explains and compares predictions: the number that the user sees, split among the features of the model that gave it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec

from hotcrm_ai.domain.errors import NotExplainable
from hotcrm_ai.domain.explanation import (
    Attribution,
    Comparison,
    Explanation,
    FeatureImportance,
)
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import Context, LoggedPrediction, PredictionOutput, Variant
from hotcrm_ai.domain.signature import FittedFeatures
from hotcrm_ai.domain.wording import Wording
from hotcrm_ai.pipeline.additive_parts import contributions_of, differences_between, require_additive
from hotcrm_ai.pipeline.claimed_answer import claim_warnings
from hotcrm_ai.pipeline.wording import comparison_text, explanation_text
from hotcrm_ai.ports.ai_feature import AIFeature
from hotcrm_ai.ports.explainer import Explainer

TOP_FEATURES: Final = 5

_UNITS: Final = {"score": 100.0, "probability": 1.0, "value": 1.0, "mood": 1.0, "item": 1.0}
_KEYS: Final = {"mood": "score"}
"""Where the number stands in the answer, for scales that are not called like it."""


class ChosenModel(msgspec.Struct, frozen=True, kw_only=True):
    """The model that answers a request, as which arm of whose A/B test, and the request's features in the types of its signature."""

    model: ModelConfig
    fitted: FittedFeatures
    requested_model_id: str
    variant: Variant = "none"


class PastAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A logged prediction, with the model as it was then and the features that it was given."""

    logged: LoggedPrediction
    chosen: ChosenModel


class AnswersRequests(Protocol):
    """The part of the prediction service that explanations need, so that both give the same answer to the same request."""

    async def choose(
        self, model_id: str, features: Mapping[str, Any], *, context: Context | Mapping[str, Any] | None = None
    ) -> ChosenModel:
        """Return the model that would answer, A/B tests included, and the features that it would be given."""
        ...

    async def fit(self, model: ModelConfig, features: Mapping[str, Any]) -> ChosenModel:
        """Return the features as this very model would be given them."""
        ...

    async def find(self, model_id: str) -> ModelConfig:
        """Return a model in whatever status; raises ``ModelNotFound``."""
        ...

    async def answer(self, chosen: ChosenModel) -> PredictionOutput:
        """Ask the model's provider, without cache, log or monitoring."""
        ...

    async def find_past(self, prediction_id: str) -> PastAnswer:
        """Return a logged prediction with the model and the features that gave it."""
        ...


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """One answer and its parts: ``number`` is what the user sees of it, in units of ``unit`` for each 1 of a contribution."""

    answer: PredictionOutput
    attribution: Attribution
    number: float
    unit: float
    residual: float
    wording: Wording


class ExplainabilityService:
    """Says why a record gets its prediction, why two records differ, and what matters to a model over all.

    Every contribution comes from asking the model itself; what a caller says the prediction was is only compared with it.
    """

    def __init__(
        self, *, predictions: AnswersRequests, explainers: Sequence[Explainer], features: Mapping[str, AIFeature]
    ) -> None:
        self._predictions = predictions
        self._explainers = tuple(explainers)
        self._features = features

    async def explain_prediction(
        self,
        model_id: str,
        features: Mapping[str, Any],
        prediction: Any = None,
        confidence: float | None = None,
        *,
        context: Context | Mapping[str, Any] | None = None,
    ) -> Explanation:
        """Explain the answer that a prediction for the same request gives.

        ``prediction`` and ``confidence`` may be those of an earlier answer: where the model gives others, ``warnings`` says so, and
        the explanation stays that of the model's own answer.

        Raises:
            ModelNotFound, ModelNotActive, InvalidFeatures: as a prediction would.
            InvalidRequest: ``prediction`` or ``confidence`` cannot be an answer of this model.
            NotExplainable: nothing can split this model's answers into parts that add up.
        """
        chosen = await self._predictions.choose(model_id, features, context=context)
        return await self._explained(chosen, prediction, confidence)

    async def explain_past(self, prediction_id: str) -> Explanation:
        """Explain a logged prediction by the revision and bundle that gave it; where these now give another answer, ``warnings`` says so.

        Raises:
            PredictionNotFound, ModelNotFound: the prediction, or the revision that gave it, is not known.
            InvalidRequest: personal features were kept as digests only.
            NotExplainable: nothing can split this model's answers into parts that add up.
        """
        past = await self._predictions.find_past(prediction_id)
        return await self._explained(past.chosen, past.logged.prediction_value, past.logged.confidence_score)

    async def _explained(self, chosen: ChosenModel, prediction: Any, confidence: float | None) -> Explanation:
        model, split = chosen.model, await self._split(chosen)
        flags = claim_warnings(split.answer, prediction=prediction, confidence=confidence, unit=split.unit)
        contributions = contributions_of(split.attribution, chosen.fitted)
        top = contributions[:TOP_FEATURES]
        return Explanation(
            prediction=split.answer.prediction,
            confidence=split.answer.confidence,
            model_id=model.id,
            model_version=model.version,
            requested_model_id=chosen.requested_model_id,
            variant=chosen.variant,
            base_value=split.attribution.base * split.unit,
            feature_contributions=contributions,
            top_features=top,
            explanation=explanation_text(top, model.titles, split.wording, about=split.attribution.about),
            method=split.attribution.method,
            additivity_error=split.residual,
            warnings=(*chosen.fitted.warnings, *_notes(split.answer), *flags),
            interval=_interval(split.answer),
            about=split.attribution.about,
        )

    async def compare_predictions(
        self,
        model_id: str,
        features1: Mapping[str, Any],
        features2: Mapping[str, Any],
        *,
        context: Context | Mapping[str, Any] | None = None,
    ) -> Comparison:
        """Say which features make the predictions for two records differ, and by how much.

        Both records are answered by the model that the first one gets, also where an A/B test would give the second another one.
        ``impact_difference`` has the unit of contributions: 0.35 is 35 points of a 0-100 score.

        Raises:
            ModelNotFound, ModelNotActive, InvalidFeatures, NotExplainable: as for a single explanation.
        """
        first = await self._predictions.choose(model_id, features1, context=context)
        second = await self._predictions.fit(first.model, features2)
        split1, split2 = await self._split(first), await self._split(second)
        differences = differences_between((first.fitted, split1.attribution), (second.fitted, split2.attribution))
        shift = split1.unit * sum(part.impact_difference for part in differences)
        return Comparison(
            model_id=first.model.id,
            model_version=first.model.version,
            requested_model_id=first.requested_model_id,
            variant=first.variant,
            prediction1=split1.answer.prediction,
            prediction2=split2.answer.prediction,
            differences=differences,
            explanation=comparison_text(differences, first.model.titles, split1.wording),
            additivity_error=abs(shift - (split2.number - split1.number)),
            method=split1.attribution.method,
        )

    async def global_importance(self, model_id: str) -> list[FeatureImportance]:
        """Return how much each feature matters to a model: the mean size of its contribution over typical records, largest first.

        The very model is meant, whatever its status, and no arm of its A/B test.

        Raises:
            ModelNotFound, NotExplainable: there is no such model, or its answers cannot be split.
        """
        model = await self._predictions.find(model_id)
        return await self._explainer_of(model).importance(model)

    async def _split(self, chosen: ChosenModel) -> Split:
        model = chosen.model
        explainer = self._explainer_of(model)
        feature = self._features.get(model.feature or "")
        if feature is None or feature.scale not in _UNITS:
            raise NotExplainable(
                f"The answers of model {model.id!r} (AI feature {model.feature!r}) are neither scores nor probabilities, so they "
                "cannot be split among its features; use a model of another AI feature.",
                model_id=model.id,
            )
        answer = await self._predictions.answer(chosen)
        number = _number(answer, _KEYS.get(feature.scale, feature.scale), model)
        attribution = await explainer.attribute(model, chosen.fitted.values)
        unit = _UNITS[feature.scale]
        residual = require_additive(attribution, number, unit=unit, model_id=model.id)
        return Split(
            answer=answer,
            attribution=attribution,
            number=number,
            unit=unit,
            residual=residual,
            wording=feature.wording,
        )

    def _explainer_of(self, model: ModelConfig) -> Explainer:
        for explainer in self._explainers:
            if explainer.supports(model):
                return explainer
        raise NotExplainable(
            f"Nothing here can explain model {model.id!r} (provider {model.provider!r}); explanations exist for models trained here.",
            model_id=model.id,
        )


def _number(answer: PredictionOutput, key: str, model: ModelConfig) -> float:
    number = answer.prediction.get(key) if isinstance(answer.prediction, Mapping) else None
    if key == "item" and isinstance(answer.prediction, Mapping):
        items = answer.prediction.get("items")
        number = items[0].get("score") if items else None
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise NotExplainable(
            f"The answer of model {model.id!r} has no number {key!r} to explain; check its AI feature {model.feature!r}.",
            model_id=model.id,
        )
    return float(number)


def _interval(answer: PredictionOutput) -> tuple[float, float] | None:
    """Return within which the probability lies with 95 %, where the model says so."""
    match answer.metadata.get("interval"):
        case [float(low), float(high)]:
            return low, high
        case _:
            return None


def _notes(answer: PredictionOutput) -> tuple[str, ...]:
    """Return what the model itself has to say about its answer."""
    match answer.metadata.get("warnings"):
        case [*notes]:
            return tuple(map(str, notes))
        case _:
            return ()
