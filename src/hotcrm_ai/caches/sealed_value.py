"""Seals a value before it goes to a shared server, and opens it again only where it is certainly our own."""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

_FORMAT: Final = 1


class _Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value with all that says where it belongs."""

    format: int
    workspace: str
    group: str
    key: str
    digest: str
    value: msgspec.Raw


_decoder = msgspec.json.Decoder(_Sealed)
_encoder = msgspec.json.Encoder()


def seal(value: bytes, *, workspace: str, group: str, key: str) -> bytes:
    """Wrap the bytes of a JSON value; ``key`` is the digest that it is stored under."""
    return _encoder.encode(_Sealed(_FORMAT, workspace, group, key, _digest(key, value), msgspec.Raw(value)))


def unseal(sealed: bytes, *, workspace: str, group: str, key: str) -> bytes | None:
    """Return the value, or None where anything is odd: another format, workspace, group or key, or a byte that was changed."""
    try:
        found = _decoder.decode(sealed)
    except (msgspec.DecodeError, RecursionError):
        return None
    if (found.format, found.workspace, found.group, found.key) != (_FORMAT, workspace, group, key):
        return None
    value = bytes(found.value)
    return value if found.digest == _digest(key, value) else None


def _digest(key: str, value: bytes) -> str:
    return hashlib.sha256(key.encode() + b"\n" + value).hexdigest()
