"""A text is told in words and phrases as they stand in it, and what is told adds up to the score."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from hotcrm_ai.assembly.preregistered import PACKAGED_MODELS, packaged_models
from hotcrm_ai.domain.titles import REST_OF_TEXT
from hotcrm_ai.local_models.text_attribution import split_score
from hotcrm_ai.local_models.text_model import TextModel
from hotcrm_ai.local_models.text_phrases import read_phrases
from hotcrm_ai.local_models.text_tokens import read_tokens

LEXICON = {
    "thank you": "thanks",
    "very": "~very",
    "really": "~very",
    "a bit": "~less",
    "viel zu": "bad",
    "worth it": "good",
}


@pytest.fixture(scope="module")
def packaged() -> TextModel:
    """Return the model that comes with the package."""
    digest = next(model.digest for model in packaged_models() if model.id == "sentiment-analysis-v1")
    return TextModel.from_json((PACKAGED_MODELS / digest / "model.json").read_bytes())


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("Thank you for the quick help", ["Thank you", "quick", "help"]),
        ("The room was clean, the staff Friendly", ["room", "clean", "staff", "Friendly"]),
        ("It is NOT good.", ["NOT good"]),
        ("Not bad at all, thanks", ["Not bad at all", "thanks"]),
        ("We have no complaints about the seats", ["no complaints", "seats"]),
        ("I don't like the new design", ["don't like", "don't … new", "design"]),
        ("not very good", ["not very good"]),
        ("it was really, really slow", ["really", "really slow"]),
        ("very very kind", ["very very kind"]),
        ("viel zu teuer", ["viel zu teuer"]),
        ("not worth it", ["not worth it"]),
        ("It is too small for us too", ["too small"]),
        ("not even water 😡", ["not even", "not … water", "😡"]),
        ("@bob see https://example.org on 12 June :)", ["see", "June", ":)"]),
        ("Where are you?", ["Where", "are", "you"]),
        ("12 + 5 = 17", []),
        ("", []),
        ("You did not.", ["not"]),
    ],
)
def test_a_text_is_cut_into_what_a_reader_takes_as_one_reason(text: str, phrases: list[str]) -> None:
    """Negations and graded words stay together, and small words alone are no reasons unless there is nothing else."""
    assert [phrase.written for phrase in read_phrases(read_tokens(text), LEXICON)] == phrases


def test_phrases_follow_each_other_and_end_soon() -> None:
    """No token is in two phrases, and a text of nothing but grading words is read in no time."""
    tokens = read_tokens("so very really " * 1_000 + "not not not good " * 50)
    found = list(read_phrases(tokens, {**LEXICON, "so": "~very"}))
    assert all(one.last < other.first for one, other in pairwise(found))


def test_a_repeated_word_is_told_once_with_its_sum(packaged: TextModel) -> None:
    """However often and in whichever letters it stands there, it is one reason, spelled as at first."""
    once = split_score(packaged, "The tool is great.").contributions
    found = split_score(packaged, "Great! The tool is great, GREAT support").contributions
    assert "great" in once
    assert [name for name in found if name.casefold() == "great"] == ["Great"]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("You said you would help. Thank you, you did!", "Thank you"),
        ("The price is too high for what you get.", "too high"),
        ("Not bad at all.", "Not bad at all"),
        ("Wir sind mit dem Ergebnis sehr zufrieden.", "sehr zufrieden"),
        ("Hello, the invoice is wrong and it is the wrong one again.", "wrong"),
    ],
)
def test_what_moves_a_score_most_is_a_phrase_that_people_read(packaged: TextModel, text: str, first: str) -> None:
    """No small word is a reason of its own, and the rest of the text closes the sum."""
    found = split_score(packaged, text)
    largest = max(found.contributions, key=lambda name: abs(found.contributions[name]))
    assert largest == first
    assert not {"you", "the", "is", "it", "for"} & {name.casefold() for name in found.contributions}
    assert REST_OF_TEXT in found.contributions
    assert math.fsum((found.base, *found.contributions.values())) == pytest.approx(found.score, abs=1e-9)


def test_words_of_the_model_hold_no_names_and_addresses(packaged: TextModel) -> None:
    """What a model keeps of its texts is how it reads them, not how they were written."""
    found = split_score(packaged, "@bob wrote to ann@example.org: NOT good, 12 times not good")
    assert found.words["NOT good"] == "not good"
    assert not any("@" in name or "12" in name for name in found.words.values())
