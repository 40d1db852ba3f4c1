"""What a text model counts of a text: words and pairs, letters within words, and signs of a lexicon, each with the words it is of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from hotcrm_ai.local_models.text_tokens import Token

BLOCKS: Final = ("words", "letters", "signs", "triples")
LONGEST_PHRASE: Final = 4
_SHORTEST, _LONGEST = 3, 5
_MOST_LETTERS: Final = 40
_WHOLE: Final = -1


class Term(NamedTuple):
    """One thing counted, and the first and last token that it is of (both -1: of the text as a whole)."""

    text: str
    first: int
    last: int


Lexicon = Mapping[str, str]
"""The sign of each word or phrase, such as ``great`` -> ``good``."""


def word_terms(tokens: Sequence[Token]) -> Iterator[Term]:
    """Yield each word, negated ones also as such, and each pair of neighbours."""
    previous = "<start>"
    for at, token in enumerate(tokens):
        yield Term(token.word, at, at)
        if token.negated:
            yield Term(f"not_{token.word}", at, at)
        yield Term(f"{previous} {token.word}", max(0, at - 1), at)
        previous = token.word


def triple_terms(tokens: Sequence[Token]) -> Iterator[Term]:
    """Yield each three neighbours, and the outer two of them whatever stands between."""
    for at in range(len(tokens) - 2):
        first, middle, last = (token.word for token in tokens[at : at + 3])
        yield Term(f"{first} {middle} {last}", at, at + 2)
        yield Term(f"{first} * {last}", at, at + 2)


def letter_terms(tokens: Sequence[Token]) -> Iterator[Term]:
    """Yield the runs of three to five letters of each word with its borders."""
    known: dict[str, list[str]] = {}
    for at, token in enumerate(tokens):
        if token.word[0].isalpha():
            if token.word not in known:
                known[token.word] = _runs(f" {token.word[:_MOST_LETTERS]} ")
            for run in known[token.word]:
                yield Term(run, at, at)


def _runs(framed: str) -> list[str]:
    return [
        framed[start : start + length]
        for length in range(_SHORTEST, _LONGEST + 1)
        for start in range(len(framed) - length + 1)
    ]


def sign_terms(tokens: Sequence[Token], lexicon: Lexicon) -> Iterator[Term]:
    """Yield the signs of the longest phrases of the lexicon, turned where negated, and those of the last sentence once more."""
    words = [token.word for token in tokens]
    last_sentence = tokens[-1].sentence if tokens else 0
    at, moods = 0, 0
    while at < len(words):
        sign, length = longest_sign(words, at, lexicon)
        token = tokens[at]
        if sign is not None:
            moods += not sign.startswith("~")
            turned = f"not {sign}" if token.negated else sign
            yield Term(turned, at, at + length - 1)
            if token.sentence == last_sentence:
                yield Term(f"{turned} at the end", at, at + length - 1)
            if token.shouted or token.stretched:
                yield Term(f"{turned} stressed", at, at + length - 1)
        at += length
    if not moods:
        yield Term("no mood", _WHOLE, _WHOLE)


def longest_sign(words: Sequence[str], at: int, lexicon: Lexicon) -> tuple[str | None, int]:
    """Return the sign of the longest phrase of the lexicon that begins at a word, and how many words that has (None and 1: no phrase)."""
    for length in range(min(LONGEST_PHRASE, len(words) - at), 1, -1):
        sign = lexicon.get(" ".join(words[at : at + length]))
        if sign is not None:
            return sign, length
    return lexicon.get(words[at]), 1


def block_terms(block: str, tokens: Sequence[Token], lexicon: Lexicon) -> Iterator[Term]:
    """Yield the terms of one of the ``BLOCKS``."""
    match block:
        case "words":
            return word_terms(tokens)
        case "letters":
            return letter_terms(tokens)
        case "signs":
            return sign_terms(tokens, lexicon)
        case "triples":
            return triple_terms(tokens)
        case _:
            raise ValueError(f"There is no block {block!r} of terms; known are {', '.join(BLOCKS)}.")


def count_terms(block: str, tokens: Sequence[Token], lexicon: Lexicon) -> Counter[str]:
    """Return how often each term of a block occurs; letters are read once for each different word."""
    if block != "letters":
        return Counter(term.text for term in block_terms(block, tokens, lexicon))
    counts: Counter[str] = Counter()
    for word, times in Counter(token.word for token in tokens if token.word[0].isalpha()).items():
        counts.update(_runs(f" {word[:_MOST_LETTERS]} ") * times)
    return counts
