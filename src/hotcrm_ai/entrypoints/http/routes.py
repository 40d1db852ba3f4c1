"""Leads each request to the operation or page of its path and method."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NoReturn

import msgspec
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from hotcrm_ai.domain.access import KeyScope
from hotcrm_ai.domain.canonical import digest_of
from hotcrm_ai.domain.errors import InvalidRequest
from hotcrm_ai.domain.limits import MAX_BATCH_JSON_VALUES, MAX_BODY_BYTES, MAX_JSON_VALUES
from hotcrm_ai.entrypoints.http.authorization import admit, admit_reader, identify
from hotcrm_ai.entrypoints.http.conditions import entity_tag, expected_revision
from hotcrm_ai.entrypoints.http.docs_page import docs_page, docs_styles
from hotcrm_ai.entrypoints.http.exchange import Exchange
from hotcrm_ai.entrypoints.http.once import answer_once
from hotcrm_ai.entrypoints.http.openapi import build_document
from hotcrm_ai.entrypoints.http.operation import Call, Operation
from hotcrm_ai.entrypoints.http.operations import OPERATIONS
from hotcrm_ai.entrypoints.http.reading import read_query, read_record
from hotcrm_ai.entrypoints.http.refusals import MethodNotAllowed, RouteNotFound
from hotcrm_ai.entrypoints.http.reply import CSS, HTML, RawHeader, Reply, encode_json, secured, send_reply
from hotcrm_ai.entrypoints.http.request_body import receive_body
from hotcrm_ai.entrypoints.http.request_head import check_media_type
from hotcrm_ai.entrypoints.http.server_counts import ROUTE
from hotcrm_ai.entrypoints.http.strict_json import read_json_object

EXCHANGE: Final = "hotcrm_ai.exchange"
"""The key of a request's ``Exchange`` in its ASGI scope."""


API_PREFIX: Final = "/v1/"
PAGE_SCOPE: Final[KeyScope] = "read"
"""What a key must allow to see the pages that describe the API."""


def build_router(dashboard: ASGIApp | None = None, *, operations: Sequence[Operation] = OPERATIONS) -> Router:
    """Return the router of all operations and pages; what none of them answers, and is not below ``/v1/``, goes to the dashboard."""
    by_path: dict[str, dict[str, Operation]] = defaultdict(dict)
    for operation in operations:
        by_path[operation.path][operation.method] = operation
    routes = [Route(path, PathEndpoint(path, operations)) for path, operations in by_path.items()]
    pages = [Route(path, PageEndpoint(path, reply)) for path, reply in build_pages().items()]
    return Router([*routes, *pages], redirect_slashes=False, default=Elsewhere(dashboard))


class PathEndpoint:
    """Answers all methods of one path."""

    def __init__(self, path: str, operations: Mapping[str, Operation]) -> None:
        self._path = path
        self._operations = operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the operation of the request's method; a HEAD is a GET whose body the server leaves out."""
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        operation = self._operations.get(method)
        exchange: Exchange = scope[EXCHANGE]
        scope[ROUTE] = self._path
        if operation is None:
            await identify(exchange)
            refuse_method(self._path, self._operations)
        if operation.scope is not None:
            exchange = await admit(exchange, operation.scope)
        document = await _receive_document(operation, exchange, receive)
        call = Call(
            ai=exchange.ai,
            key=exchange.key,
            counts=exchange.counts,
            path=scope["path_params"],
            query=read_query(operation.query, scope["query_string"]),
            body=_read_body(operation, document),
            if_revision=expected_revision(exchange.headers) if operation.conditional else None,
        )

        async def answer() -> Reply:
            answered = await operation.answer(call)
            if operation.records_of is not None:
                await exchange.ai.rates.charge(exchange.key, exchange.address, operation.records_of(answered))
            return _reply_of(operation, answered)

        if method == "POST":
            fingerprint = digest_of(document, scope["query_string"].decode("latin-1"), call.if_revision)
            route = f"{method} {scope['path']}"
            reply = await answer_once(
                exchange,
                route,
                fingerprint,
                answer,
                is_kept=not operation.is_lookup,
                is_idempotent=operation.is_lookup or operation.is_idempotent,
            )
        else:
            reply = await answer()
        await send_reply(send, reply, request_id=exchange.request_id)


def _reply_of(operation: Operation, answer: Any) -> Reply:
    if isinstance(answer, Reply):
        return answer
    extra: list[RawHeader] = []
    if operation.revision_of is not None:
        extra.append((b"etag", entity_tag(operation.revision_of(answer))))
    if operation.location_of is not None:
        extra.append((b"location", operation.location_of(answer).encode("ascii")))
    return Reply(operation.status, encode_json(answer), extra=tuple(extra))


class PageEndpoint:
    """Answers GET for one page that never changes while the server runs."""

    def __init__(self, path: str, reply: Reply) -> None:
        self._path = path
        self._reply = reply

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the page."""
        scope[ROUTE] = self._path
        exchange = await admit_reader(scope[EXCHANGE], PAGE_SCOPE)
        if scope["method"] not in ("GET", "HEAD"):
            refuse_method(self._path, ("GET",))
        await send_reply(send, self._reply, request_id=exchange.request_id)


class Elsewhere:
    """Answers what no route of the API does: by the dashboard, which knows who signed in, or by saying that there is nothing."""

    def __init__(self, dashboard: ASGIApp | None) -> None:
        self._dashboard = dashboard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, or refuse it; a stranger is not even told that there is nothing."""
        exchange: Exchange = scope[EXCHANGE]
        if self._dashboard is not None and not scope["path"].startswith(API_PREFIX):
            scope[ROUTE] = "dashboard"
            await exchange.ai.rates.take(None, exchange.address)
            await self._dashboard(scope, receive, secured(send, request_id=exchange.request_id))
            return
        await identify(exchange)
        raise RouteNotFound("There is no such route; /docs lists all of them.")


def build_pages() -> dict[str, Reply]:
    """Return the pages that describe the API, by path."""
    document = build_document(OPERATIONS)
    return {
        "/openapi.json": Reply(200, encode_json(document)),
        "/docs": Reply(200, docs_page(document).encode(), HTML),
        "/docs/style.css": Reply(200, docs_styles(), CSS),
    }


def refuse_method(path: str, allowed: Collection[str]) -> NoReturn:
    """Raise ``MethodNotAllowed``, naming the methods that the path has."""
    allow = ", ".join(sorted({*allowed, *(("HEAD",) if "GET" in allowed else ())}))
    raise MethodNotAllowed(f"{path} takes {allow} only.", allow=allow)


async def _receive_document(operation: Operation, exchange: Exchange, receive: Receive) -> dict[str, Any] | None:
    """Return the body's JSON object, or nothing where the operation takes none."""
    if operation.takes is None and operation.method != "POST":
        return None
    if operation.takes is not None:
        check_media_type(exchange.headers)
    body = await receive_body(
        receive, exchange.headers, limit_bytes=operation.body_limit, timeout_seconds=exchange.body_seconds
    )
    if operation.takes is not None:
        is_batch = operation.body_limit > MAX_BODY_BYTES
        return read_json_object(body, most_values=MAX_BATCH_JSON_VALUES if is_batch else MAX_JSON_VALUES)
    if body.strip() not in (b"", b"{}"):
        raise InvalidRequest(_no_body(operation))
    return None


def _no_body(operation: Operation) -> str:
    """Say that a route takes no body, and where what it wants to know stands instead."""
    told = [field.encode_name for field in msgspec.structs.fields(operation.query)]
    parts = ["the path says what it is about"] if "{" in operation.path else []
    parts += [f"the query may hold {', '.join(told)}"] if told else []
    where = f": {'; '.join(parts)}" if parts else ""
    return f"{operation.method} {operation.path} takes no body{where}. Send none, or {{}}."


def _read_body(operation: Operation, document: dict[str, Any] | None) -> Any:
    """Return the body as the record that the operation takes, or nothing where it takes none."""
    if operation.takes is None or document is None:
        return None
    return operation.read(document) if operation.read is not None else read_record(operation.takes, document)
