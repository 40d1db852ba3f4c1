"""The two spellings of names, ``snake_case`` of Python and ``camelCase`` of JSON: reads records in either, and turns facts into one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from hotcrm_ai.domain.errors import ConfigError

RecordT = TypeVar("RecordT", bound=msgspec.Struct)

KEYED_BY_PEOPLE: Final = frozenset({"problems", "values"})
"""Facts whose keys are names of the user's, such as features and values of a column; they are spelled as the user does."""

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def to_snake(name: str) -> str:
    """Return ``modelId`` as ``model_id``; a name already in snake case is returned as it is."""
    return _BOUNDARY.sub("_", name).lower() if not name.islower() else name


def to_camel(name: str) -> str:
    """Return ``model_id`` as ``modelId``; a name without underscores inside is returned as it is."""
    first, *others = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in others) if first else name


def camel_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts as JSON spells them, also within lists and objects."""
    return _respelled(facts, to_camel)


def snake_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts as Python spells them: what ``camel_facts`` was given."""
    return _respelled(facts, to_snake)


def _respelled(facts: Mapping[str, Any], spell: Callable[[str], str]) -> dict[str, Any]:
    return {
        spell(name): value if name in KEYED_BY_PEOPLE else _respelled_value(value, spell)
        for name, value in facts.items()
    }


def _respelled_value(value: Any, spell: Callable[[str], str]) -> Any:
    if isinstance(value, Mapping):
        return _respelled(value, spell)
    return [_respelled_value(element, spell) for element in value] if isinstance(value, list | tuple) else value


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
