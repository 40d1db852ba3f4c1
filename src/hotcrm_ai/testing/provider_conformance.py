"""Checks that a provider keeps the rules of the port; authors of plug-ins run it in their own tests."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from hotcrm_ai.domain.json_value import copied_json
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import PredictionInput, PredictionOutput
from hotcrm_ai.ports.provider import MLProvider


async def check_provider(provider: MLProvider, model: ModelConfig, records: Sequence[Mapping[str, Any]]) -> None:
    """Ask a provider for several records, one by one and together, and check every answer.

    ``records`` are at least two sets of fitted features whose answers differ; numbers may differ by 1e-9 between the two ways.

    Raises:
        AssertionError: saying which rule is broken.
    """
    await provider.validate()
    questions = [_question(features, number) for number, features in enumerate(records)]
    untouched = [copied_json(dict(features)) for features in records]
    singles = [await provider.predict(model, question) for question in questions]
    again = [await provider.predict(model, question) for question in questions]
    together = await provider.batch_predict(model, questions)
    _require(
        len(together) == len(questions), f"batch_predict gave {len(together)} answers to {len(questions)} questions"
    )
    _require(await provider.batch_predict(model, []) == [], "batch_predict of nothing gives something")
    for single, repeated, batched in zip(singles, again, together, strict=True):
        _check_answer(single)
        _check_answer(batched)
        _require(_same(single.prediction, repeated.prediction), "the same question has two answers")
        _require(_same(single.prediction, batched.prediction), "batch_predict gives another answer, or another order")
        _require(_same(single.confidence, batched.confidence), "batch_predict gives another confidence than predict")
    differ = any(not _same(singles[0].prediction, other.prediction) for other in singles[1:])
    _require(differ, "all records have the same answer; give some whose answers differ, so that order is checked")
    features = [question.features for question in questions]
    _require(features == untouched, "the provider changed the features it was given")


def _require(is_kept: bool, rule: str) -> None:
    if not is_kept:
        raise AssertionError(rule)


def _question(features: Mapping[str, Any], number: int) -> PredictionInput:
    return PredictionInput(features=dict(features), prediction_id=f"conformance-{number}", timeout_seconds=2.0)


def _check_answer(answer: Any) -> None:
    _require(isinstance(answer, PredictionOutput), f"an answer is a {type(answer).__name__!r}, not PredictionOutput")
    _require(answer.prediction is not None, "an answer has no prediction")
    try:
        copied_json(answer.prediction)
        copied_json(answer.metadata)
    except ValueError as problem:
        raise AssertionError(f"an answer cannot be kept as JSON: {problem}") from problem
    confidence = answer.confidence
    in_range = confidence is None or (math.isfinite(confidence) and 0 <= confidence <= 100)
    _require(in_range, f"the confidence {confidence!r} is neither None nor within 0 to 100")


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return type(one) is type(other) and bool(one == other)
