"""Gives equal things equal bytes, so that keys and fingerprints do not depend on spelling."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

_encoder = msgspec.json.Encoder(order="deterministic")


def canonical_number(value: float) -> float:
    """Return the one spelling of a number: ``1``, ``1.0`` and ``-0.0`` become a plain float.

    A whole number that no float holds, such as a long id, stays as it is: rounded, it would be another one.
    """
    number = float(value) + 0.0
    return number if number == value else value


def canonical_value(value: Any) -> Any:
    """Return a value in which numbers have their one spelling and all else keeps its type, lists and mappings included."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return canonical_number(value)
    if isinstance(value, list | tuple):
        return [canonical_value(element) for element in value]
    if isinstance(value, dict):
        return {key: canonical_value(element) for key, element in value.items()}
    return value


def canonical_bytes(value: Any) -> bytes:
    """Encode as JSON with sorted keys; the caller has put numbers into their one spelling."""
    return _encoder.encode(value)


def digest_of(*parts: Any) -> str:
    """Return the SHA-256 of the canonical JSON of all parts, in hexadecimal."""
    return hashlib.sha256(_encoder.encode(parts)).hexdigest()
