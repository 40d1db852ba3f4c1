"""Reading records in both spellings."""

from __future__ import annotations

import pytest

from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.spelling import read_record, to_snake


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
