"""Turns logged predictions into rows of ``ai_prediction`` and back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC
from operator import attrgetter
from typing import Any, Final

import msgspec
from sqlalchemy import Row

from hotcrm_ai.domain.canonical import canonical_value, digest_of
from hotcrm_ai.domain.errors import InvalidRequest
from hotcrm_ai.domain.json_value import copied_json
from hotcrm_ai.domain.prediction import LoggedPrediction
from hotcrm_ai.storage.database import EncodedJSON

_JSON: Final = ("input_features", "prediction_value", "actual_outcome", "attempts")
_FIELDS: Final = tuple(field.name for field in msgspec.structs.fields(LoggedPrediction))
_PLAIN: Final = tuple(name for name in _FIELDS if name not in _JSON)
_plain_values: Final = attrgetter(*_PLAIN)


def row_of(prediction: LoggedPrediction, *, workspace: str) -> dict[str, Any]:
    """Return the row of a prediction, checked and encoded, so that one odd prediction never spoils the writing of others.

    Raises:
        InvalidRequest: a value can be kept in no database; the message names it.
    """
    require_storable(prediction)
    row: dict[str, Any] = dict(zip(_PLAIN, _plain_values(prediction), strict=True))
    for name in _JSON:
        value = getattr(prediction, name)
        row[name] = json_of(value, what=f"{name} of prediction {prediction.id!r}")
    if not prediction.attempts:
        row["attempts"] = None
    if prediction.created_date.tzinfo is None:
        row["created_date"] = prediction.created_date.replace(tzinfo=UTC)
    row["workspace"] = workspace
    row["subject_digest"] = subject_digest(prediction)
    return row


def require_storable(prediction: LoggedPrediction) -> None:
    """Check the texts and numbers of a prediction, so that one odd prediction never spoils the writing of others.

    Raises:
        InvalidRequest: a value can be kept in no database; the message names it.
    """
    values = _plain_values(prediction)
    if not _are_storable(values):
        _refuse_odd(prediction.id, dict(zip(_PLAIN, values, strict=True)))


def prediction_of(row: Row[Any]) -> LoggedPrediction:
    """Return the prediction of a row."""
    values = {name: getattr(row, name) for name in _FIELDS}
    return LoggedPrediction(**{**values, "attempts": values["attempts"] or []})


def subject_digest(prediction: LoggedPrediction) -> str | None:
    """Return what tells the subjects of an A/B test apart without naming them; None outside of a test."""
    if prediction.experiment_id is None:
        return None
    match prediction.subject_kind:
        case "object":
            return digest_of("object", prediction.object_type, prediction.object_id)
        case "user":
            return digest_of("user", prediction.created_by)
        case "features":
            return digest_of("features", canonical_value(prediction.input_features))
        case _:
            return None


def json_of(value: Any, *, what: str) -> EncodedJSON | None:
    """Return a value as the JSON that is stored; None stays None.

    Raises:
        InvalidRequest: the value is no JSON.
    """
    try:
        return None if value is None else EncodedJSON(value)
    except (TypeError, ValueError) as problem:
        raise InvalidRequest(f"{what} cannot be stored, because it is no JSON: {problem}.") from problem


def outcome_json(actual: Any) -> EncodedJSON | None:
    """Return an outcome as the JSON that is stored; None stays None.

    Raises:
        InvalidRequest: it is no JSON that can be kept exactly.
    """
    try:
        return json_of(copied_json(actual), what="The outcome")
    except ValueError as problem:
        raise InvalidRequest(f"The outcome cannot be stored, because it is no JSON: {problem}.") from problem


def _are_storable(values: Sequence[Any]) -> bool:
    """Check all texts and numbers of a row at once; which one is odd is looked for only where one is."""
    texts = "".join([value for value in values if type(value) is str])
    numbers = [value for value in values if type(value) is float]
    return "\x00" not in texts and (texts.isascii() or _is_unicode(texts)) and all(map(math.isfinite, numbers))


def _refuse_odd(prediction_id: str, row: dict[str, Any]) -> None:
    for name, value in row.items():
        if type(value) is float and not math.isfinite(value):
            raise InvalidRequest(f"Prediction {prediction_id!r} cannot be logged: {name} is no finite number.")
        if type(value) is str and ("\x00" in value or not _is_unicode(value)):
            raise InvalidRequest(
                f"Prediction {prediction_id!r} cannot be logged: {name} holds a character that is no text."
            )


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
