"""Knows what says that a value is missing: words in the cells of a table, and the marks that data frames use."""

from __future__ import annotations

from typing import Any, Final

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
_MARKS: Final = frozenset({"NAType", "NaTType"})


def is_missing_word(text: str) -> bool:
    """Return whether a stripped cell is one of the words for "no value"."""
    return len(text) <= _LONGEST_WORD and text.casefold() in MISSING_WORDS


def is_missing_mark(value: Any) -> bool:
    """Return whether a value is the ``NA`` or ``NaT`` of pandas, which need not be installed."""
    return type(value).__name__ in _MARKS
