"""Speaks HTTP as uvicorn does, within bounds of size, time and number, and tells of unreadable HTTP as a problem."""

from __future__ import annotations

import asyncio
import re
import uuid
from functools import partial
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from hotcrm_ai.domain.errors import HotCRMAIError
from hotcrm_ai.entrypoints.http.admission import Admission
from hotcrm_ai.entrypoints.http.problems import problem_of, retry_after_seconds, status_of
from hotcrm_ai.entrypoints.http.refusals import HeadersTooLarge, Overloaded, RequestTooSlow, UnreadableRequest
from hotcrm_ai.entrypoints.http.reply import PROBLEM_JSON, Reply, encode_json, send_reply, wire_reply

MAX_HEADER_BYTES: Final = 32 * 1024
HEADER_SECONDS: Final = 30.0
MOST_CONNECTIONS: Final = 2_000

READER_SECONDS: Final = 30.0
READER_BYTES: Final = 64 * 1024
"""A client that takes less of an answer than so many bytes in ``READER_SECONDS`` is let go."""

ALWAYS_ADMITTED: Final = (b"/livez", b"/readyz", b"/metrics")
"""What operators and load balancers ask is answered under overload, too: a busy server is neither dead nor to be left in the dark."""

_PLAIN_POST: Final = re.compile(rb"POST /[!-~]* HTTP/1\.1\r\n(?:[A-Za-z0-9-]+:[\t -~]*\r\n)+\r\n")
_LENGTH: Final = re.compile(rb"\r\ncontent-length: ?([0-9]{1,6})\r\n")
_END_OF_HEAD: Final = b"\r\n\r\n"
_KEEP_ALIVE_STEP_SECONDS: Final = 1.0
_DISCARDED_BYTES: Final = 64 * 1024
_REASONS: Final = {
    400: b"Bad Request",
    408: b"Request Timeout",
    431: b"Request Header Fields Too Large",
    503: b"Service Unavailable",
}


class BoundedProtocol(HttpToolsProtocol):
    """One connection; a request whose headers arrive in one small piece, as nearly all do, costs nothing extra."""

    def __init__(
        self, *arguments: Any, admission: Admission, most_connections: int = MOST_CONNECTIONS, **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        self._admission = admission
        self._most_connections = most_connections
        self._waits_for_headers = True
        self._header_bytes = 0
        self._header_timer: asyncio.TimerHandle | None = None
        self._reader_timer: asyncio.TimerHandle | None = None
        self._admitted = False
        self._discarded: int | None = None
        self._kept_since = 0.0
        self._plain_head = b""
        self._plain_size = 0
        self._refusals = RefusalIds()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the time that the first request's headers may take."""
        super().connection_made(transport)
        if len(self.connections) > self._most_connections:
            self._admission.refused += 1
            self._refuse(_overloaded())
        else:
            self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_timer()
        self._stop_watching_reader()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what arrived; count it while the headers are incomplete."""
        admission = self._admission
        began = admission.worked()
        if admission.is_full(len(self.tasks)) and not self._header_bytes and self._is_idle() and self._is_plain(data):
            admission.count_refusal()
            self._write_refusal()
            admission.reading_seconds += admission.worked() - began
            return
        self._header_bytes += len(data)
        super().data_received(data)
        admission.reading_seconds += admission.worked() - began
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
        """Judge the headers' size once they are there; raising here makes the parser end the connection.

        A request that may not begin now is refused here, without a task and before its body is read. One that follows another on the
        same connection before that is answered waits its turn, and is judged then.
        """
        self._stop_timer()
        received, self._header_bytes = self._header_bytes, 0
        if received > MAX_HEADER_BYTES and _size(self.url, self.headers) > MAX_HEADER_BYTES:
            raise _headers_too_large()
        self._waits_for_headers = False
        if self._is_idle():
            self._admitted = self._may_begin(self.url)
            if not self._admitted:
                self._turn_away()
                return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Pass a body on; one of a refused request is let go, and a large one with its connection."""
        if self._discarded is None:
            super().on_body(body)
            return
        self._discarded += len(body)
        if self._discarded > _DISCARDED_BYTES:
            self.transport.close()

    def on_message_complete(self) -> None:
        """Count anew from the next request on."""
        self._header_bytes = 0
        if self._discarded is None:
            super().on_message_complete()
        else:
            self._discarded = None

    def on_response_complete(self) -> None:
        """Go on to the next request; watch that what is still to be sent is taken."""
        super().on_response_complete()
        if self._reader_timer is None and self.transport.get_write_buffer_size():
            self._watch_reader()

    def pause_writing(self) -> None:
        """Watch a client that does not take what it asked for."""
        super().pause_writing()
        if self._reader_timer is None:
            self._watch_reader()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - overrides uvicorn's
        """Tell that what arrived is not readable as HTTP, and end the connection."""
        if self._waits_for_headers and _size(self.url, self.headers) > MAX_HEADER_BYTES:
            self._refuse(_headers_too_large())
        else:
            self._refuse(UnreadableRequest("What arrived is no readable HTTP/1.1 request; the connection was closed."))

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Begin a request; one that waited behind another is judged now."""
        path = cycle.scope["raw_path"]
        admitted, self._admitted = self._admitted or self._may_begin(path), False
        start = partial(super()._start_asgi_task, cycle, app if admitted else _answer_overloaded)
        if admitted and path not in ALWAYS_ADMITTED:
            self._admission.begin(start)
        else:
            start()

    def _may_begin(self, path: bytes) -> bool:
        return path in ALWAYS_ADMITTED or self._admission.admit(len(self.tasks), self.loop.call_soon)

    def _turn_away(self) -> None:
        """Refuse a request whose body is still to come; the connection stays open where the client will not be misled by that."""
        self._discarded = 0
        if self.parser.should_keep_alive() and not self.expect_100_continue and self.parser.get_method() != b"HEAD":
            self._write_refusal()
            return
        self.transport.write(_wire(_overloaded(), closes=True, has_body=self.parser.get_method() != b"HEAD"))
        self.transport.close()

    def _write_refusal(self) -> None:
        """Write the usual refusal and wait for the next request, as long as one is waited for after an answer."""
        self.transport.write(self._refusals.next().join(_REFUSAL_AROUND_ID))
        self._stop_timer()
        now = self.loop.time()
        if self.timeout_keep_alive_task is None or self._kept_since < now - _KEEP_ALIVE_STEP_SECONDS:
            self._unset_keepalive_if_required()
            self._kept_since = now
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _is_plain(self, data: bytes) -> bool:
        """Whether ``is_plain_post`` holds; clients send the same head again and again, and the same bytes are judged once."""
        if self._plain_head and data.startswith(self._plain_head):
            return len(data) == self._plain_size
        if not is_plain_post(data):
            return False
        self._plain_head, self._plain_size = data[: data.index(_END_OF_HEAD) + len(_END_OF_HEAD)], len(data)
        return True

    def _is_idle(self) -> bool:
        """Whether nothing is under way on this connection."""
        before: RequestResponseCycle | None = self.cycle
        return before is None or before.response_complete

    def _start_timer(self) -> None:
        self._header_timer = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def _stop_timer(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _give_up(self) -> None:
        self._refuse(RequestTooSlow(f"The headers did not arrive within {HEADER_SECONDS:g} seconds; send them faster."))

    def _watch_reader(self) -> None:
        left = self.transport.get_write_buffer_size()
        self._reader_timer = self.loop.call_later(READER_SECONDS, self._judge_reader, left)

    def _judge_reader(self, left_before: int) -> None:
        """Let a client go that took too little; look again as long as something is to be taken."""
        self._reader_timer = None
        left = self.transport.get_write_buffer_size()
        if left and left > left_before - READER_BYTES:
            self.transport.abort()
        elif left:
            self._watch_reader()

    def _stop_watching_reader(self) -> None:
        if self._reader_timer is not None:
            self._reader_timer.cancel()
            self._reader_timer = None

    def _refuse(self, error: HotCRMAIError) -> None:
        """Write a problem document to the connection and close it."""
        self._stop_timer()
        if self.transport.is_closing():
            return
        self.transport.write(_wire(error, closes=True))
        self.transport.close()


class RefusalIds:
    """Ids of refused requests, unique without asking the system for chance each time: what a refusal costs is taken from the answers."""

    def __init__(self) -> None:
        self._prefix = ""
        self._count = 0

    def next(self) -> bytes:
        """Return an id of 32 hexadecimal digits that no other request has."""
        self._prefix = self._prefix or uuid.uuid4().hex[:24]
        self._count += 1
        return f"{self._prefix}{self._count:08x}".encode()


def is_plain_post(data: bytes) -> bool:
    """Whether the bytes are one whole POST request and nothing else, so plain that no two readers could disagree about where it ends.

    Such a request can be refused without parsing it, which costs a fraction; whatever is not plain goes the usual way.
    """
    found = _PLAIN_POST.match(data)
    if found is None:
        return False
    head = found.group().lower()
    return (
        head.count(b"\r\ncontent-length:") == 1
        and (length := _LENGTH.search(head)) is not None
        and len(data) == len(head) + int(length.group(1))
        and b"\r\ntransfer-encoding:" not in head
        and b"\r\nexpect:" not in head
        and b"\r\nupgrade:" not in head
        and (b"\r\nconnection:" not in head or b"\r\nconnection: keep-alive\r\n" in head)
    )


async def _answer_overloaded(_scope: Any, _receive: Any, send: Any) -> None:
    """Answer a request that waited behind another one with the refusal, as an ASGI application."""
    error, request_id = _overloaded(), uuid.uuid4().hex
    await send_reply(send, _reply(error, request_id), request_id=request_id)


def _reply(error: HotCRMAIError, request_id: str) -> Reply:
    problem, retry_after = problem_of(error, request_id=request_id), retry_after_seconds(error)
    extra = () if retry_after is None else ((b"retry-after", b"%d" % retry_after),)
    return Reply(problem.status, encode_json(problem), PROBLEM_JSON, extra)


def _wire(error: HotCRMAIError, *, closes: bool, has_body: bool = True, request_id: str = "") -> bytes:
    request_id = request_id or uuid.uuid4().hex
    reason = _REASONS[status_of(error)]
    return wire_reply(_reply(error, request_id), reason, request_id=request_id, closes=closes, has_body=has_body)


def _overloaded() -> Overloaded:
    return Overloaded("The server has as many requests under way as it can answer in time; try again in a second.")


def _headers_too_large() -> HeadersTooLarge:
    return HeadersTooLarge(f"The headers are larger than {MAX_HEADER_BYTES:,} bytes; send less in them.")


def _size(url: bytes | None, headers: list[tuple[bytes, bytes]] | None) -> int:
    return len(url or b"") + sum(len(name) + len(value) for name, value in headers or ())


_ID_PLACE: Final = "0" * 32
_REFUSAL_AROUND_ID: Final = _wire(_overloaded(), closes=False, request_id=_ID_PLACE).split(_ID_PLACE.encode())
"""The usual refusal, written once: what it costs is taken from those that are answered."""
