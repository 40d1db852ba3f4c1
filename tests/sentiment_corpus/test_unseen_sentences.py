"""The packaged model is right on sentences that were written before its corpus was widened, and that it never learns from."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotcrm_ai.assembly.preregistered import PACKAGED_MODELS, packaged_models
from hotcrm_ai.local_models.text_model import TextModel
from hotcrm_ai.local_models.text_tokens import read_tokens
from hotcrm_ai.sentiment_corpus import generate_corpus

UNSEEN = Path(__file__).parent / "unseen"
KINDS = ("mails", "reviews", "tickets", "tricky")


def unseen(kind: str) -> list[tuple[str, str]]:
    """Return mood and text of each sentence of a kind."""
    lines = (UNSEEN / f"{kind}.tsv").read_text("utf-8").splitlines()
    return [(mood, text) for mood, text in (line.split("\t") for line in lines)]


@pytest.fixture(scope="module")
def packaged() -> TextModel:
    """The model that comes with the package."""
    digest = next(model.digest for model in packaged_models() if model.id == "sentiment-analysis-v1")
    return TextModel.from_json((PACKAGED_MODELS / digest / "model.json").read_bytes())


@pytest.mark.parametrize(
    ("kind", "sentences", "least"), [("mails", 76, 55), ("reviews", 173, 115), ("tickets", 76, 60), ("tricky", 65, 43)]
)
def test_most_unseen_sentences_have_their_mood(packaged: TextModel, kind: str, sentences: int, least: int) -> None:
    """Of three moods the right one is found about three times in four."""
    found = [packaged.predict_one(text).sentiment == mood for mood, text in unseen(kind)]
    assert len(found) == sentences
    assert sum(found) >= least


def test_no_unseen_sentence_is_in_the_corpus() -> None:
    """What it is measured on it has not learned: no sentence as a part of a message, no single word as a whole one."""
    messages = [one.text.casefold().rstrip(".!? ") for one in generate_corpus()]
    learned, alone = " ".join(messages), set(messages)
    sentences = [text.casefold().rstrip(".!? ") for kind in KINDS for _, text in unseen(kind)]
    assert [text for text in sentences if text in (learned if " " in text else alone)] == []


def test_almost_every_word_of_them_is_known(packaged: TextModel) -> None:
    """A text in a language of the model is hardly ever taken for one in another."""
    shares = [packaged.known_words(read_tokens(text)) for kind in KINDS for _, text in unseen(kind)]
    assert sum(words > 3 * known for known, words in shares) <= 3
