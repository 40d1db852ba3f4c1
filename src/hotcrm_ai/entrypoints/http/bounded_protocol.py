"""Speaks HTTP as uvicorn does, within bounds of size and time for headers, and tells of unreadable HTTP as a problem."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hotcrm_ai.domain.errors import InvalidRequest
from hotcrm_ai.entrypoints.http.problems import problem_of, status_of
from hotcrm_ai.entrypoints.http.refusals import HeadersTooLarge, RequestTooSlow, UnreadableRequest
from hotcrm_ai.entrypoints.http.reply import PROBLEM_JSON, encode_json

MAX_HEADER_BYTES: Final = 32 * 1024
HEADER_SECONDS: Final = 30.0

_REASONS: Final = {400: b"Bad Request", 408: b"Request Timeout", 431: b"Request Header Fields Too Large"}


class BoundedProtocol(HttpToolsProtocol):
    """One connection; a request whose headers arrive in one small piece, as nearly all do, costs nothing extra."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._waits_for_headers = True
        self._header_bytes = 0
        self._header_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the time that the first request's headers may take."""
        super().connection_made(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what arrived; count it while the headers are incomplete."""
        self._header_bytes += len(data)
        super().data_received(data)
        if not self._waits_for_headers:
            return
        if self._header_bytes > MAX_HEADER_BYTES:
            self._refuse(_headers_too_large())
        elif self._header_timer is None and self._header_bytes:
            self._start_timer()

    def on_message_begin(self) -> None:
        """Note that a request began."""
        self._waits_for_headers = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Judge the headers' size once they are there; raising here makes the parser end the connection."""
        self._stop_timer()
        received, self._header_bytes = self._header_bytes, 0
        if received > MAX_HEADER_BYTES and _size(self.url, self.headers) > MAX_HEADER_BYTES:
            raise _headers_too_large()
        self._waits_for_headers = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Count anew from the next request on."""
        self._header_bytes = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - overrides uvicorn's
        """Tell that what arrived is not readable as HTTP, and end the connection."""
        if self._waits_for_headers and _size(self.url, self.headers) > MAX_HEADER_BYTES:
            self._refuse(_headers_too_large())
        else:
            self._refuse(UnreadableRequest("What arrived is no readable HTTP/1.1 request; the connection was closed."))

    def _start_timer(self) -> None:
        self._header_timer = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def _stop_timer(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _give_up(self) -> None:
        self._refuse(RequestTooSlow(f"The headers did not arrive within {HEADER_SECONDS:g} seconds; send them faster."))

    def _refuse(self, error: InvalidRequest) -> None:
        """Write a problem document to the connection and close it."""
        self._stop_timer()
        if self.transport.is_closing():
            return
        status = status_of(error)
        body = encode_json(problem_of(error, request_id=uuid.uuid4().hex))
        head = b"HTTP/1.1 %d %s\r\ncontent-type: %s\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
        self.transport.write(head % (status, _REASONS[status], PROBLEM_JSON, len(body)) + body)
        self.transport.close()


def _headers_too_large() -> HeadersTooLarge:
    return HeadersTooLarge(f"The headers are larger than {MAX_HEADER_BYTES:,} bytes; send less in them.")


def _size(url: bytes | None, headers: list[tuple[bytes, bytes]] | None) -> int:
    return len(url or b"") + sum(len(name) + len(value) for name, value in headers or ())
