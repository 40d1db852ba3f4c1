"""The predict route reads both spellings, passes on what was asked, and answers in camelCase."""

from __future__ import annotations

import json
from typing import Any

import httpx

from hotcrm_ai.domain.prediction import Context

ASKED = {"modelId": "lead-scoring-v1", "features": {"company_size": 500, "industry": "Technology"}}


async def test_an_answer_is_the_prediction_response_in_camel_case(client: httpx.AsyncClient) -> None:
    """The body of a 200 is the whole PredictionResponse, spelled in camelCase."""
    response = await client.post("/v1/predict", json=ASKED)
    assert response.status_code == 200
    assert response.json() == {
        "prediction": {"score": 75.0, "class": "hot", "probability": 0.75},
        "confidence": 75.0,
        "modelId": "lead-scoring-v1",
        "modelVersion": "1.0.0",
        "requestedModelId": "lead-scoring-v1",
        "processingTime": 1.5,
        "cached": False,
        "predictionId": "p-1",
        "metadata": {"provider": "local", "variant": "none", "warnings": []},
    }


async def test_both_spellings_ask_the_same(client: httpx.AsyncClient, ai: Any) -> None:
    """A request in snake_case means the same as one in camelCase."""
    context = {"objectType": "Lead", "objectId": "LD-1", "userId": "u-7"}
    camel = {**ASKED, "useCache": False, "context": context}
    snake = {
        "model_id": "lead-scoring-v1",
        "features": ASKED["features"],
        "use_cache": False,
        "context": {"object_type": "Lead", "object_id": "LD-1", "user_id": "u-7"},
    }
    for body in (camel, snake):
        assert (await client.post("/v1/predict", json=body)).status_code == 200
    assert ai.asked[0] == ai.asked[1]
    assert ai.asked[0].context == Context(user_id="u-7", object_type="Lead", object_id="LD-1")
    assert ai.asked[0].use_cache is False


async def test_a_null_context_and_no_context_are_the_same(client: httpx.AsyncClient, ai: Any) -> None:
    """``context: null`` is allowed, and the cache is used unless the request says otherwise."""
    response = await client.post("/v1/predict", json={**ASKED, "context": None})
    assert response.status_code == 200
    assert ai.asked[0].context is None
    assert ai.asked[0].use_cache is True


async def test_values_arrive_as_they_were_sent(client: httpx.AsyncClient, ai: Any) -> None:
    """Neither whole numbers nor text nor null change their type on the way to the model."""
    features = {"company_size": 7, "industry": "10:30", "untold": None, "naïve 😀": [1, 2.5, True]}
    response = await client.post(
        "/v1/predict",
        content=json.dumps({"modelId": "lead-scoring-v1", "features": features}, ensure_ascii=False).encode(),
        headers={"content-type": "application/json; charset=UTF-8"},
    )
    assert response.status_code == 200
    assert ai.asked[0].features == features
    assert type(ai.asked[0].features["company_size"]) is int


async def test_a_body_in_many_pieces_is_one_body(client: httpx.AsyncClient, ai: Any) -> None:
    """A chunked body without Content-Length is read to its end."""

    async def pieces() -> Any:
        for piece in (b'{"modelId": "lead-', b'scoring-v1", "fea', b'tures": {}}'):
            yield piece

    response = await client.post("/v1/predict", content=pieces(), headers={"content-type": "application/json"})
    assert response.status_code == 200
    assert ai.asked[0].features == {}


async def test_errors_of_the_model_have_their_status(client: httpx.AsyncClient) -> None:
    """An unknown model is 404, an inactive one 409, features that do not fit 422 with every reason."""
    unknown = await client.post("/v1/predict", json={"modelId": "nobody", "features": {}})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "model_not_found")
    assert unknown.json()["modelId"] == "nobody"
    idle = await client.post("/v1/predict", json={"modelId": "churn-prediction-v1", "features": {}})
    assert (idle.status_code, idle.json()["code"]) == (409, "model_not_active")
    wrong = await client.post(
        "/v1/predict", json={"modelId": "lead-scoring-v1", "features": {"company_size": "500", "industry": True}}
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_features")
    assert wrong.json()["problems"] == [
        {"name": "company_size", "reason": "expected a number, got '500' (text)"},
        {"name": "industry", "reason": "expected text, got True (true/false)"},
    ]


async def test_a_query_string_is_refused(client: httpx.AsyncClient, ai: Any) -> None:
    """The predict route takes no query parameters, and says which one was too much."""
    response = await client.post("/v1/predict?timeout=5", json=ASKED)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
    assert "'timeout'" in response.json()["detail"]
    assert ai.asked == []
