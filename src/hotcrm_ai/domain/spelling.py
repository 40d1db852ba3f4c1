"""Reads records in either spelling: ``snake_case`` of Python and ``camelCase`` of JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from hotcrm_ai.domain.errors import ConfigError

RecordT = TypeVar("RecordT", bound=msgspec.Struct)

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def to_snake(name: str) -> str:
    """Return ``modelId`` as ``model_id``; a name already in snake case is returned as it is."""
    return _BOUNDARY.sub("_", name).lower() if not name.islower() else name


def read_record(record_type: type[RecordT], values: Mapping[str, Any], *, what: str) -> RecordT:
    """Build a record from a mapping whose keys are in either spelling.

    ``what`` names the thing in messages, for example ``"model configuration"``.

    Raises:
        ConfigError: a key is unknown, given twice (once in each spelling), missing, or of a wrong type.
    """
    converted = _rename(record_type, values, what=what)
    try:
        return msgspec.convert(converted, record_type)
    except (msgspec.ValidationError, ValueError) as problem:
        raise ConfigError(f"The {what} is not valid: {problem}.") from problem


def _rename(record_type: type[msgspec.Struct], values: Mapping[str, Any], *, what: str) -> dict[str, Any]:
    fields = {field.name: field.encode_name for field in msgspec.structs.fields(record_type)}
    encoded = set(fields.values())
    hints = get_type_hints(record_type)
    renamed: dict[str, Any] = {}
    for key, value in values.items():
        name = key if key in encoded and key not in fields else fields.get(key)
        if name is None:
            raise ConfigError(f"The {what} has an unknown key {key!r}; known are: {', '.join(sorted(fields))}.")
        if name in renamed:
            raise ConfigError(f"The {what} has {key!r} twice, once in each spelling; give it once.")
        field = next(field for field, encode_name in fields.items() if encode_name == name)
        renamed[name] = _nested(hints[field], value, what=f"{what}'s {field}")
    return renamed


def _nested(hint: Any, value: Any, *, what: str) -> Any:
    inner = next(
        (arm for arm in (hint, *get_args(hint)) if isinstance(arm, type) and issubclass(arm, msgspec.Struct)), None
    )
    if inner is not None and isinstance(value, Mapping):
        return _rename(inner, value, what=what)
    if inner is not None and get_origin(hint) is tuple and isinstance(value, list | tuple):
        return [_nested(inner, element, what=what) for element in value]
    return value
