"""Every page of the dashboard asks who is there: a walk over all of them, with every kind of sign-in, page and origin."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from hotcrm_ai import AI, Settings
from hotcrm_ai.assembly.opening import open_parts
from hotcrm_ai.domain.access import SESSION_COOKIE
from hotcrm_ai.entrypoints.dashboard import create_dashboard
from hotcrm_ai.entrypoints.dashboard.page import Page
from hotcrm_ai.entrypoints.dashboard.pages import discover_pages
from hotcrm_ai.entrypoints.http import create_app
from hotcrm_ai.testing import FakeClock

ORIGIN = "http://127.0.0.1:8000"
OPEN_PAGES = {"GET /sign-in", "POST /sign-in", "POST /sign-out", "POST /theme"}
"""What is there for everybody; whoever adds another one says it here as well."""

PAGES = [page for page in discover_pages() if page.scope is not None]
OTHER_SCOPES = {"read": "predict", "predict": "read", "write": "read", "admin": "write"}


def name_of(page: Page) -> str:
    """The page as one line of a list."""
    return f"{page.method} {page.path}"


def open_by_mistake(pages: Iterable[Page]) -> list[str]:
    """Return the pages that are open to everybody and not meant to be."""
    return [name_of(page) for page in pages if page.scope is None and name_of(page) not in OPEN_PAGES]


@dataclass
class Lobby:
    """Two workspaces in one database, and a browser before the dashboard of ours."""

    ours: AI
    theirs: AI
    browser: httpx.AsyncClient
    clock: FakeClock

    async def sign_in(self, scope: Any, *, ai: AI | None = None) -> tuple[str, str]:
        """Sign in with a new key; return the session's token and the key's id."""
        keys = (ai or self.ours).keys
        made = await keys.create(scopes=[scope])
        token, _ = await keys.sign_in(made.secret.reveal())
        return token.reveal(), made.key.id

    async def visit(self, page: Page, token: str | None = None, **headers: str) -> httpx.Response:
        """Ask for a page, with a session's cookie, as a browser does that is on one of our pages."""
        cookie = {"cookie": f"{SESSION_COOKIE}={token}"} if token is not None else {}
        path = page.path.replace("{", "").replace("}", "")
        sent = {"origin": ORIGIN, **cookie, **headers}
        return await self.browser.request(
            page.method, path, headers=sent, data={"a": "b"} if page.method == "POST" else None
        )

    async def let_in(self, token: str | None, **headers: str) -> list[str]:
        """Return the pages at which a stranger is not sent to the sign-in, or refused."""
        found = []
        for page in PAGES:
            answer = await self.visit(page, token, **headers)
            sent_off = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
            if not (sent_off if page.method == "GET" else answer.status_code == 401):
                found.append(f"{name_of(page)}: {answer.status_code}")
        return found


@pytest.fixture
async def lobby(tmp_path: Path) -> AsyncIterator[Lobby]:
    """Ours and theirs in one SQLite file, and a browser that follows no redirection."""
    clock, url = FakeClock(), f"sqlite:///{tmp_path / 'shared.db'}"
    ours, theirs = [
        AI(await open_parts(Settings(home=tmp_path / name, workspace=name, database_url=url), clock=clock))  # type: ignore[arg-type]
        for name in ("ours", "theirs")
    ]
    await ours.keys.create(scopes=["admin"])
    transport = httpx.ASGITransport(create_app(ours, dashboard=create_dashboard()))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as browser:
        yield Lobby(ours, theirs, browser, clock)
    await ours.aclose()
    await theirs.aclose()


def test_only_the_pages_that_are_meant_to_be_are_open() -> None:
    """Signing in and out and the colours are for everybody; a new page without a scope is found."""
    assert open_by_mistake(discover_pages()) == []
    assert PAGES
    assert open_by_mistake([replace(PAGES[0], scope=None)]) == [name_of(PAGES[0])]


async def test_strangers_are_sent_to_the_sign_in(lobby: Lobby) -> None:
    """No cookie, an invented one, one that signed out, of a revoked key, of the other workspace, or too old: nobody sees a page."""
    signed_out, _ = await lobby.sign_in("admin")
    await lobby.ours.keys.sign_out(signed_out)
    revoked, key_id = await lobby.sign_in("admin")
    await lobby.ours.keys.revoke(key_id)
    foreign, _ = await lobby.sign_in("admin", ai=lobby.theirs)
    for token in (None, "", "x" * 43, signed_out, revoked, foreign):
        assert await lobby.let_in(token) == []
    old, _ = await lobby.sign_in("admin")
    lobby.clock.advance(12 * 3600)
    assert await lobby.let_in(old) == []


async def test_a_key_in_the_header_opens_no_page(lobby: Lobby) -> None:
    """Pages are opened by signing in; a key itself, in the header or as the cookie, is for the API only."""
    made = await lobby.ours.keys.create(scopes=["admin"])
    assert await lobby.let_in(None, authorization=f"Bearer {made.secret.reveal()}") == []
    assert await lobby.let_in(made.secret.reveal()) == []


async def test_the_walk_finds_a_page_that_lets_everybody_in(lobby: Lobby) -> None:
    """Whoever is signed in passes where strangers must not: the same walk complains about every page."""
    token, _ = await lobby.sign_in("admin")
    assert len(await lobby.let_in(token)) == len(PAGES)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
async def test_a_page_needs_its_scope_and_its_form_a_token_and_our_origin(lobby: Lobby, page: Page) -> None:
    """Another scope is 403; a change without the CSRF token, from another origin or from none, is refused with the right one."""
    wrong, _ = await lobby.sign_in(OTHER_SCOPES[str(page.scope)])
    assert (await lobby.visit(page, wrong)).status_code == 403
    right, _ = await lobby.sign_in(page.scope)
    told = await lobby.visit(page, right)
    if page.method == "GET":
        assert told.status_code in (200, 303, 404), told.text
        return
    assert (told.status_code, "token" in told.text) == (403, True)
    for origin in ("https://evil.example", "null", "http://127.0.0.1:9000"):
        assert (await lobby.visit(page, right, origin=origin)).status_code == 403


@pytest.mark.parametrize("page", discover_pages(), ids=name_of)
async def test_a_page_answers_for_this_server_only_and_in_no_frame(lobby: Lobby, page: Page) -> None:
    """A foreign Host is refused on every page, and no answer may be framed, sniffed or kept."""
    token, _ = await lobby.sign_in("admin")
    foreign = await lobby.visit(page, token, host="evil.example")
    assert (foreign.status_code, foreign.json()["code"]) == (400, "host_not_allowed")
    for answer in (foreign, await lobby.visit(page, token), await lobby.visit(page)):
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"


async def test_the_cookie_is_out_of_reach_and_the_key_in_no_page(lobby: Lobby) -> None:
    """Signing in sets an HttpOnly, SameSite=Strict cookie that is not the key; neither it nor the key is in any page."""
    made = await lobby.ours.keys.create(scopes=["admin"])
    text = made.secret.reveal()
    answer = await lobby.browser.post("/sign-in", data={"key": text, "back": "/"}, headers={"origin": ORIGIN})
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    token = cookie.split(";")[0].split("=", 1)[1]
    assert text not in cookie
    assert token
    pages = [(await lobby.visit(page, token)).text for page in discover_pages()]
    lobby.browser.cookies.clear()
    wrong = await lobby.browser.post("/sign-in", data={"key": text + "x"}, headers={"origin": ORIGIN})
    assert wrong.status_code == 401
    assert [one for one in (*pages, wrong.text) if text in one or token in one] == []
