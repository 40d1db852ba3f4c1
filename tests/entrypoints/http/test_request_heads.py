"""Every request is judged by its Host and Origin, and every answer carries an id and the security headers."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

ASKED = {"modelId": "lead-scoring-v1", "features": {}}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST:8000", "[::1]", "[::1]:8000", "127.0.0.1:65535"])
async def test_names_of_this_machine_are_answered(client: httpx.AsyncClient, host: str) -> None:
    """The port of the Host header does not matter."""
    assert (await client.get("/livez", headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "evil.example:8000",
        "",
        "127.0.0.1:abc",
        "2130706433",
    ],
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/livez"), ("GET", "/docs"), ("POST", "/v1/predict")])
async def test_other_hosts_are_refused(client: httpx.AsyncClient, ai: Any, host: str, method: str, path: str) -> None:
    """A name that somebody else made resolve to this machine (DNS rebinding) gets nothing."""
    response = await client.request(method, path, headers={"host": host}, json=ASKED if method == "POST" else None)
    assert (response.status_code, response.json()["code"]) == (400, "host_not_allowed")
    assert ai.asked == []


@pytest.mark.parametrize(
    "name",
    ["host", "authorization", "origin", "content-type", "content-encoding", "idempotency-key", "if-match", "cookie"],
)
async def test_what_a_request_is_judged_by_is_said_once(client: httpx.AsyncClient, ai: Any, name: str) -> None:
    """Two hosts, two keys, two cookies: a proxy in front may have looked at the other one, so neither is believed."""
    twice = [("host", "127.0.0.1"), (name, "127.0.0.1"), (name, "localhost")][name == "host" :]
    response = await client.post("/v1/predict", content=b"{}", headers=twice)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")
    assert f"header {name} is there more than once" in response.json()["detail"]
    assert ai.asked == []
    fine = await client.get("/v1/models", headers=[("accept", "a/b"), ("accept", "c/d")])
    assert fine.status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example"])
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/v1/predict"), ("POST", "/v1/leads/LD-1/score"), ("DELETE", "/v1/cache")]
)
async def test_pages_of_other_origins_may_not_change_anything(
    client: httpx.AsyncClient, ai: Any, origin: str, method: str, path: str
) -> None:
    """A form or script of another site is refused, also where a route takes no body."""
    response = await client.request(method, path, headers={"origin": origin})
    assert (response.status_code, response.json()["code"]) == (403, "origin_not_allowed")
    assert ai.leads["LD-1"] == {"id": "LD-1", "company_size": 500}


async def test_no_other_origin_may_read(client: httpx.AsyncClient) -> None:
    """No answer carries a header that would let another site's page read it."""
    response = await client.get("/v1/models", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in response.headers
    preflight = await client.options("/v1/predict", headers={"origin": "http://localhost:3000"})
    assert (preflight.status_code, preflight.json()["code"]) == (405, "method_not_allowed")


async def test_a_request_id_is_kept_or_made(client: httpx.AsyncClient) -> None:
    """A well-formed X-Request-Id comes back in header and problem; anything else is replaced."""
    kept = await client.get("/nowhere", headers={"x-request-id": "crm-42.a_B"})
    assert (kept.headers["x-request-id"], kept.json()["requestId"]) == ("crm-42.a_B", "crm-42.a_B")
    for odd in ("", "a" * 65, "a b", "ä", "x\ty"):
        made = await client.get("/livez", headers={"x-request-id": odd.encode()})
        assert made.headers["x-request-id"] == "made-here"


@pytest.mark.parametrize("path", ["/livez", "/v1/models", "/nowhere", "/openapi.json", "/docs", "/docs/style.css"])
async def test_every_answer_carries_the_security_headers(client: httpx.AsyncClient, path: str) -> None:
    """Nothing may be sniffed, framed, kept or loaded from elsewhere."""
    headers = (await client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert "server" not in headers
