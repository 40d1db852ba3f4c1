"""Models that run elsewhere are explained by asking them, within a budget, and the parts add up to their answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import permutations
from typing import Any

import pytest

from hotcrm_ai.ai_features import discover_ai_features
from hotcrm_ai.domain.errors import NotExplainable
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.explainers import SampledExplainer

Row = Mapping[str, Any]


def logistic(margin: float) -> float:
    return 1.0 / (1.0 + math.exp(-margin))


class Asked:
    """A remote model: a function of a record, which counts the calls and the rows it was asked about."""

    def __init__(self, answer: Callable[[Row], float]) -> None:
        self.answer = answer
        self.rows: list[Row] = []
        self.calls = 0

    async def __call__(self, model: ModelConfig, rows: Sequence[Row], *, seconds: float) -> list[PredictionOutput]:
        self.calls += 1
        self.rows += rows
        return [PredictionOutput(prediction={"score": 100.0 * self.answer(row)}) for row in rows]


def explainer(asked: Asked) -> SampledExplainer:
    return SampledExplainer(ask=asked, features=discover_ai_features())


def remote_model(names: Sequence[str], background: Sequence[Row], **parameters: Any) -> ModelConfig:
    return ModelConfig(
        id="remote-v1",
        provider="mlflow",
        feature="lead-scoring",
        signature=Signature(features=tuple(FeatureSpec(name=name, type="number") for name in names)),
        parameters={"background": [dict(row) for row in background], **parameters},
    )


def bent(row: Row) -> float:
    """A function with an interaction and a feature that it ignores."""
    return logistic(0.8 * row["a"] - 0.5 * row["b"] + 0.6 * row["a"] * row["c"])


BACKGROUND = [{"a": 0.0, "b": 1.0, "c": 0.0, "d": 5.0}, {"a": 1.0, "b": 0.0, "c": 2.0, "d": 6.0}]
RECORD = {"a": 2.0, "b": 3.0, "c": 1.0, "d": 7.0}


def by_all_orders(names: Sequence[str]) -> dict[str, float]:
    """Shapley values from their definition: the mean gain of each feature over all orders."""

    def worth(present: set[str]) -> float:
        rows = [{name: (RECORD if name in present else other)[name] for name in names} for other in BACKGROUND]
        return sum(map(bent, rows)) / len(rows)

    shares = dict.fromkeys(names, 0.0)
    orders = list(permutations(names))
    for order in orders:
        for place, name in enumerate(order):
            shares[name] += (worth({*order[: place + 1]}) - worth({*order[:place]})) / len(orders)
    return shares


async def test_few_features_are_explained_exactly() -> None:
    """The values equal those of the definition, each different record is asked about once, and an unused feature has 0."""
    asked = Asked(bent)
    found = await explainer(asked).attribute(remote_model("abcd", BACKGROUND), RECORD)
    assert found.method == "exact-shap"
    assert found.errors is None
    assert found.contributions == pytest.approx(by_all_orders("abcd"), abs=1e-12)
    assert found.contributions["d"] == pytest.approx(0.0, abs=1e-15)
    assert found.output == pytest.approx(bent(RECORD), abs=1e-15)
    assert found.additivity_error < 1e-12
    assert len(asked.rows) <= 2**4 * len(BACKGROUND)
    assert asked.calls == 1


async def test_many_features_are_sampled_within_the_budget_and_their_errors() -> None:
    """Twelve features of a model with known values: within the budget, adding up, and no further off than their errors say."""
    names = [f"f{place:02d}" for place in range(12)]
    weights = {name: 0.3 * (-1) ** place * (place + 1) / 12 for place, name in enumerate(names)}

    def answer(row: Row) -> float:
        return 0.5 + sum(weights[name] * row[name] for name in names) / 12 + 0.05 * row["f00"] * row["f11"]

    background = [dict.fromkeys(names, 0.0)]
    asked = Asked(answer)
    model = remote_model(names, background, explain={"calls": 600})
    record = dict.fromkeys(names, 1.0)
    found = await explainer(asked).attribute(model, record)
    assert found.method == "sampled-shap"
    assert found.errors is not None
    assert len(asked.rows) <= 600
    assert found.base + sum(found.contributions.values()) == pytest.approx(answer(record), abs=1e-12)
    for name in names:
        exact = weights[name] / 12 + (0.025 if name in ("f00", "f11") else 0.0)
        assert abs(found.contributions[name] - exact) <= 4 * found.errors[name] + 1e-12
    again = await explainer(Asked(answer)).attribute(model, record)
    assert again.contributions == found.contributions


async def test_a_larger_budget_makes_the_errors_smaller() -> None:
    """Four times the calls give about half the error, and never more than before."""
    names = [f"f{place:02d}" for place in range(10)]

    def answer(row: Row) -> float:
        return logistic(sum(row[name] * (place - 4) / 4 for place, name in enumerate(names)) + row["f09"] * row["f00"])

    errors = []
    for calls in (400, 1600):
        model = remote_model(names, [dict.fromkeys(names, 0.0)], explain={"calls": calls})
        found = await explainer(Asked(answer)).attribute(model, dict.fromkeys(names, 1.0))
        assert found.errors is not None
        errors.append(math.hypot(*found.errors.values()))
    assert errors[1] < 0.75 * errors[0]


async def test_a_text_is_explained_by_its_words() -> None:
    """Words that the model counts get their share, the others 0; a word that comes twice is told apart."""

    def answer(row: Row) -> float:
        words = str(row["text"]).split()
        return 0.4 + 0.2 * words.count("great") - 0.1 * ("slow" in words)

    model = ModelConfig(
        id="tone-v1",
        type="nlp",
        provider="openai",
        feature="lead-scoring",
        signature=Signature(features=(FeatureSpec(name="text", type="text"),)),
    )
    found = await explainer(Asked(answer)).attribute(model, {"text": "great service but slow and great"})
    assert found.method == "token-shap"
    assert found.base == pytest.approx(0.4)
    expected = {"great": 0.2, "service": 0.0, "but": 0.0, "slow": -0.1, "and": 0.0, "great (2)": 0.2}
    assert found.contributions == pytest.approx(expected, abs=1e-12)


async def test_a_long_text_is_explained_by_its_sentences() -> None:
    """Beyond two dozen words the parts are sentences, and nothing of the text is lost."""
    text = (
        "We are very happy with the product and the team. The delivery was late again and nobody told us. "
        "We will call you next week anyway, thank you."
    )

    def answer(row: Row) -> float:
        return 0.5 + 0.3 * ("happy" in str(row["text"])) - 0.2 * ("late" in str(row["text"]))

    model = ModelConfig(id="tone-v1", type="nlp", provider="openai", feature="lead-scoring")
    found = await explainer(Asked(answer)).attribute(model, {"text": text})
    assert list(found.contributions.values()) == pytest.approx([0.3, -0.2, 0.0], abs=1e-12)
    assert " ".join(found.contributions) == text


async def test_parts_that_would_be_called_alike_are_told_apart() -> None:
    """A line that reads like the number of a repeated one keeps its own share, so that the contributions still add up."""
    lines = [
        "fine (2)",
        "fine",
        "fine",
        "and then there were many more words in this text than two dozen, all of no weight " * 2,
    ]

    def answer(row: Row) -> float:
        return 0.3 + 0.1 * str(row["text"]).split().count("fine")

    model = ModelConfig(id="tone-v1", type="nlp", provider="openai", feature="lead-scoring")
    found = await explainer(Asked(answer)).attribute(model, {"text": "\n".join(lines)})
    assert list(found.contributions)[:3] == ["fine (2)", "fine", "fine (3)"]
    assert found.base + sum(found.contributions.values()) == pytest.approx(found.output, abs=1e-9)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"background": []}, "no background records"),
        ({"background": BACKGROUND, "explain": {"calls": 3}}, "raise parameters"),
        ({"background": BACKGROUND, "explain": {"calls": 10**9}}, "allows 1 to"),
        ({"background": BACKGROUND, "explain": {"budget": 3}}, "not valid"),
    ],
)
async def test_what_cannot_be_explained_says_what_to_set(parameters: dict[str, Any], words: str) -> None:
    """No background, or a budget in which nothing honest can be said: a clear refusal, and no numbers."""
    asked = Asked(bent)
    model = remote_model("abcd", **parameters)
    with pytest.raises(NotExplainable, match=words):
        await explainer(asked).attribute(model, RECORD)
    assert asked.calls == 0


async def test_importance_is_the_mean_size_over_background_records() -> None:
    """Largest first, and 0 for what the model ignores."""
    found = await explainer(Asked(bent)).importance(remote_model("abcd", BACKGROUND))
    assert [one.importance for one in found] == sorted((one.importance for one in found), reverse=True)
    assert {one.feature: one.importance for one in found}["d"] == pytest.approx(0.0, abs=1e-12)


def test_it_explains_what_has_no_bundle_and_a_number() -> None:
    """Local models have their own explainer; answers that are neither scores nor probabilities have none."""
    made = explainer(Asked(bent))
    assert made.supports(remote_model("ab", BACKGROUND))
    assert not made.supports(ModelConfig(id="x", feature="lead-scoring", bundle_digest="0" * 64))
    assert not made.supports(ModelConfig(id="x", provider="mlflow"))
