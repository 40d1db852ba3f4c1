"""Finds columns that name a record or a person instead of describing it."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from hotcrm_ai.domain.training import Exclusion
from hotcrm_ai.training.leak_words import name_words
from hotcrm_ai.training.typed_table import TypedColumn

_ID_WORDS: Final = frozenset(
    {"id", "ids", "uuid", "guid", "identifier", "key", "no", "nr", "number", "num", "index", "ref"}
)
_PHONE_WORDS: Final = frozenset({"phone", "mobile", "telephone", "tel", "fax", "cell"})
_PERSON_WORDS: Final = frozenset({"first", "last", "full", "given", "family", "middle"})
_NAMED_THINGS: Final = frozenset(
    {"contact", "customer", "client", "person", "lead", "user", "member", "account", "company"}
)
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE: Final = re.compile(r"\+?[\d\s().\-/]{7,}(?:\s*(?:x|ext\.?)\s*\d+)?")
_LINK: Final = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_NEARLY_UNIQUE: Final = 0.5
_FEW_ROWS: Final = 20


def find_identity(column: TypedColumn) -> Exclusion | None:
    """Return why the column only names its record or a person, or nothing."""
    return _personal(column) or _identifier(column)


def _personal(column: TypedColumn) -> Exclusion | None:
    words = name_words(column.name)
    if column.type == "number":
        if (
            _PHONE_WORDS & set(words)
            and not {"calls", "count", "service"} & set(words)
            and _distinct_share(column) > _NEARLY_UNIQUE
        ):
            return _exclusion(
                column, "personal", "holds phone numbers, which identify a person and say nothing about the next one"
            )
        return None
    if column.type not in ("category", "text"):
        return None
    filled = [cell for cell in column.cells if cell is not None]
    for pattern, what in ((_EMAIL, "e-mail addresses"), (_LINK, "links")):
        if _matching(filled, pattern) >= 0.8:
            return _exclusion(
                column, "personal", f"holds {what}, which identify a person and say nothing about the next one"
            )
    if _matching(filled, _PHONE) >= 0.8 and (_PHONE_WORDS & set(words) or _distinct_share(column) > 0.9):
        digits = sum(sum(sign.isdigit() for sign in cell) >= 7 for cell in filled) / len(filled)
        if digits >= 0.8:
            return _exclusion(
                column, "personal", "holds phone numbers, which identify a person and say nothing about the next one"
            )
    if len(set(filled)) > _FEW_ROWS and _names_people(words, _distinct_share(column)):
        reason = f"holds names ({len(set(filled))} different ones), which identify somebody and say nothing about the next one"
        return _exclusion(column, "personal", reason)
    return None


def _names_people(words: tuple[str, ...], distinct: float) -> bool:
    """Judge by the column's name: ``first_name`` always holds people; ``name`` and ``customer name`` where they hardly repeat."""
    if not words or words[-1] not in ("name", "names", "surname", "firstname", "lastname", "fullname"):
        return False
    if words[-1] in ("surname", "firstname", "lastname", "fullname") or _PERSON_WORDS & set(words[:-1]):
        return True
    return bool(distinct > 0.2 and (len(words) == 1 or _NAMED_THINGS & set(words[:-1])))


def _identifier(column: TypedColumn) -> Exclusion | None:
    share = _distinct_share(column)
    words = name_words(column.name)
    if column.type == "number":
        return _counter(column, share=share, named=bool(_ID_WORDS & set(words)))
    filled = int((~column.missing).sum())
    if column.type != "category" or filled < _FEW_ROWS:
        return None
    if share >= 0.98:
        return _exclusion(
            column, "identifier", f"has a different value in {100 * share:.1f} % of {filled} rows: it names the record"
        )
    if share > _NEARLY_UNIQUE:
        return _exclusion(
            column,
            "identifier",
            f"has {100 * share:.0f} % different values in {filled} rows: a value hardly ever comes back in a new record",
        )
    if words and words[-1] in ("id", "uuid", "guid", "key") and share > 0.1:
        return _exclusion(
            column,
            "identifier",
            f"is a reference to another record ({100 * share:.0f} % different values in {filled} rows)",
        )
    return None


def _counter(column: TypedColumn, *, share: float, named: bool) -> Exclusion | None:
    """Judge a number that is different in every row: an identifier if it is named so, or only counts the rows."""
    known = column.cells[~column.missing]
    if known.size < _FEW_ROWS or share < 0.999 or not np.array_equal(known, np.round(known)):
        return None
    steps = np.diff(known)
    running = max(float((steps > 0).mean()), float((steps < 0).mean()))
    if named:
        return _exclusion(
            column,
            "identifier",
            "is a whole number that is different in every row, and its name says that it is a number of the record",
        )
    if running > 0.95 and float(known.max() - known.min()) < 20 * known.size:
        return _exclusion(
            column,
            "identifier",
            f"is a counter: it runs with the order of the rows ({100 * running:.0f} % of the steps go one way)",
        )
    return None


def _distinct_share(column: TypedColumn) -> float:
    if column.type == "number":
        known = column.cells[~column.missing]
        return np.unique(known).size / known.size if known.size else 0.0
    filled = [cell for cell in column.cells if cell is not None]
    return len(set(filled)) / len(filled) if filled else 0.0


def _matching(cells: list[str], pattern: re.Pattern[str]) -> float:
    return sum(pattern.fullmatch(cell) is not None for cell in cells) / len(cells) if cells else 0.0


def _exclusion(column: TypedColumn, kind: str, reason: str) -> Exclusion:
    return Exclusion(column=column.name, kind=kind, reason=reason)
