"""Every route answers what it promises: its status, and a body that fits the published schema."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import httpx
import pytest

from hotcrm_ai.domain.errors import ProviderTimeout, StorageError
from hotcrm_ai.entrypoints.http.held_workspace import HeldWorkspace
from hotcrm_ai.entrypoints.http.openapi import build_document
from hotcrm_ai.entrypoints.http.operations import OPERATIONS
from hotcrm_ai.storage import open_database

jsonschema = pytest.importorskip("jsonschema", reason="answers are checked against the schema with jsonschema")

DOCUMENT = build_document(OPERATIONS)
MODEL = "lead-scoring-v1"
FEATURES = {"company_size": 500}

CALLS: list[tuple[str, str, Any]] = [
    ("POST", "/v1/predict", {"modelId": MODEL, "features": FEATURES}),
    (
        "POST",
        "/v1/predict/batch",
        {"modelId": MODEL, "features": [FEATURES, {"company_size": "x"}], "onError": "collect"},
    ),
    ("POST", "/v1/explain", {"modelId": MODEL, "features": FEATURES}),
    ("POST", "/v1/compare", {"modelId": MODEL, "features1": FEATURES, "features2": {}}),
    ("POST", "/v1/what-if", {"modelId": MODEL, "features": FEATURES, "changeable": ["company_size"], "goal": "hot"}),
    ("POST", "/v1/outcomes", {"predictionId": "p-1", "actual": True}),
    ("POST", "/v1/leads/{id}/score", None),
    ("POST", "/v1/leads/score", {"ids": ["LD-1", "nobody"]}),
    ("POST", "/v1/opportunities/{id}/score", None),
    ("POST", "/v1/opportunities/score", {"ids": ["LD-1", "nobody"], "modelId": "opportunity-scoring-twin"}),
    ("POST", "/v1/accounts/{id}/churn", None),
    ("POST", "/v1/accounts/churn", {"ids": ["LD-1", "nobody"], "modelId": "churn-prediction-twin"}),
    ("POST", "/v1/emails/{id}/sentiment", None),
    ("POST", "/v1/emails/sentiment", {"filters": [], "modelId": "sentiment-analysis-twin"}),
    ("POST", "/v1/revenue-series/{id}/forecast", None),
    ("POST", "/v1/revenue-series/forecast", {"ids": ["LD-1", "nobody"], "modelId": "revenue-forecast-twin"}),
    ("POST", "/v1/accounts/{id}/recommendations", None),
    ("POST", "/v1/accounts/recommendations", {"ids": ["LD-1", "nobody"], "modelId": "product-recommendation-twin"}),
    ("POST", "/v1/models", {"id": "lead-scoring-v1", "status": "active", "reason": "first try"}),
    ("PATCH", "/v1/models/{id}", {"description": "For the north."}),
    ("DELETE", "/v1/models/{id}", None),
    ("POST", "/v1/models/{id}/promote", {"reason": "better than before"}),
    ("POST", "/v1/models/{id}/rollback", {"reason": "worse than before"}),
    ("POST", "/v1/experiments/{id}/promote", {"reason": "better"}),
    ("POST", "/v1/experiments/{id}/stop", {"reason": "worse"}),
    ("GET", "/v1/models", None),
    ("GET", "/v1/models/{id}", None),
    ("GET", "/v1/models/{id}/history", None),
    ("GET", "/v1/models/{id}/importance", None),
    ("GET", "/v1/models/{id}/drift", None),
    ("GET", "/v1/models/{id}/stats", None),
    ("GET", "/v1/models/{id}/health", None),
    ("GET", "/v1/stats", None),
    ("GET", "/v1/models/{id}/usage", None),
    ("GET", "/v1/usage", None),
    ("GET", "/v1/health", None),
    ("GET", "/v1/experiments", None),
    ("GET", "/v1/experiments/{id}", None),
    ("GET", "/v1/cache/stats", None),
    ("DELETE", "/v1/cache", None),
    ("GET", "/v1/alerts", None),
    ("GET", "/livez", None),
    ("GET", "/readyz", None),
    ("GET", "/metrics", None),
]
IDS = {
    "/v1/leads/{id}/score": "LD-1",
    "/v1/opportunities/{id}/score": "LD-1?modelId=opportunity-scoring-twin",
    "/v1/accounts/{id}/churn": "LD-1?modelId=churn-prediction-twin",
    "/v1/accounts/{id}/recommendations": "LD-1?modelId=product-recommendation-twin",
    "/v1/emails/{id}/sentiment": "LD-1?modelId=sentiment-analysis-twin",
    "/v1/revenue-series/{id}/forecast": "LD-1?modelId=revenue-forecast-twin",
    **{f"/v1/experiments/{{id}}{end}": "lead-scoring-v2" for end in ("", "/promote", "/stop")},
}


def address_of(path: str) -> str:
    """Return the path with an id for which there is an answer; a query behind the id goes to the end."""
    id_, _, query = IDS.get(path, MODEL).partition("?")
    return path.replace("{id}", id_) + (f"?{query}" if query else "")


def check_against_schema(method: str, path: str, response: httpx.Response) -> None:
    """Fail unless the response is documented for the route and its body fits the schema."""
    described = DOCUMENT["paths"][path][method.lower()]["responses"][str(response.status_code)]
    media_type = response.headers["content-type"]
    schema = described["content"][media_type]["schema"]
    validator = jsonschema.Draft202012Validator({**schema, "components": DOCUMENT["components"]})
    validator.validate(response.text if media_type.startswith("text/") else response.json())


def test_the_list_of_calls_is_complete() -> None:
    """A new route is called here, or this fails."""
    assert {(method, path) for method, path, _ in CALLS} == {
        (operation.method, operation.path) for operation in OPERATIONS
    }


@pytest.mark.parametrize(("method", "path", "body"), CALLS, ids=[f"{method} {path}" for method, path, _ in CALLS])
async def test_an_answer_fits_its_schema(client: httpx.AsyncClient, method: str, path: str, body: Any) -> None:
    """The success of each route has its documented status and shape."""
    await client.post("/v1/predict", json={"modelId": MODEL, "features": FEATURES})
    response = await client.request(method, address_of(path), json=body)
    expected = next(
        operation.status for operation in OPERATIONS if (operation.method, operation.path) == (method, path)
    )
    assert response.status_code == expected, response.text
    check_against_schema(method, path, response)


@pytest.mark.parametrize(("method", "path", "body"), CALLS, ids=[f"{method} {path}" for method, path, _ in CALLS])
async def test_a_refusal_fits_its_schema(client: httpx.AsyncClient, method: str, path: str, body: Any) -> None:
    """An unknown query parameter is a documented 422 on every route."""
    response = await client.request(method, path.replace("{id}", "unknown-one") + "?surprise=1", json=body)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
    assert "'surprise'" in response.json()["detail"]
    check_against_schema(method, path, response)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [call for call in CALLS if "{id}" in call[1]],
    ids=[f"{method} {path}" for method, path, _ in CALLS if "{id}" in path],
)
async def test_an_unknown_id_is_a_documented_404(client: httpx.AsyncClient, method: str, path: str, body: Any) -> None:
    """A model, an experiment or a lead that does not exist is 404, told as a problem."""
    response = await client.request(method, path.replace("{id}", "unknown-one"), json=body)
    assert response.status_code == 404
    assert response.json()["code"] in ("model_not_found", "record_not_found")
    check_against_schema(method, path, response)


async def test_a_model_without_a_test_is_no_experiment(client: httpx.AsyncClient) -> None:
    """Only challengers have a report."""
    response = await client.get(f"/v1/experiments/{MODEL}")
    assert (response.status_code, response.json()["code"]) == (404, "model_not_found")


async def test_a_batch_collects_errors_in_their_places(client: httpx.AsyncClient) -> None:
    """100 records with 3 bad ones: 97 answers and 3 errors in order, or one error that names the record."""
    rows: list[dict[str, Any]] = [{"company_size": n + 1} for n in range(100)]
    for bad in (7, 50, 99):
        rows[bad] = {"company_size": "many"}
    collected = await client.post("/v1/predict/batch", json={"modelId": MODEL, "features": rows, "onError": "collect"})
    results = collected.json()["results"]
    assert [place for place, result in enumerate(results) if "code" in result] == [7, 50, 99]
    assert results[50]["index"] == 50
    assert results[50]["code"] == "invalid_features"
    assert results[50]["details"]["modelId"] == MODEL
    assert sum("prediction" in result for result in results) == 97
    raised = await client.post("/v1/predict/batch", json={"modelId": MODEL, "features": rows})
    assert (raised.status_code, raised.json()["code"], raised.json()["index"]) == (422, "invalid_features", 7)


async def test_a_failed_item_of_a_batch_tells_no_secrets(client: httpx.AsyncClient, ai: Any) -> None:
    """An item that a provider failed is told in general words."""
    ai.item_failures[1] = ProviderTimeout("https://models.internal did not answer")
    body = {"modelId": MODEL, "features": [{}, {}], "onError": "collect"}
    results = (await client.post("/v1/predict/batch", json=body)).json()["results"]
    assert results[1]["code"] == "provider_timeout"
    assert "internal" not in str(results)


async def test_a_batch_on_an_inactive_model_is_a_conflict(client: httpx.AsyncClient) -> None:
    """A batch has the same rules as a single prediction."""
    response = await client.post("/v1/predict/batch", json={"modelId": "churn-prediction-v1", "features": [{}]})
    assert (response.status_code, response.json()["code"]) == (409, "model_not_active")


async def test_contexts_belong_to_records_one_by_one(client: httpx.AsyncClient, ai: Any) -> None:
    """There is one context for each record, in either spelling, or the batch is refused."""
    body = {"modelId": MODEL, "features": [{}, {}], "contexts": [{"object_id": "LD-1"}, None]}
    assert (await client.post("/v1/predict/batch", json=body)).status_code == 200
    assert [request.context and request.context.object_id for request in ai.asked] == ["LD-1", None]
    response = await client.post("/v1/predict/batch", json={**body, "contexts": [None]})
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")


async def test_a_false_prediction_does_not_shape_the_explanation(client: httpx.AsyncClient) -> None:
    """A prediction passed in that the model does not give is flagged; the numbers are the model's."""
    body = {"modelId": MODEL, "features": FEATURES}
    true = (await client.post("/v1/explain", json=body)).json()
    false = (await client.post("/v1/explain", json={**body, "prediction": {"score": 5.0}})).json()
    assert false.pop("warnings") == ["the prediction passed in is not the model's"]
    assert true.pop("warnings") == []
    assert true == false


@pytest.mark.parametrize(
    "told",
    [
        {"actual": True},
        {"actual": True, "objectType": "Lead", "objectId": "LD-1"},
        {"actual": True, "predictionId": "p-1", "modelId": MODEL},
        {"actual": True, "predictionId": "p-1", "objectType": "Lead", "objectId": "LD-1", "modelId": MODEL},
    ],
)
async def test_an_outcome_says_whose_it_is_in_one_way(client: httpx.AsyncClient, ai: Any, told: Any) -> None:
    """An outcome belongs to a prediction, or to an object and a model; neither half nor both."""
    response = await client.post("/v1/outcomes", json=told)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
    assert ai.outcomes == []


async def test_an_outcome_is_accepted(client: httpx.AsyncClient, ai: Any) -> None:
    """Both ways of naming the prediction are 202, and false is an outcome like any other."""
    by_object = {"objectType": "Lead", "objectId": "LD-1", "modelId": MODEL, "actual": False}
    assert (await client.post("/v1/outcomes", json=by_object)).json() == {"joined": 1}
    assert (await client.post("/v1/outcomes", json={"prediction_id": "p-1", "actual": None})).status_code == 202
    assert [outcome["actual"] for outcome in ai.outcomes] == [False, None]
    unknown = await client.post("/v1/outcomes", json={"predictionId": "unknown", "actual": 1})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "prediction_not_found")


async def test_scores_of_leads_are_written_back(client: httpx.AsyncClient, ai: Any) -> None:
    """A scored lead carries its score in the CRM; one that does not exist is an error in its place."""
    scored = (await client.post("/v1/leads/LD-1/score")).json()
    assert scored["score"] == 75.0
    assert ai.leads["LD-1"]["ai_score"] == 75.0
    results = (await client.post("/v1/leads/score", json={"ids": ["nobody", "LD-2"]})).json()["results"]
    assert results[0] == {
        "id": "nobody",
        "error": {"code": "record_not_found", "message": "The CRM has no Lead with id 'nobody'; nothing was written."},
    }
    assert (results[1]["id"], results[1]["class"]) == ("LD-2", "hot")
    for body in ({}, {"ids": ["LD-1"], "filters": []}, {"ids": []}):
        assert (await client.post("/v1/leads/score", json=body)).status_code == 422
    assert (await client.post("/v1/leads/LD-1/score", json={"modelId": "x"})).status_code == 422


async def test_models_show_no_credentials_and_of_endpoints_the_host(client: httpx.AsyncClient) -> None:
    """Neither list, single model nor history shows a secret, a reference to one, or more than an endpoint's host."""
    for path in ("/v1/models", "/v1/models/lead-scoring-v2", "/v1/models/lead-scoring-v2/history"):
        text = (await client.get(path)).text
        assert "hunter2" not in text
        assert "MODEL_KEY" not in text
        assert "/score" not in text
        assert "models.example.com" in text


async def test_models_are_listed_in_pages(client: httpx.AsyncClient) -> None:
    """A list is cut into pages in order of id, and ``next`` leads through all of them."""
    first = (await client.get("/v1/models?limit=2")).json()
    assert [model["id"] for model in first["items"]] == ["churn-prediction-v1", "lead-scoring-v1"]
    second = (await client.get("/v1/models", params={"limit": 2, "cursor": first["next"]})).json()
    assert [model["id"] for model in second["items"]] == ["lead-scoring-v2"]
    assert second["next"] is None
    revisions = (await client.get("/v1/models/lead-scoring-v1/history?limit=2")).json()
    rest = (await client.get(f"/v1/models/lead-scoring-v1/history?cursor={revisions['next']}")).json()
    assert [revision["number"] for revision in revisions["items"] + rest["items"]] == [1, 2, 3]


async def test_models_are_filtered(client: httpx.AsyncClient) -> None:
    """Type and status choose; a value that is none is refused."""
    training = (await client.get("/v1/models?status=training")).json()
    assert [model["id"] for model in training["items"]] == ["churn-prediction-v1"]
    for query in (
        "status=asleep",
        "type=",
        "limit=0",
        "limit=1001",
        "limit=2.5",
        "limit=x",
        "status=active&status=testing",
    ):
        response = await client.get(f"/v1/models?{query}")
        assert response.status_code in (400, 422), query
        assert response.json()["code"] == "invalid_request"


async def test_a_model_that_was_not_asked_has_zero_predictions_and_nothing_measured(client: httpx.AsyncClient) -> None:
    """Without traffic, counts are 0, latencies null, and health says that nothing is known."""
    stats = (await client.get(f"/v1/models/{MODEL}/stats?window=300")).json()
    assert (stats["totalPredictions"], stats["averageLatency"], stats["lastUpdated"]) == (0, None, None)
    health = (await client.get(f"/v1/models/{MODEL}/health")).json()
    assert health == {"modelId": MODEL, "status": "unknown", "reason": "No recent predictions", "samples": 0}
    assert (await client.get("/v1/health")).json()["status"] == "unknown"
    assert (await client.get("/v1/stats")).json() == {"items": [], "next": None}


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 51, 3)])
async def test_health_says_how_sqlite_had_to_be_opened(
    ai: Any, client: httpx.AsyncClient, caplog: Any, tmp_path: Path, version: tuple[int, int, int]
) -> None:
    """A version that could lose commits is named in health and in the log at start, one that could not is in neither."""
    database = open_database(f"sqlite:///{tmp_path / 'workspace.db'}", sqlite_version=version)
    ai.notes = database.notes
    told = (await client.get("/v1/health")).json()["notes"]
    held = HeldWorkspace(lambda: nullcontext(ai))
    await held.start()
    await held.stop()
    assert told == [record.getMessage() for record in caplog.records]
    assert [("SQLite 3.40.1 can lose commits in WAL mode" in one, "rollback journal" in one) for one in told] == (
        [(True, True)] if version == (3, 40, 1) else []
    )
    await database.aclose()


async def test_usage_is_told_day_by_day(client: httpx.AsyncClient) -> None:
    """Tokens, money by currency, the date of the price and the budget: today unless more days are asked for, in pages."""
    (today,) = (await client.get(f"/v1/models/{MODEL}/usage")).json()["items"]
    assert today == {
        "modelId": MODEL,
        "day": "2026-03-31",
        "calls": 3,
        "tokens": 396,
        "amounts": {"USD": 0.000504},
        "unpriced": 0,
        "unsettled": 1,
        "setAsideTokens": 0,
        "priceAsOf": "2026-01-01",
        "dailyBudget": {"tokens": 20_000, "amount": None, "currency": "USD"},
    }
    first = (await client.get("/v1/usage?days=7&limit=1")).json()
    assert [one["day"] for one in first["items"]] == ["2026-03-30"]
    rest = (await client.get("/v1/usage", params={"days": 7, "limit": 1, "cursor": first["next"]})).json()
    assert ([one["day"] for one in rest["items"]], rest["next"]) == (["2026-03-31"], None)
    assert (await client.get("/v1/usage?days=0")).status_code in (400, 422)
    assert (await client.get("/v1/models/no-such-model/usage")).status_code == 404


@pytest.mark.parametrize("window", ["0", "-1", "nan", "inf", "3601", "soon"])
async def test_a_window_is_a_number_of_seconds_up_to_an_hour(client: httpx.AsyncClient, window: str) -> None:
    """A window that cannot be told is refused."""
    response = await client.get(f"/v1/models/{MODEL}/stats?window={window}")
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")


async def test_readiness_follows_the_database_and_liveness_does_not(client: httpx.AsyncClient, ai: Any) -> None:
    """Without its database the server is alive but not ready, and neither answer names a model."""
    ai.failure = StorageError("gone")
    not_ready = await client.get("/readyz")
    assert (not_ready.status_code, not_ready.json()["code"]) == (503, "storage_unavailable")
    assert (await client.get("/livez")).json() == {"status": "alive"}
    ai.failure = None
    assert (await client.get("/readyz")).json() == {"status": "ready"}


async def test_a_head_is_a_get_without_body(client: httpx.AsyncClient) -> None:
    """HEAD is answered where GET is."""
    assert (await client.head("/livez")).status_code == 200
    assert (await client.head("/v1/models/unknown-one")).status_code == 404


async def test_odd_ids_in_paths_are_unknown(client: httpx.AsyncClient) -> None:
    """Whatever stands in a path, it is an id that nobody has: never a 5xx."""
    for odd in ("%00", "%ff%fe", "..%2f..%2fetc", "a" * 3000, "%F0%9F%98%80", "CON", "x%0Ay", "%ed%a0%80"):
        response = await client.get(f"/v1/models/{odd}")
        assert response.status_code == 404, odd
