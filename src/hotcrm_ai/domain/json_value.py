"""Copies JSON values, refusing what JSON cannot carry, so that what is kept or answered is never shared and never infinite."""

from __future__ import annotations

import math
from typing import Any

from hotcrm_ai.domain.limits import MAX_JSON_DEPTH

_LARGEST_INTEGER = 2**63
_PLAIN_TYPES: tuple[type[Any], ...] = (str, float, int, dict, list, tuple)


def copied_json(value: Any, *, depth: int = 0) -> Any:
    """Return a deep copy of a JSON value: text, number, true, false, null, list or object; tuples become lists.

    Raises:
        ValueError: something in it is not finite, too large, too deep, or no JSON value; the text says what.
    """
    kind = type(value)
    if value is None or kind is str or kind is bool:
        return value
    if kind is float:
        if not math.isfinite(value):
            raise ValueError(f"{value!r} is not a finite number")
        return value
    if kind is int:
        if not -_LARGEST_INTEGER <= value < _LARGEST_INTEGER:
            raise ValueError("a whole number is larger than 64 bits")
        return value
    if depth >= MAX_JSON_DEPTH:
        raise ValueError(f"it is nested deeper than {MAX_JSON_DEPTH} levels")
    if kind is dict:
        for name in value:
            if type(name) is not str:
                raise ValueError(f"{name!r} is a key, but no text")
        return {name: copied_json(element, depth=depth + 1) for name, element in value.items()}
    if kind is list or kind is tuple:
        return [copied_json(element, depth=depth + 1) for element in value]
    return _plain(value, depth)


def _plain(value: Any, depth: int) -> Any:
    for kind in _PLAIN_TYPES:
        if isinstance(value, kind):
            return copied_json(kind(value), depth=depth)
    raise ValueError(f"a value of type {type(value).__name__!r} is no JSON value")
