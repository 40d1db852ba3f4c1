"""Reads what a remote model answers, by what ``parameters["output"]`` declares, into the shape that users know.

The declaration says where the answer to one record stands and what it is::

    {"as": "probability", "path": "scores.1"}                     a chance from 0 to 1, shaped by the model's AI feature
    {"as": "probability", "path": "score", "multiply": 0.01}      the same, given as per cent
    {"as": "label", "path": "label", "key": "sentiment", "labels": {"LABEL_0": "negative", "LABEL_1": "positive"}}
    {"as": "number", "path": "value"}                             a number in its own unit
    {"as": "raw"}                                                 the answer as it is, which is also what happens without declaration

``classes`` are lower limits of the classes of a probability, highest first; ``confidence`` is the path of a calibrated confidence, and
``calibrated: true`` says that the probability itself is one; without either, the confidence is None. ``extra`` adds further keys, each with
a ``path`` and an optional ``multiply``. Zero, false and empty are values; what is missing, not finite or out of range is an error.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from hotcrm_ai.domain.errors import ProviderBadAnswer, ProviderMisconfigured
from hotcrm_ai.domain.json_value import copied_json
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.ports.ai_feature import AIFeature

Path = str | list[str | int] | None


class ExtraOutput(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One further key of an answer: where it stands, and what a number there is multiplied by."""

    path: Path = None
    multiply: float = 1.0


class OutputMap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``parameters["output"]`` declares."""

    kind: Literal["probability", "label", "number", "raw"] = msgspec.field(default="raw", name="as")
    path: Path = None
    multiply: float = 1.0
    key: str | None = None
    labels: dict[str, str] = {}
    classes: dict[str, float] = {}
    minimum: float | None = None
    maximum: float | None = None
    confidence: Path = None
    confidence_multiply: float = 1.0
    calibrated: bool = False
    extra: dict[str, ExtraOutput] = {}


def output_map_of(model: ModelConfig) -> OutputMap:
    """Return a model's declaration; raises ``ProviderMisconfigured`` where it is none."""
    declared = model.parameters.get("output", {})
    try:
        return msgspec.convert(declared, OutputMap)
    except msgspec.ValidationError as problem:
        raise ProviderMisconfigured(
            f"parameters['output'] of model {model.id!r} is not valid: {problem}; it says where the answer stands, for example "
            "{'as': 'probability', 'path': 'score'}.",
            model_id=model.id,
        ) from None


def read_answer(
    answer: Any,
    model: ModelConfig,
    *,
    features: Mapping[str, AIFeature],
    metadata: Mapping[str, Any] | None = None,
) -> PredictionOutput:
    """Return the answer to one record in the shape that users know.

    Raises:
        ProviderBadAnswer: nothing stands where the answer should, or it is out of range or not finite.
        ProviderMisconfigured: the declaration is not valid.
    """
    declared = output_map_of(model)
    reader = _Reader(model)
    found = reader.at(answer, declared.path)
    prediction: Any
    confidence = None
    if declared.kind == "raw":
        prediction = reader.plain(found)
    elif declared.kind == "label":
        prediction = {declared.key or "label": reader.label(found, declared.labels)}
    elif declared.kind == "number":
        number = reader.number(found, declared.multiply, declared.minimum, declared.maximum)
        prediction = {declared.key or "value": number}
    else:
        probability = reader.number(found, declared.multiply, 0.0, 1.0)
        prediction = _shaped(probability, declared, features.get(model.feature or ""))
        confidence = 100.0 * max(probability, 1.0 - probability) if declared.calibrated else None
    if declared.extra:
        prediction = {**reader.mapping(prediction), **_extras(answer, declared, reader)}
    if declared.confidence is not None:
        confidence = reader.confidence(answer, declared)
    return PredictionOutput(prediction=prediction, confidence=confidence, metadata=dict(metadata or {}))


def read_answers(
    answers: Any,
    model: ModelConfig,
    count: int,
    *,
    features: Mapping[str, AIFeature],
    metadata: Mapping[str, Any] | None = None,
) -> list[PredictionOutput]:
    """Return one answer for each of ``count`` records; raises ``ProviderBadAnswer`` where their number differs, since then none can be told
    apart."""
    if not isinstance(answers, list | tuple) or len(answers) != count:
        found = len(answers) if isinstance(answers, list | tuple) else "no list of"
        raise _bad(model, f"it has {found} answers to {count} questions")
    return [read_answer(answer, model, features=features, metadata=metadata) for answer in answers]


def parse_json(body: bytes, model: ModelConfig, *, twice: bool = False) -> Any:
    """Return the JSON of a reply; with ``twice``, a text in it that is JSON again is read too.

    Raises:
        ProviderBadAnswer: it is no JSON, or holds NaN or infinite numbers.
    """
    try:
        value = msgspec.json.decode(body)
        if twice and isinstance(value, str):
            value = msgspec.json.decode(value)
        return copied_json(value)
    except (msgspec.DecodeError, UnicodeError, ValueError, RecursionError):
        raise _bad(model, "it is no JSON of finite numbers") from None


def answer_at(reply: Any, path: Path, model: ModelConfig) -> Any:
    """Return what stands at a path of a reply; raises ``ProviderBadAnswer`` where nothing does."""
    return _Reader(model).at(reply, path)


def value_at(value: Any, path: Path) -> Any:
    """Return what stands at a path, ``a.0.b`` or its parts as a list; raises ``LookupError`` where nothing does."""
    steps: Sequence[str | int] = path.split(".") if isinstance(path, str) else (path or [])
    for step in steps:
        if isinstance(value, Mapping) and str(step) in value:
            value = value[str(step)]
        elif isinstance(value, list) and _is_index(step) and -len(value) <= int(step) < len(value):
            value = value[int(step)]
        else:
            raise LookupError(str(step)[:80])
    return value


class _Reader:
    """Takes values out of an answer, and names the model where one cannot be used."""

    def __init__(self, model: ModelConfig) -> None:
        self._model = model

    def at(self, answer: Any, path: Path) -> Any:
        try:
            found = value_at(answer, path)
        except LookupError as missing:
            raise _bad(
                self._model, f"there is nothing at {missing.args[0]!r} of {path!r}, where parameters['output'] points"
            ) from None
        if found is None:
            raise _bad(self._model, f"it is empty (null) at {path!r}" if path else "it is empty (null)")
        return found

    def plain(self, value: Any) -> Any:
        try:
            return copied_json(value)
        except ValueError as problem:
            raise _bad(self._model, str(problem)) from None

    def mapping(self, value: Any) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            raise _bad(self._model, "parameters['output']['extra'] adds keys, but the answer is no object")
        return value

    def number(self, value: Any, multiply: float, lowest: float | None, highest: float | None) -> float:
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _bad(self._model, f"a number was expected, and it is of type {type(value).__name__!r}")
        try:
            number = float(value) * multiply
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise _bad(self._model, "its number is not finite")
        if (lowest is not None and number < lowest) or (highest is not None and number > highest):
            bounds = " to ".join("any" if bound is None else f"{bound:g}" for bound in (lowest, highest))
            raise _bad(self._model, f"its number {number:g} is not within {bounds}")
        return number

    def label(self, value: Any, labels: Mapping[str, str]) -> str:
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, bool):
            text = "true" if value else "false"
        elif isinstance(value, float) and value.is_integer():
            text = str(int(value))
        elif isinstance(value, str | int):
            text = str(value)
        else:
            raise _bad(self._model, f"a label was expected, and it is of type {type(value).__name__!r}")
        if not labels:
            return text
        if text not in labels:
            raise _bad(self._model, "its label is none of those that parameters['output']['labels'] lists")
        return labels[text]

    def confidence(self, answer: Any, declared: OutputMap) -> float | None:
        try:
            found = value_at(answer, declared.confidence)
        except LookupError:
            return None
        return None if found is None else self.number(found, declared.confidence_multiply, 0.0, 100.0)


def _shaped(probability: float, declared: OutputMap, feature: AIFeature | None) -> Any:
    shape = getattr(feature, "shape", None)
    if shape is None or feature is None:
        classes = sorted(declared.classes.items(), key=lambda limit: -limit[1])
        label = next((name for name, limit in classes if probability >= limit), None)
        named = {} if label is None else {"class": label}
        return {**named, "probability": probability}
    return shape(probability, declared.classes or feature.default_bands)


def _extras(answer: Any, declared: OutputMap, reader: _Reader) -> dict[str, Any]:
    extras: dict[str, Any] = {}
    for key, extra in declared.extra.items():
        found = reader.at(answer, extra.path)
        is_number = isinstance(found, int | float) and not isinstance(found, bool)
        extras[key] = reader.number(found, extra.multiply, None, None) if is_number else reader.plain(found)
    return extras


def _is_index(step: str | int) -> bool:
    return isinstance(step, int) or step.lstrip("-").isdigit()


def _bad(model: ModelConfig, reason: str) -> ProviderBadAnswer:
    return ProviderBadAnswer(
        f"The answer of model {model.id!r} (provider {model.provider!r}) cannot be used: {reason}. Nothing was predicted.",
        model_id=model.id,
        provider=model.provider,
    )
