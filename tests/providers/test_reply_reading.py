"""What a remote model answers becomes what its configuration declares: zero is a value, and nothing else is made up."""

from __future__ import annotations

from typing import Any

import pytest

from hotcrm_ai.ai_features import discover_ai_features
from hotcrm_ai.domain.errors import ProviderBadAnswer, ProviderMisconfigured
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.providers._reply import read_answer, read_answers

MODEL = ModelConfig(id="m", provider="custom")


def read(answer: Any, feature: str | None = None, **output: Any) -> PredictionOutput:
    model = ModelConfig(id="m", provider="custom", feature=feature, parameters={"output": output} if output else {})
    return read_answer(answer, model, features=discover_ai_features())


@pytest.mark.parametrize(
    ("answer", "output", "prediction", "confidence"),
    [
        (0, {}, 0, None),
        (False, {}, False, None),
        ([], {}, [], None),
        ({"a": [0.0, ""]}, {}, {"a": [0.0, ""]}, None),
        ({"s": [0.9, 0.0]}, {"as": "probability", "path": "s.1"}, {"probability": 0.0}, None),
        ({"a.b": 25}, {"as": "probability", "path": ["a.b"], "multiply": 0.01}, {"probability": 0.25}, None),
        (0.5, {"as": "probability", "classes": {"low": 0.0, "high": 0.5}}, {"class": "high", "probability": 0.5}, None),
        (0.25, {"as": "probability", "calibrated": True}, {"probability": 0.25}, 75.0),
        ([0.5], {"as": "number", "key": "value_eur"}, {"value_eur": 0.5}, None),
        ("LABEL_0", {"as": "label", "key": "sentiment", "labels": {"LABEL_0": "negative"}}, {"sentiment": "negative"}, None),
        (1.0, {"as": "label", "labels": {"1": "won", "0": "lost"}}, {"label": "won"}, None),
        ({"l": True, "c": 0}, {"as": "label", "path": "l", "confidence": "c"}, {"label": "true"}, 0.0),
        ({"l": "x"}, {"as": "label", "path": "l", "confidence": "c"}, {"label": "x"}, None),
        ({"l": "x", "c": 0.9}, {"as": "label", "path": "l", "confidence": "c", "confidence_multiply": 100}, {"label": "x"}, 90.0),
        ({"l": "x", "s": 50}, {"as": "label", "path": "l","extra": {"s": {"path": "s", "multiply": 0.01}}}, {"label": "x", "s": 0.5}, None),
    ],
)  # fmt: skip
def test_the_declaration_says_what_an_answer_is(
    answer: Any, output: dict[str, Any], prediction: Any, confidence: Any
) -> None:
    """Each kind of answer, written out; a confidence that is not given is None."""
    found = read(answer, **output)
    assert (found.prediction, found.confidence) == (prediction, confidence)


def test_a_probability_takes_the_shape_of_the_ai_feature() -> None:
    """A lead's score is 100 times the chance, with the feature's own classes unless others are declared."""
    assert read(0.7, "lead-scoring", **{"as": "probability"}).prediction == {
        "score": 70.0,
        "class": "hot",
        "probability": 0.7,
    }
    strict = read(0.7, "lead-scoring", **{"as": "probability", "classes": {"hot": 0.9, "warm": 0.5}})
    assert strict.prediction["class"] == "warm"


@pytest.mark.parametrize(
    ("answer", "output"),
    [
        (None, {}),
        ({"a": 1}, {"path": "b"}),
        ({"a": None}, {"path": "a"}),
        ([1], {"path": "1"}),
        (1.2, {"as": "probability"}),
        (-0.1, {"as": "probability"}),
        ("0.5", {"as": "probability"}),
        (True, {"as": "probability"}),
        (10**400, {"as": "number"}),
        (5.0, {"as": "number", "maximum": 4}),
        ("other", {"as": "label", "labels": {"known": "known"}}),
        ({"x": 1}, {"as": "label"}),
        ({"l": "x", "c": 101}, {"as": "label", "path": "l", "confidence": "c"}),
        (1.0, {"extra": {"more": {"path": "x"}}}),
    ],
)
def test_what_does_not_fit_the_declaration_is_no_answer(answer: Any, output: dict[str, Any]) -> None:
    """Missing, empty, of another type, out of range or unknown: an error that names the model."""
    with pytest.raises(ProviderBadAnswer, match="'m'"):
        read(answer, **output)


@pytest.mark.parametrize("output", [{"as": "guess"}, {"pth": "x"}, {"multiply": "2"}])
def test_a_declaration_that_is_none_is_refused(output: dict[str, Any]) -> None:
    """A misspelt key is no silent default."""
    with pytest.raises(ProviderMisconfigured, match="not valid"):
        read(1.0, **output)


@pytest.mark.parametrize("answers", [[1.0], [1.0, 2.0, 3.0], {"0": 1.0, "1": 2.0}, None])
def test_another_number_of_answers_is_none(answers: Any) -> None:
    """Two records have two answers, or none can be told apart."""
    with pytest.raises(ProviderBadAnswer, match="to 2 questions"):
        read_answers(answers, MODEL, 2, features={})
