"""The dashboard as an ASGI application: finds the page of a request, checks changes, fills the template, tells errors as pages."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from hotcrm_ai.domain.access import mask_keys
from hotcrm_ai.domain.errors import HotCRMAIError
from hotcrm_ai.entrypoints.dashboard.addresses import sign_in_address
from hotcrm_ai.entrypoints.dashboard.admission import check_origin, check_scope, check_token, identify
from hotcrm_ai.entrypoints.dashboard.assets import asset_names, read_asset
from hotcrm_ai.entrypoints.dashboard.cookies import THEME_COOKIE, read_cookies, theme_of
from hotcrm_ai.entrypoints.dashboard.exchange import EXCHANGE, Exchange
from hotcrm_ai.entrypoints.dashboard.faults import PageNotFound, SignInNeeded, fault_page, is_ours
from hotcrm_ai.entrypoints.dashboard.forms import read_fields, read_form
from hotcrm_ai.entrypoints.dashboard.page import Answer, Menu, Page, Sent, Told, Visit
from hotcrm_ai.entrypoints.dashboard.pages import discover_pages
from hotcrm_ai.entrypoints.dashboard.rendering import render
from hotcrm_ai.entrypoints.dashboard.replies import HTML, JSON, KEPT_FOR_EVER, NEVER_KEPT, send_body, send_on

_LATER: Final = (b"retry-after", b"5")
_logger: Final = logging.getLogger("hotcrm_ai.dashboard")


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
            await _send_asset(send, scope["path"], exchange.headers, request_id=exchange.request_id)
            return
        cookies = read_cookies(exchange.headers.get(b"cookie", b""))
        visit = _visit_of(scope, exchange, cookies)
        try:
            visit = await identify(visit, exchange, cookies)
            page, parameters = self._find(scope)
            check_scope(visit, page)
            visit = replace(visit, path=parameters, query=read_fields(scope["query_string"]))
            if page.method == "POST":
                visit = await _with_form(visit, exchange, receive)
            answer = await page.show(visit)
        except SignInNeeded as error:
            answer = (
                Sent(to=sign_in_address(visit.url))
                if scope["method"] in ("GET", "HEAD")
                else fault_page(error, visit, request_id=exchange.request_id)
            )
        except HotCRMAIError as error:
            if is_ours(error):
                place = mask_keys(scope["path"])
                _logger.error("request %s (%r) failed: %s", exchange.request_id, place, mask_keys(repr(error)))
            answer = fault_page(error, visit, request_id=exchange.request_id)
        await self._send(send, answer, visit, request_id=exchange.request_id)

    async def tell_closed(self, scope: Scope, send: Send, *, request_id: str) -> None:
        """Say in a page (503) that the database is away, and what to do; files that pages load are there all the same."""
        headers = dict(scope["headers"])
        if scope["path"].startswith("/assets/"):
            await _send_asset(send, scope["path"], headers, request_id=request_id)
            return
        theme = theme_of(read_cookies(headers.get(b"cookie", b"")).get(THEME_COOKIE))
        body = render("closed.html", {"theme": theme, "back": scope["path"], "request_id": request_id})
        await send_body(send, body, HTML, request_id=request_id, status=503, extra=(NEVER_KEPT, _LATER))

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


async def _with_form(visit: Visit, exchange: Exchange, receive: Receive) -> Visit:
    """Return the visit with the form that came, once it is known to come from a page that this visitor was shown."""
    check_origin(exchange.headers)
    media_type = exchange.headers.get(b"content-type", b"")
    visit = replace(visit, form=await read_form(receive, media_type, seconds=exchange.body_seconds))
    check_token(visit)
    return visit


def _visit_of(scope: Scope, exchange: Exchange, cookies: Mapping[str, str]) -> Visit:
    query = scope["query_string"].decode("latin-1")
    raw_path = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
    return Visit(
        ai=exchange.ai,
        url=f"{raw_path}?{query}" if query else raw_path,
        path={},
        query={},
        form={},
        now=exchange.ai.now(),
        theme=theme_of(cookies.get(THEME_COOKIE)),
        is_secure=scope.get("scheme") == "https",
    )


async def _send_asset(send: Send, path: str, headers: Mapping[bytes, bytes], *, request_id: str) -> None:
    """Send a file, compressed where the browser takes that; an old address gets the present content, kept by nobody."""
    name = path.rsplit("/", 1)[1]
    if name not in asset_names():
        await send_body(send, b"", HTML, request_id=request_id, status=404)
        return
    asset = read_asset(name)
    extra = [KEPT_FOR_EVER] if f"/{asset.digest}/" in path else [(b"cache-control", b"no-store")]
    body = asset.body
    if b"gzip" in headers.get(b"accept-encoding", b""):
        body = asset.compressed
        extra += [(b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]
    await send_body(send, body, asset.media_type, request_id=request_id, extra=extra)


async def _no_endpoint() -> None:
    """Routes only tell which page is meant; the dashboard itself calls it."""
