"""Checks the headers that every request is judged by: where it is addressed, who sent it, what it carries."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Final

from hotcrm_ai.entrypoints.http.refusals import HostNotAllowed, OriginNotAllowed, UnsupportedMedia

Scope = MutableMapping[str, Any]

JSON_MEDIA_TYPE: Final = b"application/json"
_LOCAL_HOST: Final = re.compile(rb"(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?", re.IGNORECASE)
_LOCAL_ORIGIN: Final = re.compile(rb"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?", re.IGNORECASE)
_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_JSON_WITH_CHARSET: Final = re.compile(rb'application/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?', re.IGNORECASE)
_READING_METHODS: Final = frozenset({"GET", "HEAD"})


def request_id_of(headers: Mapping[bytes, bytes], new_id: Callable[[], str]) -> str:
    """Return the caller's ``X-Request-Id`` where it is 1 to 64 of ``A-Z a-z 0-9 . _ -``, else a new one."""
    given = headers.get(b"x-request-id")
    if given is not None and _REQUEST_ID.fullmatch(given):
        return given.decode("ascii")
    return new_id()


def check_address(scope: Scope, headers: Mapping[bytes, bytes]) -> None:
    """Refuse requests that a web page could have tricked a browser into sending.

    A name of another site that resolves to this machine shows in ``Host``; a form or script of another site in ``Origin``.

    Raises:
        HostNotAllowed: ``Host`` is missing or no name of this machine.
        OriginNotAllowed: ``Origin`` is another site and the method may change something.
    """
    if not _LOCAL_HOST.fullmatch(headers.get(b"host", b"")):
        raise HostNotAllowed(
            "This server answers for localhost, 127.0.0.1 and [::1] only; address it by one of these in the Host header."
        )
    origin = headers.get(b"origin")
    if origin is not None and scope["method"] not in _READING_METHODS and not _LOCAL_ORIGIN.fullmatch(origin):
        raise OriginNotAllowed(
            "A page of another origin may not send this request; call the server from its own machine."
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
