"""Reads numbers as people write them, the sign that divides thousands decided for a whole column, and writes each apart from all others."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import Final, Literal

DecimalSign = Literal[".", ","]

_CURRENCY: Final = r"(?:[$€£¥₹]|USD|EUR|GBP|CHF|JPY|INR|AUD|CAD|US\$)"
_PLAIN: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_DRESSED: Final = re.compile(rf"([+-]?)\s*{_CURRENCY}?\s*([+-]?)\s*([\d.,'’\s  ]*\d)\s*(%?)\s*{_CURRENCY}?")
_GROUPS: Final[dict[str, re.Pattern[str]]] = {
    ".": re.compile(r"(?:[1-9]\d{0,2}(?:[,'’\s  ]\d{3})+|\d+)(?:\.\d+)?|\.\d+"),
    ",": re.compile(r"(?:[1-9]\d{0,2}(?:[.'’\s  ]\d{3})+|\d+)(?:,\d+)?|,\d+"),
}
_PLAIN_SIGNS: Final = frozenset("0123456789.+-eE")
_CODE: Final = re.compile(r"0\d+|\d{16,}")


def read_number(text: str, sign: DecimalSign) -> float | None:
    """Return the number that a cell writes with this decimal sign, or nothing where it writes none.

    Thousands separators and currency signs are taken off; ``12.5 %`` is 12.5, and ``(12.5)``, as accountants write it, is -12.5.
    """
    if sign == "." and _PLAIN.fullmatch(text):
        number = float(text)
        return number + 0.0 if abs(number) < 1e300 else None
    if text.startswith("(") and text.endswith(")"):
        inner = read_number(text[1:-1].strip(), sign)
        return None if inner is None or text[1:].lstrip().startswith(("(", "-", "+")) else -inner + 0.0
    match = _DRESSED.fullmatch(text)
    if match is None or (match[1] and match[2]):
        return None
    digits = match[3].strip()
    if not _GROUPS[sign].fullmatch(digits):
        return None
    if sign == ",":
        digits = digits.replace(".", "").replace(",", ".")
    bare = re.sub(r"[,'’\s  ]", "", digits)
    number = float(bare)
    return (-number if "-" in (match[1], match[2]) else number) + 0.0


def written_number(number: float) -> str:
    """Return a number as short as it can be told from every other one, whole ones with all their digits.

    >>> written_number(1234567.0), written_number(0.25), written_number(3)
    ('1234567', '0.25', '3')
    """
    whole = float(number).is_integer() and abs(number) < 1e15
    return str(int(number)) if whole else repr(number)


def read_numbers(counts: Counter[str], *, tie: DecimalSign = ".") -> tuple[DecimalSign, dict[str, float | None]]:
    """Return the decimal sign under which most cells of the column are numbers, and the cells so read.

    Cells such as 1.500 are numbers under either; where no other cell of the column decides, ``tie`` does.
    """
    if tie == "." and _PLAIN_SIGNS.issuperset("".join(counts)):
        plain = _all_plain(counts)
        if plain is not None:
            return ".", plain
    pointed = {text: read_number(text, ".") for text in counts}
    if tie == "." and all(number is not None for number in pointed.values()):
        return ".", pointed
    with_comma = {text: read_number(text, ",") for text in counts}
    more = _rows_read(with_comma, counts) - _rows_read(pointed, counts)
    return (",", with_comma) if more > 0 or (more == 0 and tie == ",") else (".", pointed)


def _all_plain(counts: Counter[str]) -> dict[str, float | None] | None:
    """Read a column in which every cell is a plain number, the usual case, in one sweep."""
    try:
        numbers: dict[str, float | None] = {text: float(text) + 0.0 for text in counts}
    except ValueError:
        return None
    return None if math.inf in numbers.values() or -math.inf in numbers.values() else numbers


def _rows_read(numbers: Mapping[str, float | None], counts: Counter[str]) -> int:
    return sum(counts[text] for text, number in numbers.items() if number is not None)


def is_code(counts: Counter[str]) -> bool:
    """Return whether the digits are a code, such as a postcode with leading zeros, and no quantity."""
    return any(_CODE.fullmatch(text) for text in counts)
