"""Reads a text as words with what matters for mood: negation, emphasis, faces, names and addresses made alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from hotcrm_ai.local_models.text_cleaning import clean_text

MOST_TOKENS: Final = 2_000

_WORD: Final = r"[^\W\d_]+(?:['-][^\W\d_]+)*"
_PIECES: Final = re.compile(
    r"(?P<url>https?://\S+|www\.\S+)"
    r"|(?P<mail>[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,32})+)"
    r"|(?P<user>@\w+)"
    r"|(?P<face>[<>]?[:;=8xX][-o']?[)\](\[dDpP/\\|3*](?![\w])|<3|</3|\^_+\^|-_+-|:'\(|\((?:ツ)\))"
    rf"|(?P<tag>\#(?=\w)){_WORD}"
    rf"|(?P<word>{_WORD})"
    r"|(?P<number>[$€£]?\d+(?:[.,:]\d+)*%?)"
    r"|(?P<marks>[!?]+)"
    r"|(?P<dots>\.{2,})"
    r"|(?P<stop>[.;,:\n()])"
    "|(?P<emoji>[\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\u3030\u303d\U0001f000-\U0001faff])"
)
_CAMEL: Final = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Ý])")
_REPEATED: Final = re.compile(r"(\w)\1{2,}")
_HAPPY: Final = frozenset(")]dDpP3*")
_NEGATORS: Final = frozenset(
    [
        "not",
        "no",
        "never",
        "none",
        "nothing",
        "nobody",
        "neither",
        "nor",
        "without",
        "cannot",
        "hardly",
        "barely",
        "isnt",
        "arent",
        "wasnt",
        "werent",
        "dont",
        "doesnt",
        "didnt",
        "cant",
        "couldnt",
        "wont",
        "wouldnt",
        "shouldnt",
        "havent",
        "hasnt",
        "hadnt",
        "aint",
        "nicht",
        "kein",
        "keine",
        "keinen",
        "keinem",
        "keiner",
        "nie",
        "niemals",
        "niemand",
        "ohne",
        "pas",
        "jamais",
        "aucun",
        "aucune",
        "sans",
        "nunca",
        "jamás",
        "sin",
        "nadie",
        "ni",
        "rien",
        "personne",
        "ningún",
        "ninguna",
        "tampoco",
    ]
)
_SCOPE_ENDS: Final = frozenset(
    ["but", "however", "although", "though", "because", "aber", "jedoch", "mais", "pero", "sino", "sondern"]
)
_SCOPE: Final = 3
_CANNOT: Final = frozenset(["cannot", "cant", "can't", "couldnt", "couldn't", "won't", "wont", "wouldn't", "wouldnt"])
_CAN: Final = frozenset(
    [
        "can",
        "could",
        "kann",
        "können",
        "könnte",
        "könnten",
        "peut",
        "peux",
        "pourrait",
        "pouvais",
        "puede",
        "puedo",
        "podría",
    ]
)
_MORE: Final = frozenset(
    """
    better bigger cheaper cleaner clearer easier faster finer friendlier greater happier harder kinder louder more nicer poorer
    prouder quicker ruder safer sadder simpler slower smarter smoother stronger warmer weaker worse
    besser einfacher freundlicher glücklicher langsamer leichter netter schlechter schneller schöner zufriedener
    mieux meilleur meilleure pire plus mejor peor más
    """.split()  # noqa: SIM905 - words are easier to read in lines
)
_PRAISES: Final = frozenset(
    ["emphasise", "emphasize", "express", "get", "praise", "recommend", "say", "stress", "thank"]
)
_FARTHEST_ENOUGH: Final = 8


class Token(NamedTuple):
    """One piece of a text: ``word`` as the model knows it, ``written`` as it stood there, ``sentence`` counted from 0.

    ``after_stop`` says that a full stop, a comma or another stop stands before it.
    """

    word: str
    written: str
    negated: bool
    sentence: int
    shouted: bool
    stretched: bool
    after_stop: bool = False


def read_tokens(text: str) -> list[Token]:
    """Return the tokens of a message; names, addresses and numbers become ``<user>``, ``<url>``, ``<mail>`` and ``0``.

    Up to three words after a negation are ``negated``, until a stop or a word such as *but*.

        >>> [token.word for token in read_tokens("@bob this is NOT goooood :(")]
        ['<user>', 'this', 'is', 'not', 'good', '<sad>']
        >>> [token.word for token in read_tokens("not good. fine") if token.negated]
        ['good']
    """
    tokens: list[Token] = []
    sentence, scope, stopped = 0, 0, False
    limit: int | None = None
    for piece in _PIECES.finditer(clean_text(text)):
        kind, written = piece.lastgroup or "word", piece[0]
        if kind == "stop":
            sentence += written in ".\n"
            scope, stopped, limit = 0, True, None
            continue
        for part in _parts(kind, written):
            word, stretched = _normal(kind, part)
            if word in _SCOPE_ENDS:
                scope = 0
            negator = is_negator(word)
            if negator:
                limit = len(tokens) if _is_limit(word, tokens) else None
            if limit is not None and word in _MORE:
                scope = 0
            negated = scope > 0 and not negator
            tokens.append(Token(word, part, negated, sentence, _is_shouted(part), stretched, stopped))
            stopped = False
            if word == "enough" and limit is not None:
                _turn_back(tokens, limit)
            scope = _SCOPE if negator else max(0, scope - 1)
        if kind in ("marks", "dots"):
            sentence += 1
            scope = 0
        if len(tokens) >= MOST_TOKENS:
            break
    return tokens


def _is_limit(negator: str, before: Sequence[Token]) -> bool:
    """Say whether a negation tells of what cannot be, as in *couldn't be better*, where nothing is turned."""
    return negator in _CANNOT or (bool(before) and before[-1].word in _CAN)


def _turn_back(tokens: list[Token], limit: int) -> None:
    """Take the turning back between *can't* and *enough*, as in *can't thank you enough*."""
    if len(tokens) - limit <= _FARTHEST_ENOUGH and tokens[limit + 1].word in _PRAISES:
        tokens[limit + 1 :] = [token._replace(negated=False) for token in tokens[limit + 1 :]]


def is_negator(word: str) -> bool:
    """Say whether a word turns those after it."""
    return word in _NEGATORS or word.endswith("n't")


def _parts(kind: str, written: str) -> list[str]:
    """Split a hashtag written in capitals and smalls into its words."""
    return _CAMEL.split(written[1:]) if kind == "tag" else [written]


def _normal(kind: str, written: str) -> tuple[str, bool]:
    """Return the word of a piece and whether it was stretched, as in *sooooo*."""
    match kind:
        case "url" | "mail" | "user":
            return f"<{kind}>", False
        case "number":
            return ("0%" if written.endswith("%") else "0"), False
        case "face":
            return _face(written), False
        case "marks":
            return ("?" if "?" in written else "!") + ("+" if len(written) > 1 else ""), False
        case "dots":
            return "...", False
        case "emoji":
            return written, False
        case _:
            lowered = written.lower()
            short = _REPEATED.sub(r"\1\1", lowered)
            return _unstretch(short, lowered), short != lowered


def _unstretch(short: str, lowered: str) -> str:
    """Bring *sooo* to *so* and *goood* to *good*: two letters stay where words often double them, one elsewhere."""
    if short == lowered:
        return short
    return re.sub(r"([^\Woelsptfnm\d_])\1", r"\1", short) if short not in ("soo", "noo") else short[:-1]


def _face(written: str) -> str:
    if written == "</3" or "'(" in written:
        return "<sad>"
    if written.startswith(("^", "<3", "(")) or written[-1] in _HAPPY:
        return "<glad>"
    return "<sad>"


def _is_shouted(written: str) -> bool:
    return len(written) > 2 and written.isupper() and written.isalpha()
