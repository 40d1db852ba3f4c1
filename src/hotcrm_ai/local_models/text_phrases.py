"""Cuts a text into what a reader takes as one reason: a word, a phrase of the lexicon, a word with what negates or grades it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from hotcrm_ai.local_models.text_function_words import FUNCTION_WORDS
from hotcrm_ai.local_models.text_terms import LONGEST_PHRASE, Lexicon, longest_sign
from hotcrm_ai.local_models.text_tokens import Token, is_negator

_GRADES: Final = ("~very", "~less")
_MOST_GRADES: Final = 4
_TOO: Final = ("too", "zu", "trop", "demasiado")


class Phrase(NamedTuple):
    """Neighbouring tokens that are one reason: as it stands in the text, as the model reads it, the first and the last token."""

    written: str
    words: str
    first: int
    last: int


def weighty(tokens: Sequence[Token]) -> list[bool]:
    """Say of each token whether it can be a reason: words but function words, and faces; every word where there are no such."""
    found = [_says_something(token) for token in tokens]
    return found if any(found) else [_is_word(token) for token in tokens]


def read_phrases(tokens: Sequence[Token], lexicon: Lexicon) -> Iterator[Phrase]:
    """Yield the phrases of a text in their order; function words, numbers, addresses and marks outside of phrases are of none.

    >>> from hotcrm_ai.local_models.text_tokens import read_tokens
    >>> tokens = read_tokens("It is not bad at all, and very kind of you. Thank you!")
    >>> [phrase.written for phrase in read_phrases(tokens, {"thank you": "thanks", "very": "~very"})]
    ['not bad at all', 'very kind', 'Thank you']
    """
    reader = _Reader(tokens, lexicon)
    at, negator = 0, None
    while at < len(tokens):
        last = reader.end_of(at)
        if last is None:
            at += 1
            continue
        run = tokens[at : last + 1]
        own = next((token for token in run if is_negator(token.word)), None)
        is_far = own is None and negator is not None and run[0].negated and _is_word(run[0])
        written, words = " ".join(token.written for token in run), " ".join(token.word for token in run)
        if is_far and negator is not None:
            written, words = f"{negator.written} … {written}", f"not {words}"
        yield Phrase(written, words, at, last)
        negator = own or negator
        at = last + 1


class _Reader:
    """Finds where the phrases of one text end."""

    def __init__(self, tokens: Sequence[Token], lexicon: Lexicon) -> None:
        self._tokens = tokens
        self._lexicon = lexicon
        self._weighty = weighty(tokens)

    def end_of(self, at: int) -> int | None:
        """Return the last token of the phrase that begins at a token, or None where none begins there."""
        start = at
        for _ in range(_MOST_GRADES):
            last = self._end_in_lexicon(at)
            if is_negator(self._tokens[at].word):
                return self._end_of_negation(at, last)
            after = last + 1
            if not self._grades(last) or after == len(self._tokens) or self._tokens[after].after_stop:
                break
            at = after
        for place in (at, start):
            last = self._end_in_lexicon(place)
            if last > place or self._weighty[place]:
                return last
        return None

    def _end_in_lexicon(self, at: int) -> int:
        words = [token.word for token in self._tokens[at : at + LONGEST_PHRASE]]
        sign, length = longest_sign(words, 0, self._lexicon)
        return at if sign is None or sign.startswith("~") else at + length - 1

    def _end_of_negation(self, at: int, last: int) -> int:
        """Return the end of a negation: the first weighty word that it turns, and the small words after it if a clause ends there."""
        place = at + 1
        while last == at and place < len(self._tokens) and self._tokens[place].negated:
            if self._weighty[place] and not self._grades(place):
                last = self._end_in_lexicon(place)
            place += 1
        tail = last
        while tail + 1 < len(self._tokens) and self._is_small(tail + 1):
            tail += 1
        ends = (
            tail + 1 == len(self._tokens) or self._tokens[tail + 1].after_stop or not _is_word(self._tokens[tail + 1])
        )
        return tail if ends and self._tokens[tail].negated else last

    def _is_small(self, at: int) -> bool:
        token = self._tokens[at]
        return token.negated and _is_word(token) and not self._weighty[at]

    def _grades(self, at: int) -> bool:
        word = self._tokens[at].word
        return word in _TOO or self._lexicon.get(word) in _GRADES


def _is_word(token: Token) -> bool:
    return token.word[0].isalpha()


def _says_something(token: Token) -> bool:
    if _is_word(token):
        return token.word not in FUNCTION_WORDS
    return token.word in ("<glad>", "<sad>") or not (token.word[0] in "<?!." or token.word[0].isdigit())
