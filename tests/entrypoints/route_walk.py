"""Walks all routes that a server has, with every kind of caller, and tells where an answer is not what it must be."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.routing import Route

from hotcrm_ai.domain.access import KeyScope
from hotcrm_ai.entrypoints.http.operation import Operation
from hotcrm_ai.entrypoints.http.operations import OPERATIONS
from hotcrm_ai.entrypoints.http.routes import build_router

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
OPEN = frozenset({("GET", "/livez"), ("HEAD", "/livez"), ("GET", "/readyz"), ("HEAD", "/readyz")})
SCOPES_OF_CHANGES: Mapping[str, KeyScope] = {
    "POST /v1/predict": "predict",
    "POST /v1/predict/batch": "predict",
    "POST /v1/explain": "predict",
    "POST /v1/compare": "predict",
    "POST /v1/what-if": "predict",
    "POST /v1/outcomes": "predict",
    "POST /v1/leads/{id}/score": "predict",
    "POST /v1/leads/score": "predict",
    "POST /v1/opportunities/{id}/score": "predict",
    "POST /v1/opportunities/score": "predict",
    "POST /v1/accounts/{id}/churn": "predict",
    "POST /v1/accounts/churn": "predict",
    "POST /v1/emails/{id}/sentiment": "predict",
    "POST /v1/emails/sentiment": "predict",
    "POST /v1/revenue-series/{id}/forecast": "predict",
    "POST /v1/revenue-series/forecast": "predict",
    "POST /v1/accounts/{id}/recommendations": "predict",
    "POST /v1/accounts/recommendations": "predict",
    "POST /v1/models": "write",
    "PATCH /v1/models/{id}": "write",
    "DELETE /v1/models/{id}": "write",
    "POST /v1/models/{id}/promote": "write",
    "POST /v1/models/{id}/rollback": "write",
    "POST /v1/experiments/{id}/promote": "write",
    "POST /v1/experiments/{id}/stop": "write",
    "DELETE /v1/cache": "admin",
}
"""What a key must allow for each operation that is no GET; whoever adds one says it here as well."""

DISGUISED = (
    "/v1/models/", "//v1/models", "/V1/MODELS", "/v1/models/../models", "/v1/models;x", "/v1/nothing", "/livez/", "/livez/../v1/models",
    "/livez;/v1/models", "/livez%2f..%2fv1%2fmodels", "/metrics/", "/docs/", "/openapi.json/", "/admin", "",
)  # fmt: skip
"""Paths that look like a route, like an open one, or like none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of the walk, and the scope that it needs (None: it is open; ``"any"``: any valid key, for a 405 or 404)."""

    method: str
    path: str
    query: bytes
    scope: str | None


@dataclass(slots=True)
class Told:
    """What came back, and whether the body was read before."""

    status: int = 0
    headers: dict[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""
    was_read: bool = False


def all_requests() -> list[Asked]:
    """Return a request for every method of every path that the router has, and for every disguise."""
    paths = [route.path for route in build_router().routes if isinstance(route, Route)]
    asked = []
    for path in paths:
        declared = {operation.method: operation for operation in OPERATIONS if operation.path == path}
        for method in METHODS:
            reading = "GET" if method == "HEAD" else method
            scope: str | None = "any"
            if reading in declared:
                scope = declared[reading].scope
            elif not declared:
                scope = "read"
            asked += [Asked(method, path, query, scope) for query in (b"", b"limit=1")]
    return asked + [Asked(method, path, b"", "any") for path in DISGUISED for method in METHODS]


def wrong_scopes(operations: Iterable[Operation]) -> list[str]:
    """Return what is wrong with the scopes that operations declare: open where they must not be, or another than is written here."""
    complaints = []
    for operation in operations:
        name = f"{operation.method} {operation.path}"
        reads: KeyScope | None = None if (operation.method, operation.path) in OPEN else "read"
        wanted = (
            reads if operation.method == "GET" else SCOPES_OF_CHANGES.get(name, "(write it into SCOPES_OF_CHANGES)")
        )
        if operation.scope != wanted:
            complaints.append(f"{name} declares {operation.scope!r}, not {wanted!r}")
    return complaints


async def ask(app: Any, asked: Asked, headers: Mapping[str, str]) -> Told:
    """Send one request to the application and return what came back."""
    told = Told()

    async def receive() -> dict[str, Any]:
        told.was_read = True
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            told.status, told.headers = message["status"], dict(message["headers"])
        told.body += message.get("body", b"")

    path = asked.path.replace("{id}", "unknown-one")
    given = {"host": "127.0.0.1", "content-type": "application/json", **headers}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "scheme": "http",
        "method": asked.method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": asked.query,
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items()],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8000),
    }
    await app(scope, receive, send)
    return told


async def refused(app: Any, headers: Mapping[str, str]) -> list[str]:
    """Return where a caller who is nobody comes in, is told more than that, or makes the server read on."""
    complaints = []
    for asked in all_requests():
        told = await ask(app, asked, headers)
        is_open = (asked.method, asked.path) in OPEN
        problem = b"" if is_open else told.body
        right = told.status not in (401, 403) if is_open else told.status == 401
        if not right or (told.was_read and not is_open):
            complaints.append(f"{asked.method} {asked.path!r}: {told.status}, body read: {told.was_read}")
        elif not is_open and told.headers.get(b"www-authenticate") != b"Bearer":
            complaints.append(f"{asked.method} {asked.path!r}: 401 without a challenge")
        elif problem and json.loads(problem)["code"] != "not_authenticated":
            complaints.append(f"{asked.method} {asked.path!r}: {problem!r}")
    return complaints


async def without_scope(app: Any, headers: Mapping[str, str], scopes: set[str]) -> list[str]:
    """Return where a key that allows nothing of ``scopes`` comes in, or is not told what it lacks."""
    complaints = []
    for asked in all_requests():
        if asked.scope not in scopes:
            continue
        told = await ask(app, asked, headers)
        if told.status != 403 or told.was_read or f"the scope '{asked.scope}'".encode() not in told.body:
            complaints.append(f"{asked.method} {asked.path!r}: {told.status} {told.body!r}, body read: {told.was_read}")
    return complaints


async def shut_out(app: Any, headers: Mapping[str, str], scopes: set[str]) -> list[str]:
    """Return where a key that allows all of ``scopes`` is refused for lack of a key or scope, or meets an unexpected error."""
    complaints = []
    for asked in all_requests():
        if asked.scope is not None and asked.scope not in scopes | {"any"}:
            continue
        told = await ask(app, asked, headers)
        if told.status in (401, 403, 500):
            complaints.append(f"{asked.method} {asked.path!r}: {told.status} {told.body!r}")
    return complaints
