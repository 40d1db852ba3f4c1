"""Receives a body within its limits of size and time, counting what arrives and not what was announced."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, NoReturn, cast

from hotcrm_ai.entrypoints.http.refusals import ClientGone, RequestTooLarge, RequestTooSlow, UnreadableRequest
from hotcrm_ai.pipeline.deadline import DeadlinePassed, run_until

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


async def receive_body(
    receive: Receive, headers: Mapping[bytes, bytes], *, limit_bytes: int, timeout_seconds: float
) -> bytes:
    """Return the whole body.

    Raises:
        UnreadableRequest: ``Content-Length`` is no number.
        RequestTooLarge: it is announced as, or turns out, larger than the limit.
        RequestTooSlow: it did not arrive in time.
        ClientGone: the client left before the end.
    """
    declared = headers.get(b"content-length")
    if declared is not None:
        if not declared.isdigit() or len(declared) > 18:
            raise UnreadableRequest("The Content-Length header is not a number of bytes.")
        if int(declared) > limit_bytes:
            _refuse_size(limit_bytes)
    try:
        body = await run_until(_receive_all(receive, limit_bytes=limit_bytes), timeout_seconds)
    except DeadlinePassed:
        raise RequestTooSlow(
            f"The body did not arrive within {timeout_seconds:g} seconds; send it faster or in smaller parts."
        ) from None
    if len(body) > limit_bytes:
        _refuse_size(limit_bytes)
    return body


async def _receive_all(receive: Receive, *, limit_bytes: int) -> bytes:
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        return cast("bytes", message.get("body", b""))
    received = bytearray()
    while True:
        if message["type"] == "http.disconnect":
            raise ClientGone
        received += message.get("body", b"")
        if len(received) > limit_bytes:
            _refuse_size(limit_bytes)
        if not message.get("more_body"):
            return bytes(received)
        message = await receive()


def _refuse_size(limit_bytes: int) -> NoReturn:
    raise RequestTooLarge(
        f"The body is larger than {limit_bytes:,} bytes, the limit of this route; send less at a time."
    )
