"""Reads JSON strictly: UTF-8, no name twice in one object, only finite numbers, at most 32 levels deep.

msgspec decodes, but lets a repeated name pass: the last one wins. Every name is followed by a colon, so a body with as many colons
as names were decoded repeats none. Only where a body has more (a text such as ``"10:30"`` is enough) are its names counted one by one,
and only where that differs too is it parsed again, slowly, to say which name it is.

What costs far more to read than to send is refused by counting characters, before anything is decoded.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, NoReturn

import msgspec

from hotcrm_ai.domain.errors import InvalidRequest
from hotcrm_ai.domain.limits import MAX_BODY_BYTES, MAX_JSON_CONTAINERS, MAX_JSON_DEPTH, MAX_JSON_VALUES
from hotcrm_ai.entrypoints.http.refusals import UnreadableRequest

_decode = msgspec.json.Decoder().decode
_TEXT_OR_NAME: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"[ \t\r\n]*(:?)')
_EXTREME: Final = re.compile(rb"[0-9][eE][+-]?0*[1-9][0-9]{2}")
_MOST_EXTREME: Final = 1_000
"""Numbers beyond 1e99 or below 1e-99: some of them take two hundred times as long to read as others."""

_TOO_DEEP: Final = f"The JSON body is nested deeper than {MAX_JSON_DEPTH} levels; flatten it."


def read_json_object(body: bytes, *, most_values: int = MAX_JSON_VALUES) -> dict[str, Any]:
    """Return the JSON object that a body holds, which may have so many values; commas and brackets in texts count as well.

    Raises:
        UnreadableRequest: it is no strict JSON, or made of too many values; the message names the offending field or place.
        InvalidRequest: it is strict JSON, but not an object.
    """
    _check_cost(body, most_values)
    try:
        document = _decode(body)
    except RecursionError:
        raise UnreadableRequest(_TOO_DEEP) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        _say_what_is_unreadable(body, problem)
    if not isinstance(document, dict):
        raise InvalidRequest(f"The JSON body is {_kind(document)}; send an object: {{...}}.")
    names = _count_flat_names(document) if body.count(b"{") + body.count(b"[") <= MAX_JSON_DEPTH else -1
    colons = body.count(b":")
    if names != colons:
        names = _count_names(document)
        if names != colons and names != _TEXT_OR_NAME.findall(body).count(b":"):
            _parse_closely(body)
    return document


def _check_cost(body: bytes, most_values: int) -> None:
    opened = body.count(b"{") + body.count(b"[")
    if opened > min(most_values, MAX_JSON_CONTAINERS) or opened + body.count(b",") > most_values:
        raise UnreadableRequest(
            f"The JSON body has more than {most_values:,} values, or too many lists and objects; send less at a time."
        )
    if body.count(b"e") + body.count(b"E") > _MOST_EXTREME and len(_EXTREME.findall(body)) > _MOST_EXTREME:
        raise UnreadableRequest(
            f"The JSON body has more than {_MOST_EXTREME:,} numbers with an exponent of three digits; no record is like that."
        )


def _count_flat_names(document: dict[str, Any]) -> int:
    """Count the names of an object and of the objects directly in it, which is all that a usual request has."""
    return len(document) + sum([len(value) for value in document.values() if type(value) is dict])


def _count_names(document: dict[str, Any]) -> int:
    """Count the names of all objects, level by level; raises ``UnreadableRequest`` where there are too many levels."""
    names = 0
    level: list[Any] = [document]
    for _ in range(MAX_JSON_DEPTH):
        inner: list[Any] = []
        for container in level:
            if type(container) is dict:
                names += len(container)
                inner += [value for value in container.values() if type(value) is dict or type(value) is list]
            else:
                inner += [value for value in container if type(value) is dict or type(value) is list]
        if not inner:
            return names
        level = inner
    raise UnreadableRequest(_TOO_DEEP)


def _say_what_is_unreadable(body: bytes, problem: Exception) -> NoReturn:
    """Raise the most helpful message for a body that msgspec could not decode."""
    if body.startswith(b"\xef\xbb\xbf"):
        raise UnreadableRequest("The JSON body starts with a byte order mark; send plain UTF-8 without one.")
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as broken:
        raise UnreadableRequest(f"The JSON body is not UTF-8 (byte {broken.start}); encode it as UTF-8.") from None
    if not body.strip():
        raise UnreadableRequest("The body is empty; send a JSON object.")
    _parse_closely(body)
    raise UnreadableRequest(f"The JSON body cannot be read: {problem}.") from None


def _parse_closely(body: bytes) -> None:
    """Parse with the slow parser of the standard library, which sees every pair, and name the first offence; not in a large body."""
    if len(body) > MAX_BODY_BYTES:
        raise UnreadableRequest(
            "The JSON body cannot be read, or has a name twice in one object; send fewer records to be told where."
        )
    try:
        json.loads(body.decode("utf-8"), object_pairs_hook=_checked_pairs)
    except RecursionError:
        raise UnreadableRequest(_TOO_DEEP) from None
    except json.JSONDecodeError as problem:
        raise UnreadableRequest(
            f"The JSON body cannot be read: {problem.msg} (line {problem.lineno}, column {problem.colno})."
        ) from None
    except ValueError:
        raise UnreadableRequest(
            "The JSON body holds a whole number with thousands of digits; send it as text."
        ) from None


def _checked_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for name, value in pairs:
        if name in seen:
            raise UnreadableRequest(f"The JSON body has the name {shown_name(name)} twice in one object; give it once.")
        if not _is_finite(value):
            raise UnreadableRequest(
                f"{shown_name(name)} is not a finite number; JSON has no NaN or Infinity, send null where the value is unknown."
            )
        if _has_lone_surrogate(name) or _has_lone_surrogate(value):
            raise UnreadableRequest(
                f"{shown_name(name)} holds half of a surrogate pair, which is no text; encode it as UTF-8."
            )
        seen[name] = value
    return seen


def _is_finite(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return all(_is_finite(element) for element in value) if isinstance(value, list) else True


def _has_lone_surrogate(value: Any) -> bool:
    if isinstance(value, list):
        return any(_has_lone_surrogate(element) for element in value)
    return isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value)


def shown_name(name: str) -> str:
    """Return a caller's name for a message: quoted, printable and short."""
    shown = ascii(name) if not name.isprintable() else repr(name)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."


def _kind(document: Any) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list"}
    return kinds.get(type(document), "null")
