"""Errors are told as RFC 9457 problems: the caller's own in full, ours in general words, nothing secret in any."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from hotcrm_ai.domain import errors
from hotcrm_ai.domain.prediction import PredictionError
from hotcrm_ai.entrypoints.http.problems import STATUS, problem_of, retry_after_seconds, status_of, tellable

ASKED = {"modelId": "lead-scoring-v1", "features": {}}
SECRET = "postgresql://user:hunter2@db.internal/crm"


def tree(kind: type[errors.HotCRMAIError]) -> Iterator[type[errors.HotCRMAIError]]:
    """Walk an error and all that derive from it in our own package."""
    if kind.__module__.startswith("hotcrm_ai."):
        yield kind
        for derived in kind.__subclasses__():
            yield from tree(derived)


def test_every_error_of_the_tree_has_a_status() -> None:
    """A new error cannot be forgotten: each class has its own line in the table."""
    public = {kind for kind in tree(errors.HotCRMAIError) if kind.__module__ == "hotcrm_ai.domain.errors"}
    assert public - set(STATUS) == set()


@pytest.mark.parametrize(
    ("error", "status", "code", "retry_after"),
    [
        (errors.ModelNotFound("no"), 404, "model_not_found", None),
        (errors.ModelNotActive("no"), 409, "model_not_active", None),
        (errors.ModelConflict("no"), 409, "model_conflict", None),
        (errors.InvalidFeatures({"x": "is no number"}), 422, "invalid_features", None),
        (errors.InvalidRequest("no"), 422, "invalid_request", None),
        (errors.ConfigError("no"), 422, "config_error", None),
        (errors.NotExplainable("no"), 422, "not_explainable", None),
        (errors.RecordNotFound("no"), 404, "record_not_found", None),
        (errors.NewerAnswer("no"), 412, "newer_answer", None),
        (errors.PredictionNotFound("no"), 404, "prediction_not_found", None),
        (errors.ProviderError("no"), 502, "provider_error", None),
        (errors.ProviderBadAnswer("no"), 502, "provider_bad_answer", None),
        (errors.ProviderTimeout("no"), 504, "provider_timeout", None),
        (errors.ProviderUnavailable("no"), 503, "provider_unavailable", None),
        (errors.ProviderUnavailable("no", retry_after_seconds=2.2), 503, "provider_unavailable", "3"),
        (errors.ProviderUnavailable("no", retry_after_seconds=1e9), 503, "provider_unavailable", "600"),
        (errors.StorageError("no"), 503, "storage_unavailable", "5"),
        (errors.ArtifactIntegrity("no"), 503, "artifact_integrity", "60"),
    ],
)
async def test_each_error_has_its_status_code_and_retry_time(
    client: httpx.AsyncClient, ai: Any, error: errors.HotCRMAIError, status: int, code: str, retry_after: str | None
) -> None:
    """Status, code and Retry-After are those of the table, in the header and in the document."""
    ai.failure = error
    response = await client.post("/v1/predict", json=ASKED)
    problem = response.json()
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["type"] == f"/docs#{code}"
    assert problem["title"]
    assert problem["requestId"] == "made-here"
    assert response.headers.get("retry-after") == retry_after
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "error",
    [
        errors.StorageError(f"cannot reach {SECRET}"),
        errors.ProviderUnavailable("POST https://models.internal/score said hunter2", body="hunter2"),
        errors.HotCRMAIError("hunter2"),
        RuntimeError("hunter2"),
        KeyError("hunter2"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_our_own_failures_tell_nothing_but_go_to_the_log(
    client: httpx.AsyncClient, ai: Any, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """A 5xx names neither host nor path nor what an upstream said; the log has it under the request's id."""
    ai.failure = error
    with caplog.at_level(logging.ERROR, "hotcrm_ai.http"):
        response = await client.post("/v1/predict", json=ASKED)
    assert response.status_code >= 500
    assert "hunter2" not in response.text
    assert "internal" not in response.text
    assert "made-here" in caplog.text


async def test_an_unexpected_error_is_a_plain_500(client: httpx.AsyncClient, ai: Any) -> None:
    """What nobody foresaw is 500 ``unexpected_error``, on the predict route and on every other."""
    ai.failure = ZeroDivisionError("division by zero")
    for response in (await client.post("/v1/predict", json=ASKED), await client.get("/readyz")):
        assert (response.status_code, response.json()["code"]) == (500, "unexpected_error")
        assert "zero" not in response.text


def test_a_callers_own_error_is_told_in_full() -> None:
    """A 4xx carries the error's own sentence and each of its problems."""
    problem = problem_of(errors.InvalidFeatures({"budget": "expected a number"}, model_id="m", index=3), request_id="r")
    assert problem.detail == "Invalid features for model 'm': 'budget': expected a number."
    assert [(item.name, item.reason) for item in problem.problems] == [("budget", "expected a number")]
    assert (problem.model_id, problem.index) == ("m", 3)


def test_an_error_of_a_plug_in_counts_as_its_nearest_ancestor() -> None:
    """A class that the table does not know has the status of what it derives from."""

    class Asleep(errors.ProviderUnavailable):
        pass

    assert status_of(Asleep("zzz")) == 503
    assert retry_after_seconds(Asleep("zzz", retry_after_seconds=0)) == 0


def test_failed_items_of_a_batch_are_told_with_the_same_discretion() -> None:
    """The error of one item shows its message where it is the caller's, general words where it is ours."""
    callers = PredictionError(index=1, code="invalid_features", message="'x': no", details={"problems": {"x": "no"}})
    assert tellable(callers) == callers
    ours = tellable(PredictionError(index=2, code="provider_timeout", message="hunter2", details={"host": "hunter2"}))
    assert "hunter2" not in f"{ours}"
    assert (ours.index, ours.code) == (2, "provider_timeout")
    assert ours.message.startswith("The provider did not answer before the deadline.")


async def test_unknown_routes_and_methods_are_problems_too(client: httpx.AsyncClient) -> None:
    """A wrong path is 404 ``route_not_found``; a wrong method 405 with the methods that the path has."""
    for path in (
        "/",
        "/v1",
        "/v1/nothing",
        "/v1/models/",
        "/v1/predict/",
        "//v1/predict",
        "/v1/models/a/b/c",
        "/V1/models",
    ):
        response = await client.get(path)
        assert (response.status_code, response.json()["code"]) == (404, "route_not_found"), path
    wrong = await client.get("/v1/predict")
    assert (wrong.status_code, wrong.json()["code"], wrong.headers["allow"]) == (405, "method_not_allowed", "POST")
    wrong = await client.put("/v1/models/lead-scoring-v1")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "DELETE, GET, HEAD, PATCH")
    assert (await client.post("/docs")).status_code == 405
