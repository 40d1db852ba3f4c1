"""The fields of an answer: what is asked for in a JSON schema, and what of a reply is taken for one."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Literal, NoReturn

import msgspec

from hotcrm_ai.domain.limits import MAX_TEXT_BYTES

_NAME: Final = re.compile(r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")
_TYPES: Final = {"text": "string", "choice": "string", "date": "string"}


class FieldSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One field: its type, what a choice may be, the bounds of a number; one that is not ``required`` may be null."""

    type: Literal["text", "number", "integer", "boolean", "date", "choice"]
    description: str = ""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    required: bool = False


def choice(labels: tuple[str, ...]) -> FieldSpec:
    """Return a field that holds one of these labels."""
    return FieldSpec(type="choice", choices=labels, required=True)


def number(lowest: float, highest: float) -> FieldSpec:
    """Return a field that holds a number within bounds."""
    return FieldSpec(type="number", minimum=lowest, maximum=highest, required=True)


def declared_field(name: str, spec: FieldSpec) -> FieldSpec:
    """Return a field that an operator declared; raises ``ValueError`` where it cannot be asked for."""
    if not _NAME.match(name):
        raise ValueError(f"has a field {name[:64]!r}; names are of letters, digits and _")
    if (spec.type == "choice") != bool(spec.choices):
        raise ValueError(f"has a field {name!r} with choices but another type, or the other way round")
    return spec


def schema_of(fields: Mapping[str, FieldSpec]) -> dict[str, Any]:
    """Return the JSON schema, in the part of the language that vendors take: every key required, none besides, null in an ``anyOf``.

    Bounds of numbers are told in words, since not every vendor takes them; they are checked here in any case.
    """
    return {
        "type": "object",
        "properties": {name: _schema_of_field(spec) for name, spec in fields.items()},
        "required": list(fields),
        "additionalProperties": False,
    }


def read_reply(text: str, fields: Mapping[str, FieldSpec]) -> dict[str, Any]:
    """Return the fields of a reply.

    Raises:
        ValueError: it is not one JSON object of exactly these fields; the text says why, and repeats nothing of the reply.
    """
    try:
        reply = json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    except json.JSONDecodeError:
        raise ValueError("it is not one JSON object and nothing else") from None
    if not isinstance(reply, dict):
        raise ValueError("it is JSON, but no object")
    if reply.keys() != fields.keys():
        raise ValueError("its fields are not those of the schema")
    return {name: _read_field(name, spec, reply[name]) for name, spec in fields.items()}


def _schema_of_field(spec: FieldSpec) -> dict[str, Any]:
    described = {"description": words} if (words := _words_of(spec)) else {}
    schema: dict[str, Any] = {"type": _TYPES.get(spec.type, spec.type), **described}
    if spec.choices:
        schema["enum"] = list(spec.choices)
    return schema if spec.required else {"anyOf": [schema, {"type": "null"}]}


def _words_of(spec: FieldSpec) -> str:
    parts = [spec.description.strip()] if spec.description.strip() else []
    if spec.type == "date":
        parts.append("A date as YYYY-MM-DD.")
    if spec.minimum is not None:
        parts.append(f"At least {spec.minimum:g}.")
    if spec.maximum is not None:
        parts.append(f"At most {spec.maximum:g}.")
    return " ".join(parts)


def _read_field(name: str, spec: FieldSpec, value: Any) -> Any:
    if value is None and not spec.required:
        return None
    if spec.type == "choice":
        return _one_of(name, spec, value)
    if spec.type == "boolean":
        return value if isinstance(value, bool) else _refuse(name, "is neither true nor false")
    if spec.type in ("number", "integer"):
        return _number_in(name, spec, value)
    if not isinstance(value, str) or _size_of(value) > MAX_TEXT_BYTES:
        return _refuse(name, "is no text, or too long")
    return value if spec.type == "text" else _date(name, value)


def _size_of(text: str) -> float:
    """Return the bytes of a text in UTF-8; no number is large enough for half of a surrogate pair, which has none."""
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        return math.inf


def _one_of(name: str, spec: FieldSpec, value: Any) -> str:
    return value if isinstance(value, str) and value in spec.choices else _refuse(name, "is none of its choices")


def _number_in(name: str, spec: FieldSpec, value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _refuse(name, "is no number")
    if isinstance(value, int) and abs(value) >= 2**63:
        return _refuse(name, "is larger than 64 bits")
    if not math.isfinite(value):
        return _refuse(name, "is not finite")
    if spec.type == "integer" and value != int(value):
        return _refuse(name, "is no whole number")
    found = int(value) if spec.type == "integer" else value
    if (spec.minimum is not None and found < spec.minimum) or (spec.maximum is not None and found > spec.maximum):
        return _refuse(name, "is out of its bounds")
    return found


def _date(name: str, value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        return _refuse(name, "is no date")


def _refuse(name: str, words: str) -> NoReturn:
    raise ValueError(f"its {name!r} {words}")


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("it names a field twice")
    return found


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("it holds NaN or an infinite number")
