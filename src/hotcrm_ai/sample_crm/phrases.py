"""The form of a phrase book: what customers write in one language, by mood."""

from dataclasses import dataclass

POSITIVE, NEUTRAL, NEGATIVE = "positive", "neutral", "negative"
"""The moods of a message."""


@dataclass(frozen=True, slots=True)
class PhraseBook:
    """Sentences of one language; a word in braces, such as {thing}, stands for one of the `words` of that name.

    A word that begins with a capital in the braces is written with one. `answer_greeting` goes before the name of the
    person whom we answer.
    """

    language: str
    greetings: tuple[str, ...]
    answer_greeting: str
    closings: tuple[str, ...]
    subjects: tuple[str, ...]
    sentences: dict[str, tuple[str, ...]]
    words: dict[str, tuple[str, ...]]
    replies: tuple[str, ...]
