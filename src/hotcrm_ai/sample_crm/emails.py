"""The e-mails of the sample CRM: what contacts wrote and were answered, with the mood that only the truth knows."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from hotcrm_ai.sample_crm.phrases import NEGATIVE, NEUTRAL, POSITIVE, PhraseBook
from hotcrm_ai.sample_crm.phrases_english import ENGLISH
from hotcrm_ai.sample_crm.phrases_european import FRENCH, GERMAN, SPANISH
from hotcrm_ai.sample_crm.rows import Row, date_in, record_ids, rows_from
from hotcrm_ai.sample_crm.streams import Floats, Stream

_MOODS = (POSITIVE, NEUTRAL, NEGATIVE)
_LOCAL_BOOKS = {"Germany": GERMAN, "France": FRENCH, "Spain": SPANISH, "Switzerland": GERMAN}
_LOCAL_SHARE = 0.5
_INBOUND_SHARE = 0.75
_HIDDEN_SHARE = 0.05
_MIXED_SHARE = 0.12
_MEAN_PER_CONTACT = 1.5
_LOTS = 24
"""How many random numbers are kept for the choice of words in one e-mail."""


@dataclass(frozen=True, slots=True)
class Emails:
    """The table of e-mails, and the truth behind it: mood and language of each."""

    rows: list[Row]
    truth: list[Row]


def draw_emails(contacts: list[Row], accounts: list[Row], *, seed: int) -> Emails:
    """Return the e-mails to and from the contacts in the year before the review of their account.

    Detractors write in a bad mood more often than others. Of the e-mails with a mood one in twenty hides it, and one
    in eight holds a sentence of the opposite mood among two of its own, so that no reader can always be right. What
    we send ourselves is neutral.
    """
    owners = {account["id"]: account for account in accounts}
    numbers = Stream(seed, "emails.number").counts(np.full(len(contacts), _MEAN_PER_CONTACT)).tolist()
    writers = [contact for contact, number in zip(contacts, numbers, strict=True) for _ in range(number)]
    count = len(writers)
    inbound = Stream(seed, "emails.direction").chance(_INBOUND_SHARE, count).tolist()
    moods = _draw_moods([owners[writer["account_id"]]["nps_score"] for writer in writers], inbound, seed=seed)
    local = Stream(seed, "emails.language").chance(_LOCAL_SHARE, count).tolist()
    books = [
        _LOCAL_BOOKS.get(str(owners[writer["account_id"]]["country"]), ENGLISH) if at_home else ENGLISH
        for writer, at_home in zip(writers, local, strict=True)
    ]
    lots = Stream(seed, "emails.words").uniform(count * _LOTS).reshape(count, _LOTS)
    letters = [
        _write(book, mood, incoming, str(writer["first_name"]), row)
        for book, mood, incoming, writer, row in zip(books, moods, inbound, writers, lots, strict=True)
    ]
    sent = _draw_dates([owners[writer["account_id"]] for writer in writers], seed=seed)
    order = sorted(range(count), key=lambda place: (sent[place], place))
    ids = record_ids("EM", count, digits=6)
    rows = rows_from(
        {
            "id": ids,
            "contact_id": [writers[place]["id"] for place in order],
            "account_id": [writers[place]["account_id"] for place in order],
            "direction": ["inbound" if inbound[place] else "outbound" for place in order],
            "sent_date": [sent[place] for place in order],
            "subject": [letters[place][0] for place in order],
            "body": [letters[place][1] for place in order],
        }
    )
    truth: list[Row] = [
        {"email_id": id_, "mood": moods[place], "language": books[place].language}
        for id_, place in zip(ids, order, strict=True)
    ]
    return Emails(rows, truth)


def _draw_moods(scores: list[object], inbound: list[bool], *, seed: int) -> list[str]:
    """Return the mood of each e-mail; the higher the score that the account gave us, the better."""
    lots = Stream(seed, "emails.mood").uniform(len(scores)).tolist()
    moods = []
    for score, incoming, lot in zip(scores, inbound, lots, strict=True):
        liking = (score - 7) * 0.05 if isinstance(score, int) else 0.0
        negative = 0.32 - liking
        moods.append(
            NEUTRAL if not incoming else NEGATIVE if lot < negative else NEUTRAL if lot < negative + 0.3 else POSITIVE
        )
    return moods


def _draw_dates(owners: list[Row], *, seed: int) -> list[date]:
    lots = Stream(seed, "emails.sent_date").uniform(len(owners)).tolist()
    dates = []
    for owner, lot in zip(owners, lots, strict=True):
        review = date_in(owner, "review_date")
        known = min((review - date_in(owner, "created_date")).days, 365)
        dates.append(review - timedelta(days=int(lot * known)))
    return dates


def _write(book: PhraseBook, mood: str, incoming: bool, sender: str, lots: Floats) -> tuple[str, str]:
    """Return subject and body of one e-mail; `lots` decides on every word of it."""
    chosen = iter(lots.tolist())
    subject = _fill(_choose(book.subjects, next(chosen)), book, next(chosen))
    greeting, closing = _choose(book.greetings, next(chosen)), _choose(book.closings, next(chosen))
    if not incoming:
        text = _fill(_choose(book.replies, next(chosen)), book, next(chosen))
        return subject, f"{book.answer_greeting} {sender},\n\n{text}\n\n{closing}"
    moods = _moods_of_sentences(mood, next(chosen), next(chosen))
    sentences = [_fill(_choose(book.sentences[kind], next(chosen)), book, next(chosen)) for kind in moods]
    return subject, f"{greeting},\n\n{' '.join(dict.fromkeys(sentences))}\n\n{closing}\n{sender}"


def _moods_of_sentences(mood: str, kind: float, length: float) -> list[str]:
    """Return the mood of each sentence of an e-mail in the given mood."""
    plain = [NEUTRAL] * (1 + int(length * 2))
    if mood == NEUTRAL or kind < _HIDDEN_SHARE:
        return plain
    if kind < _HIDDEN_SHARE + _MIXED_SHARE:
        return [NEGATIVE if mood == POSITIVE else POSITIVE, mood, mood]
    return [[mood], [NEUTRAL, mood], [mood, mood], [mood, NEUTRAL, mood]][int(length * 4)]


def _fill(sentence: str, book: PhraseBook, lot: float) -> str:
    """Return the sentence with a word of its kind for each brace; a capital in the brace asks for one in the word."""

    def word(match: re.Match[str]) -> str:
        nonlocal lot
        name = match.group(1)
        lot = (lot * 977.0) % 1.0
        filled = _choose(book.words[name.lower()], lot)
        return filled[0].upper() + filled[1:] if name[0].isupper() else filled

    return re.sub(r"\{(\w+)\}", word, sentence)


def _choose(options: tuple[str, ...], lot: float) -> str:
    return options[int(lot * len(options))]
