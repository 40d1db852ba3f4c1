"""What the server asks of the dashboard: to answer for pages, and to say in one why there are none while the workspace is not open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from starlette.types import Receive, Scope, Send

_ASSETS = "/assets/"
_API = "/v1/"


class Pages(Protocol):
    """An ASGI application of pages."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; the scope holds its ``Exchange``."""
        ...

    async def tell_closed(self, scope: Scope, send: Send, *, request_id: str) -> None:
        """Answer one request for a page, or for a file that pages load, while the workspace is not open."""
        ...


def asks_for_page(scope: Scope, headers: Mapping[bytes, bytes]) -> bool:
    """Whether a person reads the answer: a browser asks for a page, or for a file that a page loads."""
    if scope["method"] not in ("GET", "HEAD") or scope["path"].startswith(_API):
        return False
    return scope["path"].startswith(_ASSETS) or b"text/html" in headers.get(b"accept", b"")
