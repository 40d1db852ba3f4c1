"""The lexicon that sentiment models start from: the sign of each word and phrase in four languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hotcrm_ai.training.sentiment_lexicon_blame import BLAME
from hotcrm_ai.training.sentiment_lexicon_english import ENGLISH
from hotcrm_ai.training.sentiment_lexicon_european import EUROPEAN
from hotcrm_ai.training.sentiment_lexicon_faults import FAULTS
from hotcrm_ai.training.sentiment_lexicon_praise import PRAISE
from hotcrm_ai.training.sentiment_lexicon_reviews import REVIEWS

_WIDE: Final = (REVIEWS, PRAISE, BLAME, FAULTS)


def sentiment_lexicon(*, wide: bool = False) -> dict[str, str]:
    """Return the sign of each word and phrase, in alphabetical order; a word of two signs keeps the first.

    Signs that begin with ``~`` tell of the kind of a message, not of its mood. ``wide`` adds the words of
    every trade, for a model that cannot learn them from texts of the place where it will be used.
    """
    found: dict[str, str] = {}
    for book in (ENGLISH, EUROPEAN, *(_WIDE if wide else ())):
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
