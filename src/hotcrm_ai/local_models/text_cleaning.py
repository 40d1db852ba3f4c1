"""Cuts a message down to what its writer says now: no markup, no quoted thread, no signature, no endless length."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

MOST_CHARACTERS: Final = 8_000
"""Of longer texts the beginning and the end are read, where people say what they feel."""
_HEAD: Final = 6_000

_TAG: Final = re.compile(r"<(?:/?[a-zA-Z][^<>]{0,2000}|!--[^<>]{0,2000}--)>")
_DROPPED_ELEMENTS: Final = re.compile(
    r"<(script|style|blockquote)\b[^<>]{0,500}>.{0,20000}?</\1\s*>", re.IGNORECASE | re.DOTALL
)
_BREAK: Final = re.compile(r"<(?:br|/p|/div|/li|/tr)\b[^<>]{0,100}>", re.IGNORECASE)
_THREAD_START: Final = re.compile(
    r"^[ \t]*(?:-{2,}[ \t]*(?:original message|forwarded message|ursprüngliche nachricht|message d'origine|mensaje original)\b.{0,80}"
    r"|on [^\n]{4,160} wrote:|am [^\n]{4,160} schrieb[^\n]{0,80}:|le [^\n]{4,160} a écrit ?:|el [^\n]{4,160} escribió:"
    r"|(?:from|von|de): [^\n]{1,160}\n[ \t]*(?:sent|date|to|gesendet|datum|an|envoyé|enviado|para|à): )",
    re.IGNORECASE | re.MULTILINE,
)
_SIGNATURE: Final = re.compile(
    r"^[ \t]*(?:--[ \t]*$|_{5,}[ \t]*$|sent from my\b|von meinem [^\n]{1,40} gesendet|envoyé de mon\b|enviado desde mi\b"
    r"|(?:best|kind|warm|many)?[ ]?regards\b[^\n]{0,20}$|(?:yours )?sincerely\b[^\n]{0,12}$|mit freundlichen grüßen|(?:viele|beste) grüße"
    r"|(?:bien )?cordialement\b|(?:un )?(?:cordial )?saludos?\b[^\n]{0,15}$|atentamente\b)",
    re.IGNORECASE | re.MULTILINE,
)
_QUOTED_LINE: Final = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_SPELLINGS: Final = str.maketrans(
    {"’": "'", "‘": "'", "´": "'", "`": "'", "“": '"', "”": '"', "…": "...", "\u00a0": " "}
)
_UNSEEN: Final = re.compile("[\u200b\u200c\u2060\ufeff\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def clean_text(text: str) -> str:
    """Return what the writer of a message says: without markup, quoted mails and signature, in one spelling of quotes and spaces.

    Where nothing would be left, the text is kept with all that it quotes.

        >>> clean_text("Great, thanks!\\n\\nOn Monday Ann wrote:\\n> It is broken.")
        'Great, thanks!'
    """
    plain = _plain(text)
    own = plain
    if "\n" in plain:
        own = _before(_THREAD_START, _QUOTED_LINE.sub("", plain))
        own = _before(_SIGNATURE, own)
    return own.strip() or plain.strip()


def only_quotes(text: str) -> bool:
    """Say whether a message is nothing but quoted mails and a signature, which ``clean_text`` then keeps.

    >>> only_quotes("> It is broken."), only_quotes("I see.\\n> It is broken.")
    (True, False)
    """
    plain = _plain(text)
    own = _QUOTED_LINE.sub("", plain)
    for mark in (_THREAD_START, _SIGNATURE) if "\n" in plain else (_THREAD_START,):
        found = mark.search(own)
        own = own[: found.start()] if found else own
    return bool(plain.strip()) and not own.strip()


def _plain(text: str) -> str:
    """Return a text, shortened, without markup and in one spelling of quotes and spaces."""
    shortened = text if len(text) <= MOST_CHARACTERS else f"{text[:_HEAD]}\n{text[_HEAD - MOST_CHARACTERS :]}"
    plain = _without_markup(shortened) if "<" in shortened or "&" in shortened else shortened
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", plain.translate(_SPELLINGS)).replace("\r", "\n"))


def _without_markup(text: str) -> str:
    text = _BREAK.sub("\n", _DROPPED_ELEMENTS.sub(" ", text))
    return html.unescape(_TAG.sub(" ", text))


def _before(mark: re.Pattern[str], text: str) -> str:
    """Return what stands before a mark, or the text where the mark is at its very beginning."""
    found = mark.search(text)
    before = text[: found.start()] if found else text
    return before if before.strip() else text
