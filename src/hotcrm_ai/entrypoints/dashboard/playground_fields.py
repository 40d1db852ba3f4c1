"""The fields of the playground: which widget a fact has, what it starts with, and how what was typed is read."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from hotcrm_ai.domain.errors import InvalidFeatures
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.signature import FeatureSpec, parse_text
from hotcrm_ai.domain.value_text import value_text

MOST_FIELDS: Final = 100
ALL_AS_JSON: Final = "json"
"""The form's field for a model that does not say which facts it takes."""

_PREFIX: Final = "f."
_MOST_CHOICES: Final = 60
_MOST_SUGGESTED: Final = 300
_BETWEEN: Final = re.compile(r"[\s,;]+")
_STEPS: Final = 100.0

Widget = Literal["number", "choice", "suggest", "flag", "date", "text", "numbers", "list"]
_WIDGETS: Final[Mapping[str, Widget]] = {
    "number": "number",
    "boolean": "flag",
    "date": "date",
    "text": "text",
    "number_list": "numbers",
    "category_list": "list",
}


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One fact of the form; ``low``, ``high`` and ``step`` are those of its slider, where it has one."""

    name: str
    title: str
    widget: Widget
    text: str
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    step: float = 1.0
    note: str = ""


def fields_of(model: ModelConfig, values: Mapping[str, Any], insight: Mapping[str, Any]) -> list[Field]:
    """Return the fields of a model's facts, those that matter most first, holding some values."""
    importance: Mapping[str, float] = insight.get("importance", {})
    curves: Mapping[str, Sequence[Mapping[str, Any]]] = insight.get("partialDependence", {})
    specs = () if model.signature is None else model.signature.features
    ranked = sorted(specs, key=lambda spec: -importance.get(spec.name, 0.0)) if importance else list(specs)
    return [_field(spec, values.get(spec.name), curves.get(spec.name, ())) for spec in ranked[:MOST_FIELDS]]


def usual_values(model: ModelConfig, insight: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is usual among the records of the training: the middle value of each number, the most frequent category."""
    found: dict[str, Any] = {}
    for name, points in insight.get("partialDependence", {}).items():
        spec = model.signature.feature(name) if model.signature is not None else None
        if spec is None or not points:
            continue
        if spec.type == "number":
            found[name] = _middle(points)
        else:
            found[name] = max(points, key=lambda point: point["share"])["value"]
    return found


def read_values(model: ModelConfig, form: Mapping[str, str]) -> dict[str, Any]:
    """Return the facts of a form; an empty field is a missing fact.

    Raises:
        InvalidFeatures: a field cannot be read as what its fact is; all of them are listed.
    """
    if model.signature is None:
        return _read_json(model, form.get(ALL_AS_JSON, ""))
    found: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for spec in model.signature.features:
        text = form.get(_PREFIX + spec.name, "").strip()
        if not text:
            continue
        try:
            found[spec.name] = _read(spec, text)
        except (ValueError, msgspec.DecodeError) as problem:
            problems[spec.name] = str(problem)
    if problems:
        raise InvalidFeatures(problems, model_id=model.id)
    return found


def kept_text(values: Mapping[str, Any]) -> str:
    """Return facts as the text of one hidden field."""
    return msgspec.json.encode(values).decode()


def read_kept(model: ModelConfig, text: str) -> dict[str, Any] | None:
    """Return the facts of the hidden field; None where it holds none.

    Raises:
        InvalidFeatures: the field was altered and cannot be read.
    """
    return _read_json(model, text) if text else None


def _read_json(model: ModelConfig, text: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text or "{}", type=dict[str, Any])
    except msgspec.DecodeError as problem:
        raise InvalidFeatures({"(all)": f"is no JSON object: {problem}"}, model_id=model.id) from None


def _read(spec: FeatureSpec, text: str) -> Any:
    match spec.type:
        case "number":
            return _number(text)
        case "number_list":
            return [
                None if part.lower() in ("null", "unknown", "-") else _number(part) for part in _BETWEEN.split(text)
            ]
        case "category_list":
            return [part for part in map(str.strip, re.split(r"[\n,]", text)) if part]
        case _:
            return parse_text(spec, text)


def _number(text: str) -> float:
    number = float(text) if re.fullmatch(r"[-+]?[0-9.]+([eE][-+]?[0-9]{1,3})?", text) else math.nan
    if not math.isfinite(number):
        raise ValueError(f"expected a number written like 1234.5, got {text[:40]!r}")
    return number


def _field(spec: FeatureSpec, value: Any, points: Sequence[Mapping[str, Any]]) -> Field:
    widget = _WIDGETS.get(spec.type) or ("choice" if 0 < len(spec.categories) <= _MOST_CHOICES else "suggest")
    low, high = _range(spec, points)
    has_slider = widget == "number" and low is not None and high is not None and low < high
    return Field(
        name=_PREFIX + spec.name,
        title=spec.title,
        widget=widget,
        text=_written(spec, value),
        choices=_choices(spec, value),
        low=low if has_slider else None,
        high=high if has_slider else None,
        step=_step(low, high) if has_slider and low is not None and high is not None else 1.0,
        note=_note(spec),
    )


def _choices(spec: FeatureSpec, value: Any) -> tuple[str, ...]:
    shown = spec.categories[:_MOST_SUGGESTED]
    return (value, *shown) if isinstance(value, str) and shown and value not in shown else shown


def _range(spec: FeatureSpec, points: Sequence[Mapping[str, Any]]) -> tuple[float | None, float | None]:
    """Return where nearly all records of the training lie; a few far ones would leave the slider no room for the rest."""
    if spec.type == "number" and len(points) > 1:
        return float(points[0]["value"]), float(points[-1]["value"])
    return spec.minimum, spec.maximum


def _step(low: float, high: float) -> float:
    step = 10.0 ** math.floor(math.log10((high - low) / _STEPS * 2.0))
    return max(1.0, step) if low.is_integer() and high.is_integer() and high - low >= 5 else step


def _note(spec: FeatureSpec) -> str:
    seen = ""
    if spec.minimum is not None and spec.maximum is not None:
        seen = f"Training saw {value_text(spec.minimum)} to {value_text(spec.maximum)}{' ' + spec.unit if spec.unit else ''}."
    return " ".join(filter(None, (spec.description, seen)))


def _middle(points: Sequence[Mapping[str, Any]]) -> float:
    total, half = 0.0, sum(point["share"] for point in points) / 2.0
    for point in points:
        total += point["share"]
        if total >= half:
            return float(point["value"])
    return float(points[-1]["value"])


def _written(spec: FeatureSpec, value: Any) -> str:
    if value is None:
        return ""
    match spec.type:
        case "number":
            return _digits(value)
        case "number_list":
            return ", ".join("null" if one is None else _digits(one) for one in value)
        case "category_list":
            return "\n".join(map(str, value))
        case "boolean":
            return "true" if value else "false"
        case "date":
            return str(value)[:10]
        case _:
            return str(value)


def _digits(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
