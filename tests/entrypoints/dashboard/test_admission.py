"""Who gets in, before a real server: sign-in, cookies, tokens, and addresses that other sites could use."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest


@pytest.fixture
def signed_in(locked) -> Iterator[httpx.Client]:
    """A client that signed in with a key that may read."""
    with httpx.Client(base_url=locked.url, headers={"origin": locked.url}) as client:
        answer = client.post("/sign-in", data={"key": locked.keys["read"], "back": "/records"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/records")
        yield client


def token_of(client: httpx.Client) -> str:
    """Return the token that a page's forms carry."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', client.get("/records").text)
    assert found
    return found[1]


def test_the_cookie_is_out_of_reach(locked) -> None:
    """The cookie of a sign-in is for this site and no script, and ends with the sign-in."""
    answer = httpx.post(f"{locked.url}/sign-in", data={"key": locked.keys["read"]}, headers={"origin": locked.url})
    cookie = answer.headers["set-cookie"]
    assert re.fullmatch(r"hotcrm_ai_session=[\w-]{43}; Path=/; Max-Age=43\d{3}; HttpOnly; SameSite=Strict", cookie)
    assert locked.keys["read"] not in cookie


@pytest.mark.parametrize("path", ["/", "/records", "/records/Lead/x"])
def test_every_page_asks_for_a_sign_in(locked, path: str) -> None:
    """Without a session every page leads to the sign-in, which leads back."""
    answer = httpx.get(locked.url + path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


def test_the_cookie_opens_no_api(signed_in: httpx.Client) -> None:
    """The session opens pages only; the API wants the key itself."""
    assert signed_in.get("/records").status_code == 200
    assert signed_in.get("/v1/models").status_code == 401


def test_a_change_needs_the_token(signed_in: httpx.Client) -> None:
    """Without its token, or with another one's, signing out is refused; with it the session ends for good."""
    assert signed_in.post("/sign-out", data={"csrf": ""}).status_code == 403
    assert signed_in.post("/sign-out", data={"csrf": "0" * 64}).status_code == 403
    token, session = token_of(signed_in), signed_in.cookies["hotcrm_ai_session"]
    assert signed_in.post("/sign-out", data={"csrf": token}).headers["location"] == "/sign-in"
    signed_in.cookies.set("hotcrm_ai_session", session)
    assert signed_in.get("/records").status_code == 303


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example"])
def test_a_change_needs_our_origin(locked, signed_in: httpx.Client, origin: str | None) -> None:
    """Even with its token, a change that does not come from a page of ours is refused."""
    token = token_of(signed_in)
    session = {"hotcrm_ai_session": signed_in.cookies["hotcrm_ai_session"]}
    headers = {} if origin is None else {"origin": origin}
    with httpx.Client(base_url=locked.url, cookies=session, headers=headers) as stranger:
        assert stranger.post("/sign-out", data={"csrf": token}).status_code == 403


def test_another_host_is_refused(filled) -> None:
    """A name of another site that leads to this machine gets nothing."""
    answer = httpx.get(filled.url, headers={"host": "evil.example"})
    assert answer.status_code in (400, 421)
    assert "Today" not in answer.text


def test_a_forged_session_opens_nothing(locked) -> None:
    """A made-up cookie is no session."""
    assert httpx.get(locked.url, cookies={"hotcrm_ai_session": "x" * 43}).status_code == 303


def test_the_sign_in_leads_to_no_other_site(locked) -> None:
    """Where the visitor is led after signing in is a page of ours, whatever the address says."""
    data = {"key": locked.keys["read"], "back": "//evil.example"}
    answer = httpx.post(f"{locked.url}/sign-in", data=data, headers={"origin": locked.url})
    assert answer.headers["location"] == "/"
