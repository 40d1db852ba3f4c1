"""Writes a feature's value for people, the same in texts, tables and pictures."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any, Final

_LONGEST: Final = 80
_BIDI_CONTROLS: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_CONTROL_CATEGORIES: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})


def value_text(value: Any, *, longest: int = _LONGEST) -> str:
    """Return a value for people: ``10,000``, ``yes``, ``2026-03-31``, ``unknown`` where it is missing; at most ``longest`` characters.

    >>> value_text(10000.0), value_text(None), value_text(0.25)
    ('10,000', 'unknown', '0.25')
    """
    match value:
        case None:
            return "unknown"
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return _number_text(float(value))
        case str():
            return _shortened(printable(_without_midnight(value)), longest)
        case list() | tuple():
            return _shortened(", ".join(value_text(element) for element in value), longest) or "none"
        case _:
            return _shortened(printable(str(value)), longest)


def printable(text: str) -> str:
    """Return the text with control characters, line breaks and direction marks written as escapes.

    >>> printable("a\\x1b[31mb")
    'a\\\\x1b[31mb'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(character) for character in text)


def _number_text(value: float) -> str:
    if abs(value) >= 1e15 or (value and abs(value) < 1e-4):
        return f"{value:.4g}"
    if value.is_integer():
        return f"{int(value):,}"
    decimals = 2 if abs(value) >= 100 else 4
    return f"{value:,.{decimals}f}".rstrip("0").rstrip(".")


def _without_midnight(text: str) -> str:
    """Shorten ``2026-03-31T00:00:00+00:00`` to its day; leave any other text alone."""
    if not text.endswith("T00:00:00+00:00"):
        return text
    try:
        return datetime.fromisoformat(text).date().isoformat()
    except ValueError:
        return text


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _escaped(character: str) -> str:
    if character in _BIDI_CONTROLS or unicodedata.category(character) in _CONTROL_CATEGORIES:
        return character.encode("unicode_escape").decode("ascii")
    return character
