"""A sentiment model is trained from labelled texts in one call, measured on texts that it did not see, the same every time."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score, log_loss

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.local_models.text_model import TextModel
from hotcrm_ai.training.raw_table import make_table
from hotcrm_ai.training.sentiment import train_sentiment
from hotcrm_ai.training.sentiment_labels import read_labelled
from hotcrm_ai.training.sentiment_lexicon import sentiment_lexicon
from hotcrm_ai.training.text_fit import fit_text
from hotcrm_ai.training.text_metrics import mood_metrics

WORDS = {
    "negative": ("late again", "broken and nobody cares", "worst support", "not good"),
    "neutral": ("what time do you open", "please send the invoice", "it is in the box"),
    "positive": ("great help", "thank you so much", "we love it"),
}
THINGS = ("parcel", "phone", "app", "ticket", "chair", "lamp", "booking", "contract", "screen", "report")


def rows(*, moods=("negative", "neutral", "positive")):
    """Return labelled texts, many of one mood and few of another."""
    return [
        {"text": f"the {thing}: {words} {at}", "label": mood}
        for mood in moods
        for words in WORDS[mood]
        for at, thing in enumerate(THINGS)
    ]


def table(**columns):
    """Return a raw table of these columns."""
    return make_table(columns, source="the table", lines=range(1, len(next(iter(columns.values()))) + 1))


def test_a_model_is_trained_measured_and_packed():
    """The report has the figures of held-out texts beside three baselines, and the bundle holds the model that was measured."""
    trained = train_sentiment(rows())
    assert trained.manifest.kind == "text"
    assert trained.report.held_out_rows + trained.report.training_rows == 100
    assert set(trained.report.baselines) == {"majority", "lexicon", "naive_bayes"}
    assert trained.report.metrics["log_loss"] < trained.report.baselines["majority"]["log_loss"]
    model = TextModel.from_json(trained.members["model.json"])
    assert model.predict_one("the door: worst support").sentiment == "negative"


def test_the_same_rows_and_seed_give_the_same_bundle():
    """Byte for byte, whatever the order of the columns; another seed holds out other texts."""
    flipped = [dict(reversed(row.items())) for row in rows()]
    assert train_sentiment(rows()).members == train_sentiment(flipped).members
    assert train_sentiment(rows()).members != train_sentiment(rows(), seed=1).members


def test_two_moods_are_enough():
    """Without neutral texts the model knows two moods, whose probabilities add up to 1."""
    trained = train_sentiment(rows(moods=("negative", "positive")))
    mood = TextModel.from_json(trained.members["model.json"]).predict_one("great help")
    assert set(mood.probabilities) == {"negative", "positive"}
    assert sum(mood.probabilities.values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("labels", "moods"),
    [
        (["Positive", "NEGATIVE ", "neutral"], ["positive", "negative", "neutral"]),
        (["positif", "négatif", "neutre"], ["positive", "negative", "neutral"]),
        ([1, 0], ["positive", "negative"]),
        ([1, 0, -1], ["positive", "neutral", "negative"]),
        (["4", "0", "2"], ["positive", "negative", "neutral"]),
        ([5, 1, 3, 2, 4], ["positive", "negative", "neutral", "negative", "positive"]),
    ],
)
def test_labels_are_understood_in_their_usual_spellings(labels, moods):
    """Words of four languages, signs, halves and stars."""
    found = read_labelled(table(text=["a text"] * 10 * len(labels), label=labels * 10))
    assert found.labels == moods * 10


def test_other_labels_are_named_or_refused():
    """What a label means can be said; without that it is refused with its name."""
    cells = ["praise", "blame"] * 10
    with pytest.raises(TrainingDataError, match="'praise'"):
        read_labelled(table(text=["a"] * 20, label=cells))
    found = read_labelled(table(text=["a"] * 20, label=cells), meanings={"praise": "positive", "Blame": "negative"})
    assert found.labels == ["positive", "negative"] * 10


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"message": ["a"] * 20, "label": ["positive"] * 20}, "all 'positive'"),
        ({"text": ["a"] * 20, "label": ["positive"] * 17 + ["negative"] * 3}, "Only 3 texts"),
        ({"text": ["a"] * 20, "grade": ["positive"] * 20}, "no column called 'label'"),
        ({"writing": ["a"] * 20, "label": ["positive", "negative"] * 10}, "no column called 'text'"),
    ],
)
def test_tables_that_cannot_be_learned_from_are_refused(columns, told):
    """The message says what is missing."""
    with pytest.raises(TrainingDataError, match=told):
        read_labelled(table(**columns))


def test_rows_without_label_are_left_out_and_counted():
    """They are named in the warnings."""
    found = read_labelled(table(text=["a"] * 30, label=["positive", "negative", None] * 10))
    assert len(found.labels) == 20
    assert found.warnings == ("10 of 30 rows have no label; they were left out",)


def test_blank_texts_are_left_out_and_counted():
    """Spaces have no mood to learn, and where there is nothing else the column is named."""
    found = read_labelled(
        table(text=["a", " ", None, "b"] * 10, label=["positive", "negative", "negative", "negative"] * 10)
    )
    assert found.texts == ["a", "b"] * 10
    assert found.warnings == ("20 of 40 rows have no text; they were left out",)
    with pytest.raises(TrainingDataError, match="No row with a label has a text in 'text'"):
        read_labelled(table(text=[" "] * 20, label=["positive", "negative"] * 10))


@pytest.mark.parametrize(
    ("worst", "middle", "best"),
    [("1 star", "3 stars", "5 Stars"), ("1/5", "3 / 5", "5/5"), ("★", "★★★", "★★★★★"), ("★☆☆☆☆", "★★★☆☆", "★★★★★")],
)
def test_stars_are_read_as_they_are_written(worst, middle, best):
    """Shops write them in words, as a part of five, or as stars."""
    found = read_labelled(table(text=["a"] * 30, label=[worst, middle, best] * 10))
    assert found.labels == ["negative", "neutral", "positive"] * 10


def test_texts_without_a_word_train_a_model_that_knows_nothing():
    """Numbers alone teach no words, and the report says so."""
    numbers = [{"text": str(at), "label": ("positive", "negative")[at % 2]} for at in range(60)]
    report = train_sentiment(numbers).report
    assert any("no more than the shares of the moods" in warning for warning in report.warnings)


def test_equal_texts_are_held_out_together():
    """A text that occurs often, with any quote below it, is never both learned and measured on."""
    copies = [{**row, "text": f"{row['text']}\n> quoted"} for row in rows()]
    trained = train_sentiment([*rows(), *copies])
    assert trained.report.held_out_rows % 2 == 0


def test_the_newest_texts_are_held_out_where_a_time_is_named():
    """The column of times is no part of the model."""
    dated = [{**row, "day": f"2026-{1 + at % 10:02}-15"} for at, row in enumerate(rows())]
    trained = train_sentiment(dated, time_column="day")
    assert trained.report.split.startswith("by time")
    assert "day" in {one.column for one in trained.report.excluded}


def test_the_metrics_are_those_of_scikit_learn():
    """Accuracy, macro F1 and log loss of random answers."""
    random = np.random.default_rng(5)
    stated = random.dirichlet(np.ones(3), size=200)
    target = random.integers(3, size=200)
    found = mood_metrics(target, stated, ("negative", "neutral", "positive"))
    assert found["accuracy"] == pytest.approx((stated.argmax(axis=1) == target).mean())
    assert found["f1"] == pytest.approx(f1_score(target, stated.argmax(axis=1), average="macro"))
    assert found["log_loss"] == pytest.approx(log_loss(target, stated))


def test_the_calibration_error_is_that_of_a_hand_calculation():
    """Two answers of 0.9, one right, and one of 0.6 that is right: (2 * |0.5 - 0.9| + |1 - 0.6|) / 3."""
    stated = np.array([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6]])
    assert mood_metrics(np.array([0, 1, 1]), stated, ("negative", "positive"))["calibration_error"] == pytest.approx(
        0.4
    )


def test_the_packed_model_gives_the_probabilities_that_fitting_promised():
    """What the file answers of seen texts is near what held-out folds said, and surer of them."""
    texts, labels = [row["text"] for row in rows()], [row["label"] for row in rows()]
    fitted = fit_text(texts, labels, lexicon=sentiment_lexicon())
    target = [fitted.model.classes.index(label) for label in labels]
    own = np.array([list(fitted.model.predict_one(text).probabilities.values()) for text in texts])
    assert log_loss(target, own) < log_loss(target, fitted.oof_probabilities)


def test_it_is_neither_praise_nor_a_problem():
    """The word counts for the kind of a message and not for its mood."""
    assert [sentiment_lexicon(wide=wide)["it"] for wide in (False, True)] == ["~it", "~it"]


def test_the_lexicon_has_no_phrase_that_could_never_be_found():
    """Each entry is read by the tokens as it is written, in at most four words."""
    lexicon = sentiment_lexicon()
    assert len(lexicon) > 2_000
    assert [entry for entry in lexicon if len(entry.split()) > 4] == []
    assert list(lexicon) == sorted(lexicon)
