"""Shapes the checked fields of a reply into the answer that users know, with a confidence only where one was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hotcrm_ai.domain.errors import ProviderBadAnswer
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.ports.ai_feature import AIFeature
from hotcrm_ai.providers._language_models.label_probability import calibrated, label_probability
from hotcrm_ai.providers._language_models.task import Parameters, Task
from hotcrm_ai.providers._language_models.wire import Completion
from hotcrm_ai.providers._reply import read_answer

UNCALIBRATED: Final = (
    "the probability is the language model's own estimate; parameters['calibration'] would say how often it is right"
)


def shape_answer(
    fields: Mapping[str, Any],
    completion: Completion,
    *,
    model: ModelConfig,
    task: Task,
    declared: Parameters,
    features: Mapping[str, AIFeature],
    metadata: Mapping[str, Any],
) -> PredictionOutput:
    """Return the answer to one record.

    Where ``parameters["output"]`` is declared, it says what becomes of the fields; else a score of an AI feature that has a probability
    is shaped by that feature, and everything else is answered as it is. A confidence comes from ``parameters["calibration"]`` alone.

    Raises:
        ProviderBadAnswer: the fields contradict one another.
    """
    if task.name == "sentiment":
        _check_sentiment(fields, model)
    if "output" in model.parameters:
        return read_answer(dict(fields), model, features=features, metadata=metadata)
    shape = getattr(features.get(model.feature or ""), "shape", None)
    if task.name == "scoring" and shape is not None:
        return _shaped_by_feature(fields["score"], features[model.feature or ""], shape, declared, metadata)
    noted = dict(metadata)
    confidence = None
    if task.label_key is not None and completion.chances:
        raw = label_probability(
            completion.chances,
            completion.text,
            key=task.label_key,
            label=fields[task.label_key],
            labels=task.labels,
        )
        if raw is not None:
            noted["label_probability"] = raw
            confidence = 100.0 * calibrated(declared.calibration, raw) if declared.calibration else None
    return PredictionOutput(prediction=dict(fields), confidence=confidence, metadata=noted)


def _shaped_by_feature(
    score: float, feature: AIFeature, shape: Any, declared: Parameters, metadata: Mapping[str, Any]
) -> PredictionOutput:
    raw = (score - declared.minimum) / (declared.maximum - declared.minimum)
    probability = calibrated(declared.calibration, raw) if declared.calibration else raw
    noted = dict(metadata)
    if not declared.calibration:
        noted["warnings"] = [*noted.get("warnings", ()), UNCALIBRATED]
    return PredictionOutput(
        prediction=shape(probability, declared.bands or feature.default_bands),
        confidence=100.0 * max(probability, 1.0 - probability) if declared.calibration else None,
        metadata=noted,
    )


def _check_sentiment(fields: Mapping[str, Any], model: ModelConfig) -> None:
    label, score = fields["sentiment"], fields["score"]
    if (label == "positive" and score < 0.5) or (label == "negative" and score > 0.5):
        raise ProviderBadAnswer(
            f"The answer of model {model.id!r} (provider {model.provider!r}) cannot be used: its score {score:g} contradicts its label "
            f"{label!r}. Nothing was predicted.",
            model_id=model.id,
            provider=model.provider,
        )
