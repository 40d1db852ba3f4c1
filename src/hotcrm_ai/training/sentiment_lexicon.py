"""The lexicon that sentiment models start from: the sign of each word and phrase in four languages."""

from __future__ import annotations

from collections.abc import Iterator

from hotcrm_ai.training.sentiment_lexicon_english import ENGLISH
from hotcrm_ai.training.sentiment_lexicon_european import EUROPEAN


def sentiment_lexicon() -> dict[str, str]:
    """Return the sign of each word and phrase, in alphabetical order; a word of two signs keeps the first of the English list.

    Signs that begin with ``~`` tell of the kind of a message, not of its mood.
    """
    found: dict[str, str] = {}
    for book in (ENGLISH, EUROPEAN):
        for sign, text in book.items():
            for entry in _entries(text):
                found.setdefault(entry, sign)
    return dict(sorted(found.items()))


def _entries(text: str) -> Iterator[str]:
    """Yield the words before the first bar and the phrase after each bar."""
    words, *phrases = text.split("|")
    yield from words.split()
    for phrase in phrases:
        yield " ".join(phrase.split())
