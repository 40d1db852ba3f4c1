"""Leads each request to the operation or page of its path and method."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any, Final, NoReturn

from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from hotcrm_ai.domain.errors import InvalidRequest
from hotcrm_ai.entrypoints.http.docs_page import docs_page, docs_styles
from hotcrm_ai.entrypoints.http.exchange import Exchange
from hotcrm_ai.entrypoints.http.openapi import build_document
from hotcrm_ai.entrypoints.http.operation import Call, Operation
from hotcrm_ai.entrypoints.http.operations import OPERATIONS
from hotcrm_ai.entrypoints.http.reading import read_query, read_record
from hotcrm_ai.entrypoints.http.refusals import MethodNotAllowed, RouteNotFound
from hotcrm_ai.entrypoints.http.reply import CSS, HTML, Reply, encode_json, send_reply
from hotcrm_ai.entrypoints.http.request_body import receive_body
from hotcrm_ai.entrypoints.http.request_head import check_media_type
from hotcrm_ai.entrypoints.http.strict_json import read_json_object

EXCHANGE: Final = "hotcrm_ai.exchange"
"""The key of a request's ``Exchange`` in its ASGI scope."""


def build_router() -> Router:
    """Return the router of all operations and pages."""
    by_path: dict[str, dict[str, Operation]] = defaultdict(dict)
    for operation in OPERATIONS:
        by_path[operation.path][operation.method] = operation
    routes = [Route(path, PathEndpoint(path, operations)) for path, operations in by_path.items()]
    pages = [Route(path, PageEndpoint(path, reply)) for path, reply in build_pages().items()]
    return Router([*routes, *pages], redirect_slashes=False, default=_no_such_route)


class PathEndpoint:
    """Answers all methods of one path."""

    def __init__(self, path: str, operations: Mapping[str, Operation]) -> None:
        self._path = path
        self._operations = operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the operation of the request's method; a HEAD is a GET whose body the server leaves out."""
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        operation = self._operations.get(method)
        if operation is None:
            refuse_method(self._path, self._operations)
        exchange: Exchange = scope[EXCHANGE]
        call = Call(
            ai=exchange.ai,
            path=scope["path_params"],
            query=read_query(operation.query, scope["query_string"]),
            body=await _read_body(operation, exchange, receive),
        )
        answer = await operation.answer(call)
        await send_reply(send, Reply(operation.status, encode_json(answer)), request_id=exchange.request_id)


class PageEndpoint:
    """Answers GET for one page that never changes while the server runs."""

    def __init__(self, path: str, reply: Reply) -> None:
        self._path = path
        self._reply = reply

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the page."""
        if scope["method"] not in ("GET", "HEAD"):
            refuse_method(self._path, ("GET",))
        exchange: Exchange = scope[EXCHANGE]
        await send_reply(send, self._reply, request_id=exchange.request_id)


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


async def _no_such_route(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise RouteNotFound("There is no such route; /docs lists all of them.")


async def _read_body(operation: Operation, exchange: Exchange, receive: Receive) -> Any:
    """Return the body as the record that the operation takes, or nothing where it takes none."""
    if operation.takes is None and operation.method != "POST":
        return None
    if operation.takes is not None:
        check_media_type(exchange.headers)
    body = await receive_body(
        receive, exchange.headers, limit_bytes=operation.body_limit, timeout_seconds=exchange.body_seconds
    )
    if operation.takes is not None:
        return read_record(operation.takes, read_json_object(body))
    if body.strip() not in (b"", b"{}"):
        raise InvalidRequest("This route takes no body; send none.")
    return None
