"""Reads a request in whatever form it comes, and checks what can be checked before a model is chosen."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from hotcrm_ai.domain.errors import ConfigError, InvalidFeatures, InvalidRequest
from hotcrm_ai.domain.json_value import copied_json
from hotcrm_ai.domain.limits import MAX_BATCH_ITEMS, MAX_JSON_DEPTH
from hotcrm_ai.domain.missing_values import is_missing_mark
from hotcrm_ai.domain.prediction import Context, PredictionRequest
from hotcrm_ai.domain.signature import check_features
from hotcrm_ai.domain.spelling import read_record
from hotcrm_ai.pipeline.journey import Asked
from hotcrm_ai.ports.provider import MLProvider

_PLAIN: Final = frozenset({str, int, float, bool, type(None)})


def read_request(
    asked: str | PredictionRequest | Mapping[str, Any],
    features: Mapping[str, Any] | None,
    *,
    context: Context | Mapping[str, Any] | None = None,
    use_cache: bool = True,
    provider: str | MLProvider | None = None,
) -> Asked:
    """Return the checked request: a model's id with features, or a whole ``PredictionRequest`` (also as a mapping).

    Raises:
        InvalidRequest: it is no request, or features are given twice or not at all.
        InvalidFeatures: a feature's name, size or value could fit no model.
    """
    if not isinstance(asked, str):
        request = _whole_request(asked)
        if features is not None:
            raise InvalidRequest("Features are given twice: in the request and beside it; give them once.")
        asked, features = request.model_id, request.features
        context = request.context if context is None else context
        use_cache = request.use_cache and use_cache
    return Asked(
        model_id=asked,
        features=read_features(features, model_id=asked),
        context=read_context(context),
        use_cache=use_cache,
        provider=provider,
    )


def read_features(features: Any, *, model_id: str) -> dict[str, Any]:
    """Return a copy of the features as plain values: numbers of other libraries as Python's, dates as ISO 8601 text.

    Raises:
        InvalidRequest: they are no mapping.
        InvalidFeatures: listing every feature that could fit no model.
    """
    if not isinstance(features, Mapping):
        raise InvalidRequest(
            f"Features for model {model_id[:128]!r} are a mapping of names to values, not {type(features).__name__!r}."
        )
    plain: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, value in features.items():
        if type(name) is not str:
            problems[repr(name)[:128]] = "a feature's name is text"
        elif type(value) in _PLAIN:
            plain[name] = value
        else:
            try:
                plain[name] = copied_json(_plain_value(value))
            except ValueError as problem:
                problems[name] = str(problem)
    if problems:
        raise InvalidFeatures(problems, model_id=model_id)
    check_features(plain, model_id=model_id)
    return plain


def read_context(context: Context | Mapping[str, Any] | None) -> Context | None:
    """Return the context as a record; raises ``InvalidRequest`` where it is none."""
    if context is None or isinstance(context, Context):
        return context
    if not isinstance(context, Mapping):
        raise InvalidRequest(
            f"A context is a mapping with user_id, object_type and object_id, not {type(context).__name__!r}."
        )
    try:
        return read_record(Context, context, what="context")
    except ConfigError as problem:
        raise InvalidRequest(problem.message) from problem


def read_timeout(seconds: Any, *, default: float) -> float:
    """Return the seconds that a request may take; raises ``InvalidRequest`` unless they are a finite number above 0."""
    if seconds is None:
        return default
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not math.isfinite(seconds) or seconds <= 0:
        raise InvalidRequest(f"A timeout of {seconds!r} seconds makes no sense; give a finite number above 0.")
    return float(seconds)


def check_batch(features: Any, contexts: Any, on_error: str) -> None:
    """Check what holds for a batch as a whole; raises ``InvalidRequest``."""
    if on_error not in ("raise", "collect"):
        raise InvalidRequest(f"on_error is {on_error!r}; give 'raise' or 'collect'.")
    if not isinstance(features, Sequence) or isinstance(features, str | bytes):
        raise InvalidRequest(
            f"A batch is a list of features, not {type(features).__name__!r}; of a data frame give the records (to_dict('records'))."
        )
    if len(features) > MAX_BATCH_ITEMS:
        raise InvalidRequest(
            f"A batch of {len(features)} items is over the limit of {MAX_BATCH_ITEMS}; send several.",
            items=len(features),
        )
    if contexts is not None and len(contexts) != len(features):
        raise InvalidRequest(f"{len(contexts)} contexts do not fit {len(features)} items; give one for each, or none.")


def _whole_request(asked: Any) -> PredictionRequest:
    if isinstance(asked, PredictionRequest):
        return asked
    if not isinstance(asked, Mapping):
        raise InvalidRequest(
            f"A model's id is text, not {type(asked).__name__!r}; give an id with features, or a request."
        )
    try:
        return read_record(PredictionRequest, asked, what="prediction request")
    except ConfigError as problem:
        raise InvalidRequest(problem.message) from problem


def _plain_value(value: Any, depth: int = 0) -> Any:
    if is_missing_mark(value):
        return None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if type(value).__module__.partition(".")[0] == "numpy" and hasattr(value, "tolist"):
        return _plain_value(_numpy_value(value), depth + 1)
    if isinstance(value, list | tuple) and depth < MAX_JSON_DEPTH:
        return [_plain_value(element, depth + 1) for element in value]
    return value


def _numpy_value(value: Any) -> Any:
    """Return a number, moment or array of numpy as Python has it; a moment finer than a microsecond, else a whole number, is cut."""
    kind = value.dtype.kind
    return (
        value.astype(f"{'datetime64' if kind == 'M' else 'timedelta64'}[us]").tolist()
        if kind in "mM"
        else value.tolist()
    )
