"""The dashboard as an ASGI application: finds the page of a request, checks changes, fills the template, tells errors as pages."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from hotcrm_ai.domain.errors import HotCRMAIError
from hotcrm_ai.entrypoints.dashboard.assets import asset_names, read_asset
from hotcrm_ai.entrypoints.dashboard.cookies import THEME_COOKIE, read_cookies, theme_of
from hotcrm_ai.entrypoints.dashboard.faults import ChangeRefused, PageNotFound, fault_page
from hotcrm_ai.entrypoints.dashboard.forms import read_fields, read_form
from hotcrm_ai.entrypoints.dashboard.page import Answer, Menu, Page, Sent, Told, Visit
from hotcrm_ai.entrypoints.dashboard.pages import discover_pages
from hotcrm_ai.entrypoints.dashboard.rendering import render
from hotcrm_ai.entrypoints.dashboard.replies import HTML, JSON, KEPT_FOR_EVER, send_body, send_on

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI

EXCHANGE: Final = "hotcrm_ai.exchange"
"""The key under which the server puts a request's exchange into its ASGI scope."""

_logger: Final = logging.getLogger("hotcrm_ai.dashboard")


class Exchange(Protocol):
    """What the server knows of a request: the workspace that answers it, its headers by lower-case name, its id."""

    @property
    def ai(self) -> AI:
        """The open workspace."""
        ...

    @property
    def headers(self) -> Mapping[bytes, bytes]:
        """The headers by lower-case name."""
        ...

    @property
    def request_id(self) -> str:
        """The id that the answer carries."""
        ...

    @property
    def body_seconds(self) -> float:
        """How long a body may take to arrive."""
        ...


def create_dashboard() -> Dashboard:
    """Return the dashboard; the server puts ``hotcrm_ai.exchange`` into the scope of each request that it hands on."""
    return Dashboard(discover_pages())


class Dashboard:
    """Answers requests for pages and for the files that pages load."""

    def __init__(self, pages: tuple[Page, ...]) -> None:
        self._routes = [(Route(page.path, _no_endpoint, methods=[page.method]), page) for page in pages]
        entries = [(page.menu, page.path) for page in pages if page.menu is not None]
        self._menu: list[tuple[Menu, str]] = sorted(entries, key=lambda entry: entry[0].place)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange: Exchange = scope[EXCHANGE]
        if scope["path"].startswith("/assets/"):
            await _send_asset(send, scope["path"], exchange)
            return
        visit = _visit_of(scope, exchange)
        try:
            page, parameters = self._find(scope)
            visit = replace(visit, path=parameters, query=read_fields(scope["query_string"]))
            if page.method == "POST":
                _check_origin(exchange.headers)
                media_type = exchange.headers.get(b"content-type", b"")
                form = await read_form(receive, media_type, seconds=exchange.body_seconds)
                visit = replace(visit, form=form)
            answer = await page.show(visit)
        except HotCRMAIError as error:
            if error.code == "storage_error":
                _logger.error("request %s (%r) failed: %r", exchange.request_id, scope["path"], error)
            answer = fault_page(error)
        await self._send(send, answer, visit, request_id=exchange.request_id)

    def _find(self, scope: Scope) -> tuple[Page, dict[str, str]]:
        """Return the page of a request and the parts of its path; a HEAD is a GET whose body the server leaves out."""
        for route, page in self._routes:
            match, found = route.matches(scope)
            if match is Match.FULL:
                return page, found["path_params"]
        raise PageNotFound("The menu leads to all pages; a record is found with the search box.")

    async def _send(self, send: Send, answer: Answer, visit: Visit, *, request_id: str) -> None:
        if isinstance(answer, Sent):
            await send_on(send, answer.to, request_id=request_id, cookies=answer.cookies)
        elif isinstance(answer, Told):
            body = msgspec.json.encode(answer.value)
            await send_body(send, body, JSON, request_id=request_id, status=answer.status)
        else:
            values: dict[str, Any] = {"menu": self._menu, "visit": visit, "page_title": answer.title, **answer.values}
            body = render(answer.template, values)
            await send_body(send, body, HTML, request_id=request_id, status=answer.status)


def _visit_of(scope: Scope, exchange: Exchange) -> Visit:
    query = scope["query_string"].decode("latin-1")
    raw_path = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
    cookies = read_cookies(exchange.headers.get(b"cookie", b""))
    return Visit(
        ai=exchange.ai,
        url=f"{raw_path}?{query}" if query else raw_path,
        path={},
        query={},
        form={},
        now=exchange.ai.now(),
        theme=theme_of(cookies.get(THEME_COOKIE)),
    )


def _check_origin(headers: Mapping[bytes, bytes]) -> None:
    """Refuse a change that no page of ours sent: browsers say in ``Origin`` whose page sent a form.

    Raises:
        ChangeRefused: ``Origin`` is missing or names another site than ``Host``.
    """
    origin, host = headers.get(b"origin", b""), headers.get(b"host", b"")
    if not host or origin.lower() not in (b"http://" + host.lower(), b"https://" + host.lower()):
        raise ChangeRefused("It was not sent from a page of this dashboard; open the page and try again there.")


async def _send_asset(send: Send, path: str, exchange: Exchange) -> None:
    """Send a file, compressed where the browser takes that; an old address gets the present content, kept by nobody."""
    name = path.rsplit("/", 1)[1]
    if name not in asset_names():
        await send_body(send, b"", HTML, request_id=exchange.request_id, status=404)
        return
    asset = read_asset(name)
    extra = [KEPT_FOR_EVER] if f"/{asset.digest}/" in path else [(b"cache-control", b"no-store")]
    body = asset.body
    if b"gzip" in exchange.headers.get(b"accept-encoding", b""):
        body = asset.compressed
        extra += [(b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]
    await send_body(send, body, asset.media_type, request_id=exchange.request_id, extra=extra)


async def _no_endpoint() -> None:
    """Routes only tell which page is meant; the dashboard itself calls it."""
