"""Sends pages with the headers that keep other sites and injected markup out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.types import Send

RawHeader = tuple[bytes, bytes]

HTML: Final = b"text/html; charset=utf-8"
JSON: Final = b"application/json"

_EMPTY_STYLE: Final = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
"""The chart library puts rules into an empty style element; the hash is that of nothing."""

_MAP_STYLE: Final = "'sha256-ji27qzEtxXZW+7dun6UwjHXJ18e6WAin1VvNtkzIE/o='"
"""The chart library adds the fixed style sheet of its maps when it loads; another version's would be refused, and is not needed."""

POLICY: Final = (
    f"default-src 'none'; script-src 'self'; style-src 'self' {_EMPTY_STYLE} {_MAP_STYLE}; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

_ALWAYS: Final[tuple[RawHeader, ...]] = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    # Not no-referrer: browsers then send "Origin: null" with forms, and changes could not be told from those of other sites.
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)

NEVER_KEPT: Final[RawHeader] = (b"cache-control", b"no-store")
KEPT_FOR_EVER: Final[RawHeader] = (b"cache-control", b"public, max-age=31536000, immutable")


async def send_body(
    send: Send,
    body: bytes,
    media_type: bytes,
    *,
    request_id: str,
    status: int = 200,
    extra: Sequence[RawHeader] = (NEVER_KEPT,),
) -> None:
    """Send one complete answer."""
    headers = [
        (b"content-type", media_type),
        (b"content-length", b"%d" % len(body)),
        (b"x-request-id", request_id.encode("ascii")),
        *_ALWAYS,
        *extra,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def send_on(send: Send, to: str, *, request_id: str, cookies: Sequence[str] = ()) -> None:
    """Lead the browser to another page of ours, to be read with GET."""
    extra = [NEVER_KEPT, (b"location", to.encode("ascii")), *((b"set-cookie", one.encode("ascii")) for one in cookies)]
    await send_body(send, b"", HTML, request_id=request_id, status=303, extra=extra)
