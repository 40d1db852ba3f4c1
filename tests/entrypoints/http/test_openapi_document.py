"""The OpenAPI document is valid and complete: every route, parameter, field and error is in it, described."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from hotcrm_ai.entrypoints.http.field_words import FIELD_WORDS
from hotcrm_ai.entrypoints.http.openapi import build_document
from hotcrm_ai.entrypoints.http.operations import OPERATIONS
from hotcrm_ai.entrypoints.http.problems import STATUS
from hotcrm_ai.entrypoints.http.routes import build_pages, build_router

DOCUMENT = build_document(OPERATIONS)
SCHEMAS = DOCUMENT["components"]["schemas"]


def test_the_document_is_valid() -> None:
    """An independent validator of OpenAPI 3.1 accepts the document."""
    validator = pytest.importorskip(
        "openapi_spec_validator", reason="the document is checked by openapi-spec-validator"
    )
    validator.validate(DOCUMENT)


async def test_the_document_is_served(client: httpx.AsyncClient) -> None:
    """``/openapi.json`` is the document."""
    assert (await client.get("/openapi.json")).json() == DOCUMENT


def test_every_route_is_documented() -> None:
    """What the router knows is in the document, or is one of the pages that describe the API."""
    routed = {route.path for route in build_router().routes}  # type: ignore[attr-defined]
    assert routed - set(DOCUMENT["paths"]) == set(build_pages())
    assert set(DOCUMENT["paths"]) <= routed


def test_the_routes_of_the_contract_are_there() -> None:
    """The routes that users hold on to, written out."""
    assert {(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods} >= {
        ("POST", "/v1/predict"),
        ("POST", "/v1/predict/batch"),
        ("POST", "/v1/explain"),
        ("POST", "/v1/compare"),
        ("POST", "/v1/outcomes"),
        ("GET", "/v1/models"),
        ("GET", "/v1/models/{id}"),
        ("GET", "/v1/models/{id}/history"),
        ("GET", "/v1/models/{id}/stats"),
        ("GET", "/v1/models/{id}/health"),
        ("GET", "/v1/models/{id}/importance"),
        ("GET", "/v1/stats"),
        ("GET", "/v1/models/{id}/usage"),
        ("GET", "/v1/usage"),
        ("GET", "/v1/health"),
        ("GET", "/v1/experiments"),
        ("GET", "/v1/experiments/{id}"),
        ("GET", "/v1/cache/stats"),
        ("DELETE", "/v1/cache"),
        ("POST", "/v1/leads/{id}/score"),
        ("POST", "/v1/leads/score"),
        ("POST", "/v1/opportunities/{id}/score"),
        ("POST", "/v1/opportunities/score"),
        ("POST", "/v1/accounts/{id}/churn"),
        ("POST", "/v1/accounts/churn"),
        ("POST", "/v1/emails/{id}/sentiment"),
        ("POST", "/v1/emails/sentiment"),
        ("POST", "/v1/revenue-series/{id}/forecast"),
        ("POST", "/v1/revenue-series/forecast"),
        ("POST", "/v1/accounts/{id}/recommendations"),
        ("POST", "/v1/accounts/recommendations"),
        ("GET", "/livez"),
        ("GET", "/readyz"),
    }


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_is_described(operation: Any) -> None:
    """Each operation has its words, each parameter too, and each declared error appears under its status with its code."""
    described = DOCUMENT["paths"][operation.path][operation.method.lower()]
    assert described["summary"].endswith(".")
    assert described["description"].endswith(".")
    assert all(parameter["description"] and parameter["schema"] for parameter in described["parameters"])
    in_path = {parameter["name"] for parameter in described["parameters"] if parameter["in"] == "path"}
    assert in_path == {part.strip("{}") for part in operation.path.split("/") if part.startswith("{")}
    for error in operation.errors:
        assert f"`{error.code}`" in described["responses"][str(STATUS[error])]["description"]
    assert {"400", "422", "500", str(operation.status)} <= set(described["responses"])


def test_operations_have_names_of_their_own() -> None:
    """Generated clients take their method names from ``operationId``."""
    names = [operation.name for operation in OPERATIONS]
    assert len(set(names)) == len(names)


def test_every_field_is_described() -> None:
    """A field that nobody described fails here; write it into the words."""
    missing = [
        f"{name}.{field}"
        for name, schema in SCHEMAS.items()
        for field, part in schema.get("properties", {}).items()
        if not part["description"]
    ]
    assert missing == []


def test_no_description_is_left_over() -> None:
    """Words of fields that are gone go too."""
    fields = {field for schema in SCHEMAS.values() for field in schema.get("properties", {})}
    whole = {f"{name}.{field}" for name, schema in SCHEMAS.items() for field in schema.get("properties", {})}
    assert set(FIELD_WORDS) - fields - whole == set()


def test_every_record_is_described() -> None:
    """Each record says what it is for."""
    assert [name for name, schema in SCHEMAS.items() if not schema.get("description")] == []


def test_names_are_camel_case() -> None:
    """JSON is written in camelCase throughout."""
    assert [field for schema in SCHEMAS.values() for field in schema.get("properties", {}) if "_" in field] == []
