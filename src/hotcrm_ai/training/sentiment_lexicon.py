"""The lexicon that sentiment models start from: the sign of each word and phrase in four languages."""

from __future__ import annotations

from collections.abc import Iterator

from hotcrm_ai.training.sentiment_lexicon_english import ENGLISH
from hotcrm_ai.training.sentiment_lexicon_european import EUROPEAN
from hotcrm_ai.training.sentiment_lexicon_reviews import REVIEWS


def sentiment_lexicon(*, reviews: bool = False) -> dict[str, str]:
    """Return the sign of each word and phrase, in alphabetical order; a word of two signs keeps the first.

    Signs that begin with ``~`` tell of the kind of a message, not of its mood. ``reviews`` adds what people write of products, for a
    model that cannot learn it from texts of the place where it will be used.
    """
    found: dict[str, str] = {}
    for book in (ENGLISH, *((REVIEWS,) if reviews else ()), EUROPEAN):
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
