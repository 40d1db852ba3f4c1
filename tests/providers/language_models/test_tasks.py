"""The task, its schema and the shape of its answer come from the registry, and from nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from hotcrm_ai.domain.errors import ProviderBadAnswer, ProviderMisconfigured


def _schema(front: Any) -> dict[str, Any]:
    return front.server.heard[-1].json()["output_config"]["format"]["schema"]["properties"]


async def test_the_models_name_decides_nothing(opened_wire: Any) -> None:
    """A model called after one task has the task of its parameters, or none."""
    async with opened_wire("messages") as front:
        answer = await front.ask(id="lead-scoring-classifier")
        assert answer.prediction == {"sentiment": "negative", "score": 0.1}
        with pytest.raises(ProviderMisconfigured, match="no task is named"):
            await front.ask(id="sentiment-analysis", task=None)


async def test_a_feature_gives_its_task(opened_wire: Any) -> None:
    """Sentiment analysis needs no task beside it."""
    async with opened_wire("messages") as front:
        answer = await front.ask(feature="sentiment-analysis", task=None)
    assert answer.prediction == {"sentiment": "negative", "score": 0.1}


async def test_classification_offers_its_labels_with_their_meaning(replies: Any, opened_wire: Any) -> None:
    """Labels are the choices of the schema, and what they mean stands in the instruction."""
    async with opened_wire("messages", replies["messages"][1]({"label": "billing"})) as front:
        labels = {"billing": "invoices and payments", "fault": "something is broken"}
        answer = await front.ask(task="classification", labels=labels)
        assert _schema(front) == {"label": {"type": "string", "enum": ["billing", "fault"]}}
        assert "- billing: invoices and payments" in front.server.heard[0].json()["system"]
        assert answer.prediction == {"label": "billing"}
        with pytest.raises(ProviderBadAnswer):
            await front.ask(task="classification", labels=["fault", "other"])


async def test_scoring_keeps_its_bounds_and_the_operators_words(replies: Any, opened_wire: Any) -> None:
    """The bounds are told and checked; instructions of the operator stand in the instruction, never in the data."""
    async with opened_wire("messages", replies["messages"][1]({"score": 7})) as front:
        answer = await front.ask(task="scoring", minimum=1, maximum=10, instructions="How urgent is this?")
        assert answer.prediction == {"score": 7}
        assert "How urgent is this?" in front.server.heard[0].json()["system"]
        assert _schema(front)["score"]["description"] == "At least 1. At most 10."
        with pytest.raises(ProviderBadAnswer, match="out of its bounds"):
            await front.ask(task="scoring", minimum=0, maximum=5)


async def test_a_lead_is_scored_in_the_shape_of_its_feature(replies: Any, opened_wire: Any) -> None:
    """Without a table, the probability is the model's own estimate, said so, and no confidence is given."""
    async with opened_wire("messages", replies["messages"][1]({"score": 70})) as front:
        answer = await front.ask({"budget": 5.0}, task=None, feature="lead-scoring")
        assert answer.prediction == {"score": 70.0, "class": "hot", "probability": 0.7}
        assert answer.confidence is None
        assert "own estimate" in answer.metadata["warnings"][0]
        table = [[0.0, 0.0], [0.5, 0.1], [0.9, 0.7]]
        answer = await front.ask({"budget": 5.0}, task=None, feature="lead-scoring", calibration=table)
        assert answer.prediction["probability"] == pytest.approx(0.4)
        assert answer.prediction["class"] == "warm"
        assert answer.confidence == pytest.approx(60.0)


FIELDS = {
    "company": {"type": "text", "required": True},
    "seats": {"type": "integer", "minimum": 1},
    "rate": {"type": "number"},
    "is_trial": {"type": "boolean"},
    "due": {"type": "date"},
    "plan": {"type": "choice", "choices": ["basic", "pro"]},
}
FOUND = {"company": "Ahorn", "seats": 12, "rate": 0.0, "is_trial": False, "due": "2026-03-01", "plan": None}


async def test_extraction_takes_declared_fields_and_null_where_the_record_does_not_say(
    replies: Any, opened_wire: Any
) -> None:
    """Zero, false and null are answers; each type has its schema."""
    async with opened_wire("messages", replies["messages"][1](FOUND)) as front:
        answer = await front.ask(task="extraction", fields=FIELDS)
        assert answer.prediction == FOUND
        schema = _schema(front)
    assert schema["company"] == {"type": "string"}
    assert schema["due"]["anyOf"][0] == {"type": "string", "description": "A date as YYYY-MM-DD."}
    assert schema["plan"]["anyOf"] == [{"type": "string", "enum": ["basic", "pro"]}, {"type": "null"}]


@pytest.mark.parametrize(
    "wrong",
    [
        {"company": None},
        {"seats": 1.5},
        {"seats": 0},
        {"seats": 10**30},
        {"is_trial": 0},
        {"due": "1 March"},
        {"plan": "gold"},
        {"company": "x" * 70_000},
        {"company": "half a pair: \ud83d"},
    ],
    ids=str,
)
async def test_a_field_of_another_type_is_no_answer(wrong: dict[str, Any], replies: Any, opened_wire: Any) -> None:
    """One wrong field is enough: nothing of the reply is used."""
    async with opened_wire("messages", replies["messages"][1]({**FOUND, **wrong})) as front:
        with pytest.raises(ProviderBadAnswer):
            await front.ask(task="extraction", fields=FIELDS)


@pytest.mark.parametrize(
    "parameters",
    [
        {"model": ""},
        {"model": 7},
        {"task": "poetry"},
        {"task": "classification"},
        {"task": "classification", "labels": ["one"]},
        {"task": "classification", "labels": ["same", "same"]},
        {"task": "classification", "labels": ['a"b', "c"]},
        {"task": "scoring", "minimum": 5, "maximum": 5},
        {"task": "extraction"},
        {"task": "extraction", "fields": {"a b": {"type": "text"}}},
        {"task": "extraction", "fields": {"a": {"type": "choice"}}},
        {"calibration": [[0.5, 0.5]]},
        {"calibration": [[0, 0.5], [1, 0.4]]},
        {"calibration": [[0, 0], [0, 1]]},
        {"calibration": [[0, 0], [1, 1.1]]},
        {"max_output_tokens": 0},
        {"daily_budget": {}},
        {"daily_budget": {"tokens": -1}},
        {"daily_budget": {"amount": float("nan")}},
    ],
    ids=str,
)
async def test_parameters_that_make_no_sense_are_said_before_any_call(
    parameters: dict[str, Any], opened_wire: Any
) -> None:
    """The message names the model; nothing is sent."""
    async with opened_wire("chat-completions") as front:
        with pytest.raises(ProviderMisconfigured, match="'m'"):
            await front.ask(**parameters)
        assert front.server.heard == []
