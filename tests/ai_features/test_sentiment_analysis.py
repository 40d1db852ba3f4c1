"""Sentiment analysis answers in the documented shape, and its explanation is that of the number in it."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from hotcrm_ai import AI, InvalidFeatures, Settings

MODEL = "sentiment-analysis-v1"
MIXED = {"text": "The import is not good, but support was very kind, thank you!"}


async def test_a_new_workspace_hears_the_mood_of_a_message(tmp_path: Path) -> None:
    """The answer has a sentiment and a score, and a calibrated confidence of at most 100."""
    async with AI.open(Settings(home=tmp_path)) as ai:
        glad = await ai.predict(MODEL, {"text": "Great service, thank you!"})
        angry = await ai.predict(MODEL, {"text": "Terrible service, I want my money back."})
    assert set(glad.prediction) == {"sentiment", "score"}
    assert (glad.prediction["sentiment"], angry.prediction["sentiment"]) == ("positive", "negative")
    assert 0.0 <= angry.prediction["score"] < 0.2 < 0.8 < glad.prediction["score"] <= 1.0
    assert glad.confidence is not None
    assert 33.0 < glad.confidence <= 100.0


async def test_the_words_add_up_to_the_score(tmp_path: Path) -> None:
    """Base and contributions are on the 0-1 scale of the score, and the text names the words."""
    async with AI.open(Settings(home=tmp_path)) as ai:
        answer = await ai.predict(MODEL, MIXED)
        why = await ai.explain(MODEL, MIXED)
    total = math.fsum((why.base_value, *(part.contribution for part in why.feature_contributions)))
    assert total == pytest.approx(answer.prediction["score"], abs=1e-6)
    assert why.method == "token-shap"
    assert why.additivity_error < 1e-6
    assert '"not good"' in why.explanation
    assert [part.feature for part in why.top_features][:2] == ["not good", "very kind"]


async def test_two_texts_are_compared_by_their_words(tmp_path: Path) -> None:
    """The differences add up to that of the scores."""
    async with AI.open(Settings(home=tmp_path)) as ai:
        found = await ai.compare(MODEL, {"text": "It works well"}, {"text": "It works badly"})
        words = await ai.explainer.global_importance(MODEL)
    shift = found.prediction2["score"] - found.prediction1["score"]
    assert math.fsum(part.impact_difference for part in found.differences) == pytest.approx(shift, abs=1e-6)
    assert shift < 0
    assert [word.importance for word in words] == sorted((word.importance for word in words), reverse=True)


async def test_a_missing_text_is_named_and_other_values_are_refused(tmp_path: Path) -> None:
    """Nothing is made up for what is no text."""
    async with AI.open(Settings(home=tmp_path)) as ai:
        empty = await ai.predict(MODEL, {})
        assert any("text is missing" in warning for warning in empty.metadata["warnings"])
        assert empty.prediction["sentiment"] == "neutral"
        for wrong in ({"text": 5}, {"text": ["good"]}, {"text": "x" * 70_000}):
            with pytest.raises(InvalidFeatures, match="text"):
                await ai.predict(MODEL, wrong)


@pytest.mark.parametrize("blank", ["", "   ", "\n\t"])
async def test_an_empty_text_is_a_missing_one(tmp_path: Path, blank: str) -> None:
    """Spaces say nothing: the text is named as missing, and nobody knows how far the answer can be trusted."""
    async with AI.open(Settings(home=tmp_path)) as ai:
        answer = await ai.predict(MODEL, {"text": blank})
        why = await ai.explain(MODEL, {"text": blank})
    assert answer.metadata["warnings"] == ["text is missing; the model treated it as unknown"]
    assert answer.confidence is None
    assert answer.prediction["sentiment"] == "neutral"
    assert why.prediction == answer.prediction


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("😊", "text holds no word"),
        ("?!", "text holds no word"),
        ("https://example.org/x", "text holds no word"),
        ("12345", "text holds no word"),
        ("> It is broken.\n> Send a new one.", "text holds nothing but quoted mail or a signature"),
        ("-- \nBest regards\nBob", "text holds nothing but quoted mail or a signature"),
        ("To jest bardzo zły produkt, nie polecam nikomu", "the model knows 2 of the 8 words"),
        ("この製品は最悪です。二度と買いません。", "the model knows 0 of the 2 words"),
    ],
)
async def test_an_answer_about_next_to_nothing_says_so(tmp_path: Path, text: str, said: str) -> None:
    """Without a word that the model knows and the writer wrote, the confidence is unknown, and a warning says why."""
    async with AI.open(Settings(home=tmp_path)) as ai:
        answer = await ai.predict(MODEL, {"text": text})
        again = await ai.predict(MODEL, {"text": text})
        why = await ai.explain(MODEL, {"text": text})
    assert [warning.startswith(said) for warning in answer.metadata["warnings"]] == [True]
    assert answer.confidence is None
    assert again.metadata["warnings"] == answer.metadata["warnings"]
    assert list(why.warnings) == answer.metadata["warnings"]


@pytest.mark.parametrize(
    "text",
    [
        "Great service, thank you 😊",
        "The lid does not fit, see https://example.org/x",
        "Das Gerät funktioniert nicht und niemand antwortet.",
        "Le produit est arrivé cassé et personne ne répond.",
        "El envío llegó tarde y nadie contesta.",
        "It is broken.\n\nOn Monday Ann wrote:\n> Is all well?",
    ],
)
async def test_a_text_in_the_languages_of_the_model_is_answered_without_a_warning(tmp_path: Path, text: str) -> None:
    """A warning that always comes warns of nothing."""
    async with AI.open(Settings(home=tmp_path)) as ai:
        answer = await ai.predict(MODEL, {"text": text})
    assert answer.metadata["warnings"] == []
    assert answer.confidence is not None


async def test_a_trained_model_answers_beside_the_packaged_one(tmp_path: Path) -> None:
    """Training registers a model of two moods that is asked like any other."""
    rows = [
        {"text": f"{word} number {at}", "label": label} for at in range(20) for word, label in (("good", 1), ("bad", 0))
    ]
    async with AI.open(Settings(home=tmp_path)) as ai:
        report = await ai.train("sentiment-analysis", rows, model_id="ours", promote=True)
        answer = await ai.predict("ours", {"text": "good"})
        why = await ai.explain("ours", {"text": "good"})
    assert report.status == "active"
    assert answer.prediction["sentiment"] == "positive"
    assert why.prediction == answer.prediction
