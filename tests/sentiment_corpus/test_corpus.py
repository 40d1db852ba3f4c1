"""The corpus is the same for a seed, has every mood in every language, and nothing left to fill in."""

from __future__ import annotations

from collections import Counter

from hotcrm_ai.sentiment_corpus import generate_corpus
from hotcrm_ai.sentiment_corpus.english_negative import NEGATIVE
from hotcrm_ai.sentiment_corpus.english_neutral import NEUTRAL
from hotcrm_ai.sentiment_corpus.english_positive import POSITIVE
from hotcrm_ai.sentiment_corpus.european import EUROPEAN_NEGATIVE, EUROPEAN_NEUTRAL, EUROPEAN_POSITIVE


def test_the_same_seed_gives_the_same_texts():
    """The packaged model is rebuilt bit for bit from it."""
    assert generate_corpus(seed=3) == generate_corpus(seed=3)
    assert generate_corpus(seed=3) != generate_corpus(seed=4)


def test_every_text_is_finished_and_there_once():
    """No brace is left, no text is empty, and none occurs twice with two moods."""
    texts = [one.text for one in generate_corpus()]
    assert not [text for text in texts if "{" in text or "}" in text or not text.strip()]
    assert len(texts) == len(set(texts))


def test_each_mood_has_at_least_a_fifth():
    """A model of it knows all three moods."""
    counts = Counter(one.label for one in generate_corpus())
    assert set(counts) == {"positive", "neutral", "negative"}
    assert min(counts.values()) > 0.2 * counts.total()


def test_no_sentence_is_in_two_lists():
    """What one list calls glad, no other calls angry."""
    lists = (NEGATIVE, NEUTRAL, POSITIVE, EUROPEAN_NEGATIVE, EUROPEAN_NEUTRAL, EUROPEAN_POSITIVE)
    counts = Counter(sentence for sentences in lists for sentence in sentences)
    assert [sentence for sentence, count in counts.items() if count > 1] == []
