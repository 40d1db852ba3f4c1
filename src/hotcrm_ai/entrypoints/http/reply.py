"""Answers as they leave the server: status, body and the security headers that every answer carries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
RawHeader = tuple[bytes, bytes]

JSON: Final = b"application/json"
PROBLEM_JSON: Final = b"application/problem+json"
HTML: Final = b"text/html; charset=utf-8"
CSS: Final = b"text/css; charset=utf-8"

encode_json: Final = msgspec.json.Encoder().encode

_ALWAYS: Final[tuple[RawHeader, ...]] = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_NOTHING_LOADS: Final = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_OWN_STYLES_LOAD: Final = (
    b"content-security-policy",
    b"default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; ``extra`` headers come on top of the usual ones."""

    status: int
    body: bytes
    media_type: bytes = JSON
    extra: tuple[RawHeader, ...] = ()


async def send_reply(send: Send, reply: Reply, *, request_id: str) -> None:
    """Send an answer, complete, with its security headers and the request's id."""
    await send(
        {"type": "http.response.start", "status": reply.status, "headers": _headers_of(reply, request_id=request_id)}
    )
    await send({"type": "http.response.body", "body": reply.body})


def wire_reply(reply: Reply, reason: bytes, *, request_id: str, closes: bool, has_body: bool = True) -> bytes:
    """Return an answer as HTTP/1.1 has it, for a connection that no application answers; ``has_body`` is false for a HEAD."""
    headers = _headers_of(reply, request_id=request_id)
    if closes:
        headers.append((b"connection", b"close"))
    lines = [b"HTTP/1.1 %d %s" % (reply.status, reason), *(b"%s: %s" % header for header in headers)]
    return b"\r\n".join([*lines, b"", reply.body if has_body else b""])


def _headers_of(reply: Reply, *, request_id: str) -> list[RawHeader]:
    policy = _OWN_STYLES_LOAD if reply.media_type == HTML else _NOTHING_LOADS
    return [
        (b"content-type", reply.media_type),
        (b"content-length", b"%d" % len(reply.body)),
        (b"x-request-id", request_id.encode("ascii")),
        policy,
        *_ALWAYS,
        *reply.extra,
    ]


def secured(send: Send, *, request_id: str) -> Send:
    """Return a ``send`` that adds the usual headers to an answer wherever it does not set them itself."""

    async def send_with_headers(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            given = list(message.get("headers", ()))
            names = {name.lower() for name, _ in given}
            usual = ((b"x-request-id", request_id.encode("ascii")), _NOTHING_LOADS, *_ALWAYS)
            message = {**message, "headers": [*given, *(header for header in usual if header[0] not in names)]}
        await send(message)

    return send_with_headers
