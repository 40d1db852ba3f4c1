"""Says which features a model takes, and fits the values of a request to it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final, Literal

import msgspec

from hotcrm_ai.domain.errors import InvalidFeatures
from hotcrm_ai.domain.limits import MAX_FEATURES, MAX_LIST_ITEMS, MAX_NAME_CHARACTERS, MAX_TEXT_BYTES
from hotcrm_ai.domain.missing_values import is_missing_word
from hotcrm_ai.domain.spelling import to_snake
from hotcrm_ai.domain.titles import title_of
from hotcrm_ai.domain.written_numbers import DecimalSign, read_number

_LARGEST_INTEGER: Final = 10**300
_SURELY_SHORT_TEXT: Final = MAX_TEXT_BYTES // 4
"""So many characters are within the limit in any encoding, and need not be encoded to know it."""

FeatureType = Literal["number", "category", "boolean", "date", "text", "number_list", "category_list"]


class FeatureSpec(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One feature of a model: its type, what training saw of it, and how people call it.

    ``minimum`` and ``maximum`` are the range seen in training (units of the feature); ``categories`` the values seen,
    most frequent first; ``missing_texts`` the texts (folded) that training read as "no value", such as a form's ``select``;
    ``decimal_sign`` how text files write its numbers. ``required`` features may not be missing; an ``option`` says how to answer, or
    the model learned nothing from it, so without it nothing is missing. ``personal`` values are hashed in logs.
    """

    name: str
    type: FeatureType
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] = ()
    label: str | None = None
    description: str | None = None
    unit: str | None = None
    personal: bool = False
    missing_texts: tuple[str, ...] = ()
    decimal_sign: DecimalSign = "."
    option: bool = False

    @property
    def title(self) -> str:
        """The name for people: the label, else what ``title_of`` makes of the name."""
        return self.label or title_of(self.name)


MISSING: Final = " is missing; the model treated it as unknown"
"""How the warning about a missing feature goes on after its name."""


class FittedFeatures(msgspec.Struct, frozen=True, kw_only=True):
    """Features in the types of a signature, with what the caller should know about them.

    ``values`` holds each given feature of the signature (numbers as float, dates as ISO 8601 text); absent and null ones
    are left out and, but for options, listed in ``missing``. ``unknown`` lists given names that are in no signature.
    """

    values: dict[str, Any]
    warnings: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


class Signature(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """All features of a model, in the order of the model."""

    features: tuple[FeatureSpec, ...]

    def feature(self, name: str) -> FeatureSpec | None:
        """Return the feature of that name, or nothing."""
        return next((spec for spec in self.features if spec.name == name), None)

    def fit(self, given: Mapping[str, Any], *, model_id: str | None = None) -> FittedFeatures:
        """Check the values against the signature and bring them into its types.

        Nothing is coerced between types: text is no number and ``true`` is no ``1``; a blank text is missing. A missing optional
        feature, a category never seen in training, and a number outside of the trained range are warnings. Names in ``camelCase``
        are accepted for features in ``snake_case``.

        Raises:
            InvalidFeatures: listing every feature that does not fit, with the reason.
        """
        named, unknown, problems = self._match_names(given)
        values: dict[str, Any] = {}
        warnings: list[str] = []
        missing: list[str] = []
        for spec in self.features:
            value = named.get(spec.name)
            if value is None or (type(value) is str and _says_missing(spec, value)):
                if not spec.option:
                    missing.append(spec.name)
                if spec.required:
                    problems[spec.name] = f"is required ({spec.type})"
                continue
            try:
                values[spec.name] = fit_value(spec, value)
            except ValueError as problem:
                problems[spec.name] = str(problem)
                continue
            warning = _out_of_training(spec, values[spec.name])
            if warning:
                warnings.append(warning)
        if problems:
            raise InvalidFeatures(problems, model_id=model_id)
        warnings += [name + MISSING for name in missing]
        return FittedFeatures(values=values, warnings=tuple(warnings), missing=tuple(missing), unknown=unknown)

    def _match_names(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...], dict[str, str]]:
        if sum(spec.name in given for spec in self.features) == len(given):
            return dict(given), (), {}
        known = {spec.name for spec in self.features}
        named = {name: value for name, value in given.items() if name in known}
        unknown: list[str] = []
        problems: dict[str, str] = {}
        for name, value in given.items():
            if name in known:
                continue
            snake = to_snake(name)
            if snake in known and snake not in named:
                named[snake] = value
            elif snake in known:
                problems[snake] = f"is given twice, also as {name!r}"
            else:
                unknown.append(name)
        return named, tuple(unknown), problems


def check_features(given: Mapping[str, Any], *, model_id: str | None = None) -> None:
    """Check what holds for the features of any model: their number, names, sizes, and that numbers are finite.

    Raises:
        InvalidFeatures: listing every offending feature.
    """
    if len(given) > MAX_FEATURES:
        raise InvalidFeatures(
            {"(all)": f"{len(given)} features are more than the limit of {MAX_FEATURES}"}, model_id=model_id
        )
    problems: dict[str, str] = {}
    for name, value in given.items():
        if not name or len(name) > MAX_NAME_CHARACTERS:
            problems[str(name)[:MAX_NAME_CHARACTERS]] = (
                f"a feature's name is text of 1 to {MAX_NAME_CHARACTERS} characters"
            )
            continue
        problem = _general_problem(value)
        if problem:
            problems[name] = problem
    if problems:
        raise InvalidFeatures(problems, model_id=model_id)


def fit_value(spec: FeatureSpec, value: Any) -> Any:
    """Bring one value into the type of its feature.

    Raises:
        ValueError: the value has another type or is out of bounds; the text says what was expected and what was given.
    """
    match spec.type:
        case "number":
            return _number(value)
        case "category" | "text":
            return _text(value)
        case "boolean":
            if not isinstance(value, bool):
                raise ValueError(f"expected true or false, got {_shown(value)}")
            return value
        case "date":
            return _date(value)
        case "number_list":
            return [None if element is None else _number(element) for element in _elements(value)]
        case "category_list":
            return [_text(element) for element in _elements(value)]


def parse_text(spec: FeatureSpec, text: str) -> Any:
    """Read one cell of a text file in the type that the signature declares; an empty cell is missing (None), and so is "n/a" or
    "null" where it cannot be a value.

    Raises:
        ValueError: the text is no value of that type.
    """
    stripped = text.strip()
    if _says_missing(spec, stripped) or (is_missing_word(stripped) and _holds_no_words(spec, stripped)):
        return None
    match spec.type:
        case "number":
            number = read_number(stripped, spec.decimal_sign)
            if number is None:
                example = "1234,5" if spec.decimal_sign == "," else "1234.5"
                raise ValueError(f"expected a number written like {example}, got {_shown(text)}")
            return _number(number)
        case "boolean":
            lowered = stripped.lower()
            if lowered in ("true", "yes", "1", "y", "t"):
                return True
            if lowered in ("false", "no", "0", "n", "f"):
                return False
            raise ValueError(f"expected true or false, got {_shown(text)}")
        case "date":
            return _date(stripped)
        case "number_list" | "category_list":
            return fit_value(spec, _list_of(spec, stripped))
        case _:
            return _text(text)


def _list_of(spec: FeatureSpec, text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        example = "[1200, 1350]" if spec.type == "number_list" else '["P-1", "P-2"]'
        raise ValueError(f"expected a list written like {example}, got {_shown(text)}") from None


def _says_missing(spec: FeatureSpec, text: str) -> bool:
    """Whether a text means "no value" for a feature: it is blank, or training read it so."""
    stripped = text.strip()
    return not stripped or (bool(spec.missing_texts) and stripped.casefold() in spec.missing_texts)


def _holds_no_words(spec: FeatureSpec, text: str) -> bool:
    """Whether a word for "no value" can be nothing else here: training, which reads it so, saw other categories only."""
    return spec.type in ("number", "boolean", "date") or (
        spec.type == "category" and bool(spec.categories) and text not in spec.categories
    )


def _general_problem(value: Any) -> str | None:
    if type(value) is str and len(value) <= _SURELY_SHORT_TEXT:
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return "is not a finite number" + ("; give None where a value is missing" if math.isnan(value) else "")
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _LARGEST_INTEGER:
        return "is too large a number"
    if isinstance(value, str) and len(value.encode("utf-8", "surrogatepass")) > MAX_TEXT_BYTES:
        return f"is longer than {MAX_TEXT_BYTES} bytes"
    if isinstance(value, list | tuple):
        if len(value) > MAX_LIST_ITEMS:
            return f"has {len(value)} elements, more than {MAX_LIST_ITEMS}"
        return next((problem for element in value if (problem := _general_problem(element))), None)
    return None


def _out_of_training(spec: FeatureSpec, value: Any) -> str | None:
    if spec.type == "number":
        if spec.minimum is not None and value < spec.minimum:
            return f"{spec.name} = {value:g} is below what training saw (from {spec.minimum:g})"
        if spec.maximum is not None and value > spec.maximum:
            return f"{spec.name} = {value:g} is above what training saw (up to {spec.maximum:g})"
    if spec.type == "category" and spec.categories and value not in spec.categories:
        folded = value.strip().casefold()
        if all(folded != known.strip().casefold() for known in spec.categories):
            return f"{spec.name} = {_shown(value)} was not seen in training; the model treated it as rare"
    return None


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"expected a number, got {_shown(value)}")
    number = float(value) + 0.0
    if not math.isfinite(number):
        raise ValueError("is not a finite number")
    return number


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected text, got {_shown(value)}")
    if len(value) > _SURELY_SHORT_TEXT and len(value.encode("utf-8", "surrogatepass")) > MAX_TEXT_BYTES:
        raise ValueError(f"is longer than {MAX_TEXT_BYTES} bytes")
    return value


def _date(value: Any) -> str:
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime(value.year, value.month, value.day, tzinfo=UTC)
    elif isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(f"expected a date in ISO 8601, for example 2026-03-31, got {_shown(value)}") from None
    else:
        raise ValueError(f"expected a date in ISO 8601, got {_shown(value)}")
    try:
        return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)).isoformat()
    except OverflowError:
        raise ValueError(f"expected a date that exists in UTC, got {_shown(value)}") from None


def _elements(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"expected a list, got {_shown(value)}")
    return list(value)


def _shown(value: Any) -> str:
    kind = {bool: "true/false", int: "number", float: "number", str: "text", list: "list", dict: "object"}.get(
        type(value), type(value).__name__
    )
    shown = repr(value)
    return f"{shown if len(shown) <= 60 else shown[:57] + '...'} ({kind})"
