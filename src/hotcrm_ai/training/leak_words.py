"""Knows the words by which values and names give away that somebody filled them in later."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

_EVENTS: Final = re.compile(
    r"\b(?:opened|sent|clicked|bounced|visited|submitted|replied|received|unsubscribed|unreachable|conversation|called|ringing|"
    r"busy|voicemail|no answer|switched off|marked|modified|revert(?:ed)?|contacted|booked|scheduled|follow(?:ed)?[ -]?up|"
    r"closed by|lost to|converted to)\b",
    re.IGNORECASE,
)
_JUDGEMENTS: Final = re.compile(
    r"\b(?:high|medium|low|worst|best|hot|warm|cold|good|bad|poor|strong|weak|not sure|might be|maybe|potential|likely|unlikely|"
    r"promising|relevance|relevant|qualified|unqualified|junk|interested|other leads?)\b",
    re.IGNORECASE,
)
_TOKEN: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")

LATER_NAMES: Final = frozenset(
    {
        "last",
        "latest",
        "recent",
        "final",
        "status",
        "stage",
        "activity",
        "tag",
        "tags",
        "disposition",
        "outcome",
        "result",
        "closed",
    }
    | {
        "close",
        "closing",
        "won",
        "lost",
        "converted",
        "conversion",
        "churned",
        "cancelled",
        "canceled",
        "ended",
        "end",
        "resolved",
    }
    | {"reason", "modified", "updated", "invoice", "contract_signed", "onboarding"}
)
"""Words in a column's name that hint at a time after the outcome; they never exclude a column alone."""

CREATION_NAMES: Final = frozenset(
    {
        "created",
        "creation",
        "create",
        "opened",
        "open",
        "engage",
        "engaged",
        "start",
        "started",
        "signup",
        "registered",
        "registration",
    }
    | {"received", "inquiry", "enquiry", "entered", "joined", "submitted"}
)
"""Words in the name of a date column that stand for the beginning of a record."""


def name_words(name: str) -> tuple[str, ...]:
    """Return the words of a column's name in lower case: ``customerID`` is customer, id."""
    return tuple(word.lower() for word in _TOKEN.findall(name))


def event_share(cells: Iterable[str | None]) -> float:
    """Return the share of the filled cells that name something that happened in the contact with the record."""
    return _share(cells, _EVENTS)


def judgement_share(cells: Iterable[str | None]) -> float:
    """Return the share of the filled cells that grade the record: high, worst, might be …"""
    return _share(cells, _JUDGEMENTS)


def _share(cells: Iterable[str | None], words: re.Pattern[str]) -> float:
    counts = Counter(cell for cell in cells if cell is not None)
    total = counts.total()
    return (
        sum(count for value, count in counts.items() if words.search(value.replace("_", " "))) / total if total else 0.0
    )
