"""Knows which cells say that a value is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_SPREADSHEET_ERRORS: Final = (
    "#n/a",
    "#div/0!",
    "#ref!",
    "#value!",
    "#name?",
    "#num!",
    "#null!",
    "#nv",
    "#wert!",
    "#bezug!",
)
MISSING_WORDS: Final = frozenset(
    {"", "na", "n/a", "null", "none", "nan", "-", "--", "nil", "<na>", "nat", *_SPREADSHEET_ERRORS}
)
"""Cells that mean "no value", in lower case: a formula that failed has none either."""

_LONGEST_WORD: Final = max(map(len, MISSING_WORDS))
_LONGEST_PLACEHOLDER: Final = 40
_PLACEHOLDER: Final = re.compile(
    r"[\W_]*(?:please[\s_]+)?(?:select|choose)(?:[\s_]+(?:one|an?[\s_]+\w+|option|value))?[\W_]*|-+\s*none\s*-+",
    re.IGNORECASE,
)


def is_missing_word(text: str) -> bool:
    """Return whether a stripped cell is one of the words for "no value"."""
    return len(text) <= _LONGEST_WORD and text.casefold() in MISSING_WORDS


def find_placeholders(texts: Iterable[str]) -> frozenset[str]:
    """Return the cells that are a form's untouched prompt, such as ``Select`` or ``-- choose one --``."""
    short = (text for text in texts if len(text) <= _LONGEST_PLACEHOLDER and not text[0].isdigit())
    return frozenset(text for text in short if _PLACEHOLDER.fullmatch(text))
