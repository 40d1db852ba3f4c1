"""Compares what a caller says a prediction was with what the model really answers; never the other way round."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from hotcrm_ai.domain.errors import InvalidRequest
from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.domain.value_text import printable

_TOLERANCE: Final = 1e-6


def claim_warnings(answer: PredictionOutput, *, prediction: Any, confidence: Any, unit: float) -> tuple[str, ...]:
    """Return one warning for each claimed value that the model does not give; None claims nothing.

    ``unit`` is the size of the scale of a score, 100 or 1; numbers may differ by a millionth of their scale.

    Raises:
        InvalidRequest: a claim is not even of the shape of an answer of this model.
    """
    warnings = _prediction_warnings(answer.prediction, prediction, unit) if prediction is not None else []
    if confidence is not None:
        if not _is_number(confidence) or not 0 <= confidence <= 100:
            raise InvalidRequest(
                f"The confidence passed in, {_brief(confidence)}, is no number from 0 to 100; leave it out."
            )
        if answer.confidence is None or abs(confidence - answer.confidence) > 100 * _TOLERANCE:
            warnings.append(_warning("confidence", confidence, answer.confidence))
    return tuple(warnings)


def _prediction_warnings(actual: Any, claimed: Any, unit: float) -> list[str]:
    keys = list(actual)
    if not isinstance(claimed, Mapping) or not claimed or not set(claimed) <= set(keys):
        raise InvalidRequest(
            f"The prediction passed in, {_brief(claimed)}, is no answer of this model, which has {', '.join(keys)}; leave it out."
        )
    warnings = []
    for key in keys:
        if key not in claimed:
            continue
        given, true = claimed[key], actual[key]
        if _is_number(true) != _is_number(given) or isinstance(true, str) != isinstance(given, str):
            raise InvalidRequest(
                f"The {key} passed in, {_brief(given)}, is not of the kind that this model answers; leave the prediction out."
            )
        allowed = _TOLERANCE * (unit if key == "score" else 1.0)
        same = abs(given - true) <= allowed if _is_number(true) else given == true
        if not same:
            warnings.append(_warning(key, given, true))
    return warnings


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _warning(what: str, claimed: Any, true: Any) -> str:
    return f"the {what} passed in is {_brief(claimed)}, but the model gives {_brief(true)}; the model's own answer is explained"


def _brief(value: Any) -> str:
    text = printable(repr(value))
    return text if len(text) <= 80 else text[:77] + "..."
