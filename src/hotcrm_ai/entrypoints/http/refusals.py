"""Requests that the HTTP door turns away before any part of the product sees them.

InvalidRequest (422: readable, but of the wrong shape)
├── UnreadableRequest     400  no strict JSON, or HTTP that contradicts itself
├── HostNotAllowed        400  addressed to another host
├── OriginNotAllowed      403  sent by a web page of another site
├── RouteNotFound         404  no such route
├── MethodNotAllowed      405  the route has no such method
├── IdempotencyInProgress 409  the first request under the key is still at work
├── IdempotencyUnknown    409  the first request under the key was cut off, and may have had its effect
├── IdempotencyKeyReused  422  the key was used for another request
├── RequestTooSlow        408  the body did not arrive in time
├── RequestTooLarge       413  the body is over the route's limit
├── UnsupportedMedia      415  no application/json, or compressed
└── HeadersTooLarge       431  the headers are over the limit

Overloaded                503  more requests than the server can answer
Stopping                  503  the server was told to stop
AnswerTooSlow             504  the answer was not found within the time of a request
"""

from __future__ import annotations

from typing import Final

from hotcrm_ai.domain.errors import AuthError, HotCRMAIError, InvalidRequest


class UnreadableRequest(InvalidRequest):
    """The body is not strict JSON, or the request contradicts itself."""


class HostNotAllowed(InvalidRequest):
    """The Host header names a host that this server does not answer for."""

    code = "host_not_allowed"


class OriginNotAllowed(InvalidRequest):
    """A web page of another origin sent a request that could change something."""

    code = "origin_not_allowed"


class RouteNotFound(InvalidRequest):
    """The server has no route of this path."""

    code = "route_not_found"


class MethodNotAllowed(InvalidRequest):
    """The route exists, but not for this method; ``allow`` lists those that it has."""

    code = "method_not_allowed"

    def __init__(self, message: str, *, allow: str) -> None:
        super().__init__(message)
        self.allow = allow


class IdempotencyInProgress(InvalidRequest):
    """A request under the same idempotency key is still at work."""

    code = "idempotency_in_progress"


class IdempotencyUnknown(InvalidRequest):
    """A request under the same idempotency key was cut off before it was answered; it may have had its effect."""

    code = "idempotency_unknown"


class IdempotencyKeyReused(InvalidRequest):
    """The idempotency key was used for a request with another content."""

    code = "idempotency_key_reused"


class RequestTooSlow(InvalidRequest):
    """The body did not arrive within the time that a sender has."""

    code = "request_timeout"


class RequestTooLarge(InvalidRequest):
    """The body is larger than the route takes."""

    code = "request_too_large"


class UnsupportedMedia(InvalidRequest):
    """The body is not declared as ``application/json``, or it is compressed."""

    code = "unsupported_media_type"


class HeadersTooLarge(InvalidRequest):
    """The request's headers are larger than the server takes."""

    code = "headers_too_large"


class Overloaded(HotCRMAIError):
    """The server has as many requests under way as it can answer in time; nothing was done."""

    code = "overloaded"


class Stopping(HotCRMAIError):
    """The server was told to stop and is not ready for new work."""

    code = "stopping"


class AnswerTooSlow(HotCRMAIError):
    """The request took longer than the server gives any request; it was given up."""

    code = "answer_too_slow"


BODY_UNREAD: Final = (
    AuthError,
    HostNotAllowed,
    OriginNotAllowed,
    RouteNotFound,
    MethodNotAllowed,
    RequestTooSlow,
    RequestTooLarge,
    UnsupportedMedia,
)
"""Refusals that come before the body was read; the connection is closed, so that nobody can go on sending it."""


class ClientGone(Exception):
    """The client closed the connection before its request was complete; nobody waits for an answer."""
