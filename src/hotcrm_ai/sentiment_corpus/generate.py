"""Writes the labelled corpus: every message of the lists in several words and in the dress of tweets, e-mails, tickets and reviews."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Final

from hotcrm_ai.sentiment_corpus.english_negative import NEGATIVE
from hotcrm_ai.sentiment_corpus.english_neutral import NEUTRAL
from hotcrm_ai.sentiment_corpus.english_positive import POSITIVE
from hotcrm_ai.sentiment_corpus.english_products_faulted import PRODUCTS_FAULTED
from hotcrm_ai.sentiment_corpus.english_products_praised import PRODUCTS_PRAISED
from hotcrm_ai.sentiment_corpus.english_reviews import FAULTING, PRAISING, REVIEW_WORDS, TELLING
from hotcrm_ai.sentiment_corpus.english_told import TOLD
from hotcrm_ai.sentiment_corpus.english_trades_faulted import TRADES_FAULTED
from hotcrm_ai.sentiment_corpus.english_trades_praised import TRADES_PRAISED
from hotcrm_ai.sentiment_corpus.english_words import WORDS
from hotcrm_ai.sentiment_corpus.european import EUROPEAN_NEGATIVE, EUROPEAN_NEUTRAL, EUROPEAN_POSITIVE, EUROPEAN_WORDS
from hotcrm_ai.sentiment_corpus.polite import NEGATED_PRAISE, POLITE_COMPLAINTS, SENT_BY_MACHINES

_ALL_WORDS: Final = {**WORDS, **REVIEW_WORDS, **EUROPEAN_WORDS}
_PER_SENTENCE: Final = {"negative": 22, "neutral": 14, "positive": 10}
"""How often each sentence is used: customers who write to a company in public mostly have a problem."""
_PER_REVIEW_SENTENCE: Final = 20
"""How often each sentence of a review is used: reviews praise about as often as they complain."""
_PER_FINISHED_SENTENCE: Final = 6
"""How often each sentence without braces is used, alone or beside another."""
_REVIEWS: Final[tuple[tuple[str, tuple[str, ...], int], ...]] = (
    ("negative", FAULTING, _PER_REVIEW_SENTENCE),
    ("neutral", TELLING, _PER_REVIEW_SENTENCE),
    ("positive", PRAISING, _PER_REVIEW_SENTENCE),
    ("negative", PRODUCTS_FAULTED, _PER_FINISHED_SENTENCE),
    ("positive", PRODUCTS_PRAISED, _PER_FINISHED_SENTENCE),
    ("negative", TRADES_FAULTED, _PER_FINISHED_SENTENCE),
    ("positive", TRADES_PRAISED, _PER_FINISHED_SENTENCE),
    ("neutral", TOLD, _PER_FINISHED_SENTENCE),
    ("negative", POLITE_COMPLAINTS, _PER_FINISHED_SENTENCE),
    ("positive", NEGATED_PRAISE, _PER_FINISHED_SENTENCE),
    ("neutral", SENT_BY_MACHINES, _PER_FINISHED_SENTENCE),
)
_JOINED_SHARE: Final = 0.4
_FACES: Final = {
    "negative": ("😡", "😒", "😢", ":(", "👎", "🙄", "😭"),
    "positive": ("😊", "😍", "👍", ":)", "❤", "🎉", "🙌"),
    "neutral": (),
}
_TAGS: Final = {
    "negative": ("#fail", "#badservice", "#disappointed", "#neveragain", "#notcool"),
    "positive": ("#happy", "#love", "#greatservice", "#thankyou", "#winning"),
    "neutral": ("#travel", "#news", "#business", "#question"),
}
_GREETINGS: Final = ("Hello", "Hi", "Good morning", "Dear team", "Hi there")
_CLOSINGS: Final = ("Best regards", "Kind regards", "Regards", "Cheers", "Sincerely")


@dataclass(frozen=True, slots=True)
class LabelledText:
    """One message, its mood, and the number of the sentence that it was made of, by which it is held out."""

    text: str
    label: str
    group: int


def generate_corpus(*, seed: int = 7) -> list[LabelledText]:
    """Return the whole corpus; the same seed gives the same texts."""
    draw = random.Random(seed)  # noqa: S311 - seeded, and no secret
    books = {
        "negative": (NEGATIVE, EUROPEAN_NEGATIVE),
        "neutral": (NEUTRAL, EUROPEAN_NEUTRAL),
        "positive": (POSITIVE, EUROPEAN_POSITIVE),
    }
    texts: list[LabelledText] = []
    group = 0
    for label, (english, european) in books.items():
        for sentences in (english, european):
            for sentence in sentences:
                texts += [
                    LabelledText(_message(sentence, sentences, label, draw), label, group)
                    for _ in range(_PER_SENTENCE[label])
                ]
                group += 1
    for label, sentences, times in _REVIEWS:
        for sentence in sentences:
            for _ in range(times):
                texts.append(LabelledText(_review(sentence, sentences, label, draw), label, group))
            group += 1
    return list({text.text: text for text in texts}.values())


def _message(sentence: str, others: tuple[str, ...], label: str, draw: random.Random) -> str:
    """Return a sentence, sometimes with a second one of the same language and mood, as it would be sent."""
    said = [_fill(sentence, draw)]
    if draw.random() < _JOINED_SHARE:
        near = others.index(sentence)
        said.append(_fill(others[min(len(others) - 1, max(0, near + draw.randrange(-4, 5)))], draw))
    return _DRESSES[draw.randrange(len(_DRESSES))](said, label, draw)


def _review(sentence: str, others: tuple[str, ...], label: str, draw: random.Random) -> str:
    """Return a sentence, sometimes with a second one of the same mood, as it stands in a review."""
    said = [_fill(sentence, draw)]
    if draw.random() < _JOINED_SHARE:
        said.append(_fill(draw.choice(others), draw))
    return _plain(said, label, draw)


def _fill(sentence: str, draw: random.Random) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: draw.choice(_ALL_WORDS[found[1]]), sentence)


def _plain(said: list[str], _label: str, draw: random.Random) -> str:
    text = " ".join(part if part[-1] in "?!" else f"{part}{draw.choice('..!')}" for part in said)
    return text[0].upper() + text[1:]


def _tweet(said: list[str], label: str, draw: random.Random) -> str:
    text = draw.choice((" ", ". ", ", ", "... ")).join(said) + draw.choice(("", "", ".", "!", "!!"))
    text = f"@{draw.choice(('shop', 'support', 'company', 'help', 'service'))} {text}" if draw.random() < 0.8 else text
    if _FACES[label] and draw.random() < 0.25:
        text = f"{text} {draw.choice(_FACES[label])}"
    if draw.random() < 0.2:
        text = f"{text} {draw.choice(_TAGS[label])}"
    if draw.random() < (0.3 if label == "neutral" else 0.05):
        text = f"{text} https://t.example/{draw.randrange(10_000)}"
    return text.upper() if label != "neutral" and draw.random() < 0.04 else text


def _mail(said: list[str], label: str, draw: random.Random) -> str:
    return f"{draw.choice(_GREETINGS)},\n\n{_plain(said, label, draw)}\n\n{draw.choice(_CLOSINGS)}\n{draw.choice(WORDS['name']).title()}"


_DRESSES: Final = (_plain, _plain, _tweet, _tweet, _mail)
