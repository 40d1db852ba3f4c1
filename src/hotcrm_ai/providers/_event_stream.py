"""Joins the parts of a streamed reply of AWS into the answer that they are the parts of."""

from __future__ import annotations

import importlib
from typing import Any, Final

import msgspec

from hotcrm_ai.domain.faults import FaultKind

_KIND_OF_CODE: Final[dict[str, FaultKind]] = {
    "ModelInvocationTimeExceeded": "timeout",
    "StreamBroken": "overloaded",
    "InternalStreamFailure": "overloaded",
}


class BrokenStream(Exception):
    """A stream that brought a fault instead of the rest of the answer; ``kind`` says which."""

    def __init__(self, kind: FaultKind) -> None:
        super().__init__(kind)
        self.kind = kind


def joined_payload(stream: bytes) -> bytes:
    """Return what the parts of an event stream hold together.

    Raises:
        BrokenStream: the model or the service broke off, or the stream is cut, altered, or of another kind.
    """
    parts: list[bytes] = []
    length = 0
    for event in _events(stream):
        length += event.prelude.total_length
        headers = event.headers
        if headers.get(":message-type") != "event":
            raise BrokenStream(_kind_of(headers, event.payload))
        if headers.get(":event-type") == "PayloadPart":
            parts.append(event.payload)
    if not parts or length != len(stream):
        raise BrokenStream("bad_answer")
    return b"".join(parts)


def _events(stream: bytes) -> list[Any]:
    module = importlib.import_module("botocore.eventstream")
    buffer = module.EventStreamBuffer()
    buffer.add_data(stream)
    try:
        return list(buffer)
    except (module.ParserError, UnicodeError, ValueError, LookupError) as problem:
        raise BrokenStream("bad_answer") from problem


def _kind_of(headers: dict[str, Any], payload: bytes) -> FaultKind:
    named = str(headers.get(":exception-type") or headers.get(":error-code") or "")
    try:
        code = msgspec.json.decode(payload, type=dict[str, Any]).get("ErrorCode")
    except (msgspec.MsgspecError, UnicodeError):
        code = None
    return _KIND_OF_CODE.get(str(code)) or _KIND_OF_CODE.get(named) or "model_bug"
