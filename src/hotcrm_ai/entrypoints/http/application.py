"""The HTTP application: opens the workspace, judges each request's headers, finds its answer, and tells errors."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from starlette.types import Message, Receive, Scope, Send

from hotcrm_ai.domain.access import mask_keys
from hotcrm_ai.domain.answers import Alive
from hotcrm_ai.domain.errors import HotCRMAIError, NotAuthenticated, TooManyRequests
from hotcrm_ai.entrypoints.http.exchange import Exchange
from hotcrm_ai.entrypoints.http.held_workspace import HeldWorkspace, OpenWorkspace
from hotcrm_ai.entrypoints.http.once import IDEMPOTENCY_KEY
from hotcrm_ai.entrypoints.http.pages import Pages, asks_for_page
from hotcrm_ai.entrypoints.http.predict_door import answer_predict
from hotcrm_ai.entrypoints.http.prediction_routes import PREDICT
from hotcrm_ai.entrypoints.http.problems import Problem, problem_of, retry_after_seconds, unexpected_problem
from hotcrm_ai.entrypoints.http.refusals import BODY_UNREAD, AnswerTooSlow, ClientGone, MethodNotAllowed, Stopping
from hotcrm_ai.entrypoints.http.reply import PROBLEM_JSON, RawHeader, Reply, encode_json, secured, send_reply
from hotcrm_ai.entrypoints.http.request_head import OwnNames, check_address, check_said_once, request_id_of
from hotcrm_ai.entrypoints.http.routes import EXCHANGE, build_router
from hotcrm_ai.entrypoints.http.server_counts import CLIENT_LEFT, ROUTE, ServerCounts
from hotcrm_ai.entrypoints.http.state_routes import READY_PATH
from hotcrm_ai.exporters.structured_log import REQUEST_ID
from hotcrm_ai.pipeline.deadline import DeadlinePassed, run_until
from hotcrm_ai.ports.clock import SystemClock
from hotcrm_ai.ports.ids import RandomIds

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI

BODY_SECONDS: Final = 30.0
"""How long a body may take to arrive."""

REQUEST_SECONDS: Final = 60.0
"""How long a request may take in all."""

_logger: Final = logging.getLogger("hotcrm_ai.http")
_access: Final = logging.getLogger("hotcrm_ai.access")
_CLOSE: Final[RawHeader] = (b"connection", b"close")
_LIVE_PATH: Final = "/livez"
_SMALL_BODY: Final = 64 * 1024


def create_app(
    workspace: AI | OpenWorkspace | HeldWorkspace,
    *,
    dashboard: Pages | None = None,
    hosts: Sequence[str] = (),
    body_seconds: float = BODY_SECONDS,
    request_seconds: float = REQUEST_SECONDS,
    counts: ServerCounts | None = None,
    new_request_id: Callable[[], str] | None = None,
) -> Application:
    """Return the ASGI application of a workspace.

    ``workspace`` is an open AI object, which stays open, or what opens one (``lambda: AI.open(settings)``); that one is opened when the
    server starts and closed when it stops. While its database is away at the start, every request but /livez is answered 503, a
    browser's with a page. ``dashboard`` answers what is no route of the API; it finds the ``Exchange`` in its ASGI scope and judges for
    itself who may see what. ``hosts`` are the names that it is called by, besides those of this machine. ``body_seconds`` is how long a
    body may take to arrive, ``request_seconds`` how long a request may take in all.
    """
    held = workspace if isinstance(workspace, HeldWorkspace) else HeldWorkspace.of(workspace)
    return Application(
        held,
        dashboard=dashboard,
        names=OwnNames(hosts),
        body_seconds=body_seconds,
        request_seconds=request_seconds,
        counts=counts or ServerCounts(),
        new_request_id=new_request_id or RandomIds(),
    )


class Application:
    """An ASGI application; predictions are answered ahead of the router."""

    def __init__(
        self,
        workspace: HeldWorkspace,
        *,
        dashboard: Pages | None,
        names: OwnNames,
        body_seconds: float,
        request_seconds: float,
        counts: ServerCounts,
        new_request_id: Callable[[], str],
    ) -> None:
        self._workspace = workspace
        self._names = names
        self._body_seconds = body_seconds
        self._request_seconds = request_seconds
        self._new_request_id = new_request_id
        self._pages = dashboard
        self._router = build_router(dashboard)
        self._seconds = SystemClock().monotonic
        self.counts = counts
        self.logs_access = False
        """Whether each answer gets a line in the log."""
        self.is_stopping = False
        """Whether the server was told to stop; it is not ready any more, but answers what still comes."""
        self.start_error: HotCRMAIError | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or follow the server's start and stop."""
        if scope["type"] == "http":
            await self._count(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000, "reason": ""})

    async def _count(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and count it by what was answered."""
        began, status = self._seconds(), CLIENT_LEFT

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._answer(scope, receive, send_noting)
        finally:
            took = self._seconds() - began
            self.counts.count(scope["method"], scope.get(ROUTE, "other"), status, took)
            if self.logs_access:
                _tell_access(scope, status, took)

    async def is_open_to_this_machine(self) -> bool:
        """Whether programs of this machine need no key yet; false also while the database is away, when nobody is answered."""
        ai = self._workspace.ai
        return ai is not None and not await ai.keys.any_exist()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request within its time."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        request_id = request_id_of(headers, self._new_request_id)
        REQUEST_ID.set(request_id)
        try:
            await run_until(self._judge(scope, headers, request_id, receive, send), self._request_seconds)
        except DeadlinePassed:
            late = AnswerTooSlow(
                f"The request was given up after {self._request_seconds:g} seconds; ask for less at a time, or again later."
            )
            await _tell(send, late, scope, request_id=request_id)

    async def _judge(
        self, scope: Scope, headers: dict[bytes, bytes], request_id: str, receive: Receive, send: Send
    ) -> None:
        """Answer a request, or tell why not."""
        try:
            check_said_once(scope["headers"], headers)
            check_address(scope, headers, self._names)
            if self.is_stopping and scope["path"] == READY_PATH:
                raise Stopping(
                    "The server was told to stop; it answers what still comes, but send new requests elsewhere."
                )
            if self._workspace.ai is None and scope["path"] == _LIVE_PATH and scope["method"] in ("GET", "HEAD"):
                await send_reply(send, Reply(200, encode_json(Alive(status="alive"))), request_id=request_id)
                return
            if self._workspace.ai is None and self._pages is not None and asks_for_page(scope, headers):
                await self._pages.tell_closed(scope, secured(send, request_id=request_id), request_id=request_id)
                return
            client = scope.get("client")
            exchange = Exchange(
                self._workspace.require(),
                headers,
                request_id,
                self._body_seconds,
                client[0] if client else None,
                counts=self.counts,
            )
            plain = not scope["query_string"] and IDEMPOTENCY_KEY not in headers
            if plain and scope["path"] == PREDICT.path and scope["method"] == "POST":
                scope[ROUTE] = PREDICT.path
                await send_reply(send, await answer_predict(exchange, receive), request_id=request_id)
            else:
                scope[EXCHANGE] = exchange
                await self._router(scope, receive, send)
        except ClientGone:
            return
        except HotCRMAIError as error:
            await _tell(send, error, scope, request_id=request_id)
        except Exception:
            _logger.exception("request %s (%s %r) met an unexpected error", request_id, *_named(scope))
            await _send_problem(send, unexpected_problem(request_id=request_id), (_CLOSE,))

    async def _live(self, receive: Receive, send: Send) -> None:
        """Open the workspace at the server's start and close it at its stop."""
        await receive()
        try:
            await self._workspace.start()
        except HotCRMAIError as error:
            self.start_error = error
            await send({"type": "lifespan.startup.failed", "message": error.message})
            return
        publishing = asyncio.create_task(self.counts.publish(lambda: self._workspace.ai))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        publishing.cancel()
        self.counts.publish_now(self._workspace.ai)
        await self._workspace.stop()
        await send({"type": "lifespan.shutdown.complete"})


def _tell_access(scope: Scope, status: int, took: float) -> None:
    """Log one answer; the query is left out, for it may name records."""
    fields = {
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "milliseconds": round(1000 * took, 3),
        "client": (scope.get("client") or (None,))[0],
    }
    _access.info("%s %s %d in %.1f ms", fields["method"], fields["path"], status, 1000 * took, extra={"fields": fields})


async def _tell(send: Send, error: HotCRMAIError, scope: Scope, *, request_id: str) -> None:
    """Send the problem document of an error, with the headers that belong to it."""
    problem = problem_of(error, request_id=request_id)
    extra: list[RawHeader] = []
    retry_after = retry_after_seconds(error)
    if retry_after is not None:
        extra.append((b"retry-after", b"%d" % retry_after))
    if isinstance(error, MethodNotAllowed):
        extra.append((b"allow", error.allow.encode("ascii")))
    if isinstance(error, NotAuthenticated):
        extra.append((b"www-authenticate", b"Bearer"))
    if isinstance(error, BODY_UNREAD) or (isinstance(error, TooManyRequests) and _has_more_to_send(scope)):
        extra.append(_CLOSE)
    if problem.status >= 500:
        _logger.error("request %s (%s %r) failed: %s", request_id, *_named(scope), mask_keys(repr(error)))
    await _send_problem(send, problem, tuple(extra))


def _has_more_to_send(scope: Scope) -> bool:
    """Whether a body follows that is not small: such a client is parted with, any other keeps its connection, which costs both less."""
    headers = dict(scope["headers"])
    length: bytes = headers.get(b"content-length", b"0")
    return b"transfer-encoding" in headers or len(length) > 5 or not length.isdigit() or int(length) > _SMALL_BODY


def _named(scope: Scope) -> tuple[str, str]:
    """Return method and path for the log, where a key may stand that somebody put into the path."""
    return scope["method"], mask_keys(scope["path"])


async def _send_problem(send: Send, problem: Problem, extra: tuple[RawHeader, ...]) -> None:
    await send_reply(
        send, Reply(problem.status, encode_json(problem), PROBLEM_JSON, extra), request_id=problem.request_id
    )
