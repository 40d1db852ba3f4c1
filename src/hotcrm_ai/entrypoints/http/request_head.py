"""Checks the headers that every request is judged by: where it is addressed, who sent it, what it carries."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from typing import Any, Final

from hotcrm_ai.entrypoints.http.refusals import HostNotAllowed, OriginNotAllowed, UnreadableRequest, UnsupportedMedia

Scope = MutableMapping[str, Any]

JSON_MEDIA_TYPE: Final = b"application/json"
_LOCAL_NAMES: Final = (r"localhost", r"127\.0\.0\.1", r"\[::1\]")
_PORT: Final = r"(?::[0-9]{1,5})?"
_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_JSON_WITH_CHARSET: Final = re.compile(rb'application/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?', re.IGNORECASE)
_SAID_ONCE: Final = (
    b"host", b"authorization", b"origin", b"content-type", b"content-encoding", b"idempotency-key", b"if-match", b"cookie",
)  # fmt: skip
_READING_METHODS: Final = frozenset({"GET", "HEAD"})


def request_id_of(headers: Mapping[bytes, bytes], new_id: Callable[[], str]) -> str:
    """Return the caller's ``X-Request-Id`` where it is 1 to 64 of ``A-Z a-z 0-9 . _ -``, else a new one."""
    given = headers.get(b"x-request-id")
    if given is not None and _REQUEST_ID.fullmatch(given):
        return given.decode("ascii")
    return new_id()


def check_said_once(sent: Collection[tuple[bytes, bytes]], headers: Mapping[bytes, bytes]) -> None:
    """Refuse a request that says twice what it is judged by: a proxy may have believed the one, and we the other.

    Raises:
        UnreadableRequest: one of these headers is there more than once.
    """
    if len(sent) == len(headers):
        return
    names = [name for name, _ in sent]
    twice = next((name for name in _SAID_ONCE if names.count(name) > 1), None)
    if twice is not None:
        raise UnreadableRequest(f"The header {twice.decode('ascii')} is there more than once; send it once.")


class OwnNames:
    """The names that a server is called by: those of its own machine, and those that it was given.

    A page of a given name is one that came encrypted; on its own machine both ways are as good.
    """

    __slots__ = ("host", "origin")

    def __init__(self, given: Sequence[str] = ()) -> None:
        local, others = "|".join(_LOCAL_NAMES), "|".join(re.escape(name) for name in given)
        names, origins = (f"{local}|{others}", f"|https://(?:{others})") if others else (local, "")
        self.host = re.compile(f"(?:{names}){_PORT}".encode(), re.IGNORECASE)
        self.origin = re.compile(f"(?:https?://(?:{local}){origins}){_PORT}".encode(), re.IGNORECASE)


def check_address(scope: Scope, headers: Mapping[bytes, bytes], names: OwnNames) -> None:
    """Refuse requests that a web page could have tricked a browser into sending.

    A name of another site that resolves to this machine shows in ``Host``; a form or script of another site in ``Origin``.

    Raises:
        HostNotAllowed: ``Host`` is missing or none of the server's names.
        OriginNotAllowed: ``Origin`` is another site and the method may change something.
    """
    if not names.host.fullmatch(headers.get(b"host", b"")):
        raise HostNotAllowed(
            "The Host header names none of this server's names; address it by one of those in its setting server_hosts, "
            "or from its own machine by localhost."
        )
    origin = headers.get(b"origin")
    if origin is not None and scope["method"] not in _READING_METHODS and not names.origin.fullmatch(origin):
        raise OriginNotAllowed(
            "A page of another origin may not send this request; call the server from a page of its own."
        )


def check_media_type(headers: Mapping[bytes, bytes]) -> None:
    """Refuse a body that is not declared as plain JSON.

    Raises:
        UnsupportedMedia: the content type is not ``application/json``, its charset is not UTF-8, or the body is compressed.
    """
    media_type = headers.get(b"content-type", b"")
    if media_type != JSON_MEDIA_TYPE and not _JSON_WITH_CHARSET.fullmatch(media_type):
        raise UnsupportedMedia("The body must be JSON; send it with the header Content-Type: application/json.")
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise UnsupportedMedia("Compressed bodies are not read; send the body without Content-Encoding.")
