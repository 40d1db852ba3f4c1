"""Reading records in both spellings."""

from __future__ import annotations

import msgspec
import pytest

from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import PredictionResponse
from hotcrm_ai.domain.spelling import camel_facts, read_record, snake_facts, to_snake


@pytest.mark.parametrize(
    ("given", "snake"), [("modelId", "model_id"), ("model_id", "model_id"), ("f1Score", "f1_score"), ("x", "x")]
)
def test_camel_case_becomes_snake_case(given: str, snake: str) -> None:
    """Names already in snake case stay as they are."""
    assert to_snake(given) == snake


def test_a_record_is_read_from_either_spelling_with_the_same_result() -> None:
    """Nested records too."""
    camel = {"id": "m", "lastTrained": None, "abTest": {"championModelId": "c", "trafficPercentage": 20}}
    snake = {"id": "m", "last_trained": None, "ab_test": {"champion_model_id": "c", "traffic_percentage": 20}}
    assert read_record(ModelConfig, camel, what="model") == read_record(ModelConfig, snake, what="model")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"id": "m", "colour": "red"}, "unknown key 'colour'"),
        ({"id": "m", "cacheTtl": 1, "cache_ttl": 2}, "twice, once in each spelling"),
        ({}, "missing required field `id`"),
        ({"id": 7}, "Expected `str`, got `int`"),
        ({"id": "m", "abTest": {"championModelId": "c", "trafficPercentage": "20"}}, "Expected `float`, got `str`"),
    ],
)
def test_wrong_records_are_refused_with_the_reason(values: dict[str, object], message: str) -> None:
    """The message names the key or the type."""
    with pytest.raises(ConfigError, match=message):
        read_record(ModelConfig, values, what="model configuration")


def test_facts_are_respelled_except_for_names_of_the_user() -> None:
    """Keys of facts change their spelling at every depth and back; features and values of a column stay as the user spells them."""
    snake = {
        "model_id": "lead_a",
        "index": 2,
        "attempts": [{"model_id": "lead_a", "kind": "timeout", "ms": 1.5}],
        "problems": {"company_size": "expected a number"},
        "values": {"closed_won": 3},
    }
    camel = {
        "modelId": "lead_a",
        "index": 2,
        "attempts": [{"modelId": "lead_a", "kind": "timeout", "ms": 1.5}],
        "problems": {"company_size": "expected a number"},
        "values": {"closed_won": 3},
    }
    assert camel_facts(snake) == camel
    assert snake_facts(camel) == snake


def test_metadata_of_an_answer_is_respelled_for_json_and_back() -> None:
    """What a provider outside told has the spelling of where it is read; an answer without it is passed on as it is."""
    plain = PredictionResponse(
        prediction=1, confidence=None, model_id="m", model_version="1", requested_model_id="m", processing_time=1.0,
        cached=False, prediction_id="p", metadata={"provider": "local", "variant": "none", "warnings": [], "stages": {}},
    )  # fmt: skip
    assert plain.for_json() is plain
    metadata = {"provider": "openai", "remote_version": "3", "usage": {"input_tokens": 5}}
    told = msgspec.structs.replace(plain, metadata=metadata)
    assert told.for_json().metadata == {"provider": "openai", "remoteVersion": "3", "usage": {"inputTokens": 5}}
    assert told.for_json().from_json() == told
