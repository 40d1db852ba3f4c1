"""Reads dates as people write them; whether ``3/4/2026`` is March or April is decided for a whole column at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import Final, Literal

DayOrder = Literal["day first", "month first", "unclear"]

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "september", "sept"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}
_TIME: Final = (
    r"(?:[T\s]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp][Mm])?\s*(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})?)?"
)
_SHAPES: Final = tuple(
    re.compile(shape + _TIME)
    for shape in (
        r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})",
        r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})",
        r"(?P<day>\d{1,2})[\s-](?P<word>[A-Za-z]{3,9})\.?,?[\s-](?P<year>\d{4})",
        r"(?P<word>[A-Za-z]{3,9})\.?\s(?P<day>\d{1,2}),?\s(?P<year>\d{4})",
    )
)
_SLASHED: Final = re.compile(r"(?P<first>\d{1,2})([/-])(?P<other>\d{1,2})\2(?P<year>\d{4})" + _TIME)


def day_order(texts: Iterable[str]) -> DayOrder | None:
    """Return how the slashed dates of a column are to be read; nothing where it has none.

    One date with a day above 12 decides for all; with none, or with both kinds, the order is unclear.
    """
    firsts, others, seen = False, False, False
    for text in texts:
        match = _SLASHED.fullmatch(text)
        if match:
            seen = True
            firsts |= int(match["first"]) > 12
            others |= int(match["other"]) > 12
    if not seen:
        return None
    if firsts == others:
        return "unclear"
    return "day first" if firsts else "month first"


def looks_like_date(text: str) -> bool:
    """Return whether the cell has the shape of a date, whatever its order of day and month."""
    return _SLASHED.fullmatch(text) is not None or read_date(text, None) is not None


def read_date(text: str, order: DayOrder | None) -> datetime | None:
    """Return the moment that a cell writes, in UTC where it names no zone, or nothing where it writes none."""
    for shape in _SHAPES:
        match = shape.fullmatch(text)
        if match:
            word = match.groupdict().get("word")
            month = _MONTHS.get(word.casefold()) if word else int(match["month"])
            return _moment(match, month, int(match["day"]))
    match = _SLASHED.fullmatch(text)
    if match is None or order not in ("day first", "month first"):
        return None
    first, other = int(match["first"]), int(match["other"])
    return _moment(match, other, first) if order == "day first" else _moment(match, first, other)


def _moment(match: re.Match[str], month: int | None, day: int) -> datetime | None:
    if month is None:
        return None
    hour = int(match["hour"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"].lower() == "pm" else 0)
    fraction = int((match["fraction"] or "0").ljust(6, "0")[:6])
    try:
        moment = datetime(
            int(match["year"]), month, day, hour, int(match["minute"] or 0), int(match["second"] or 0), fraction, UTC
        )
        return moment.replace(tzinfo=_zone(match["zone"])).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(text: str | None) -> timezone:
    if text in (None, "Z", "UTC"):
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)
