"""Says what kind of fault an error code of AWS is, whichever service sent it: SageMaker in a header or JSON, S3 in XML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from hotcrm_ai.domain.faults import FaultKind
from hotcrm_ai.providers._faults import kind_of_status
from hotcrm_ai.providers._http import HTTPReply

KIND_OF_CODE: Final[Mapping[str, FaultKind]] = {
    "ModelNotReadyException": "not_ready",
    "ThrottlingException": "throttled",
    "Throttling": "throttled",
    "TooManyRequestsException": "throttled",
    "RequestLimitExceeded": "throttled",
    "SlowDown": "throttled",
    "ResourceLimitExceeded": "quota_spent",
    "ServiceUnavailable": "overloaded",
    "InternalFailure": "overloaded",
    "InternalError": "overloaded",
    "InternalDependencyException": "overloaded",
    "RequestTimeout": "timeout",
    "ExpiredTokenException": "auth",
    "ExpiredToken": "auth",
    "InvalidToken": "auth",
    "TokenRefreshRequired": "auth",
    "UnrecognizedClientException": "auth",
    "InvalidAccessKeyId": "auth",
    "InvalidClientTokenId": "auth",
    "InvalidSignatureException": "auth",
    "SignatureDoesNotMatch": "auth",
    "IncompleteSignature": "auth",
    "MissingAuthenticationToken": "auth",
    "AccessDeniedException": "auth",
    "AccessDenied": "auth",
    "ValidationError": "bad_request",
    "ValidationException": "bad_request",
}
_XML_CODE: Final = re.compile(rb"<Code>([A-Za-z.]{1,64})</Code>")
_LOOKED_AT: Final = 1_000


def code_of(reply: HTTPReply) -> str:
    """Return the error code of a reply that is no success, or an empty text where it has none."""
    facts = facts_of(reply)
    named = reply.headers.get("x-amzn-errortype") or str(facts.get("__type") or facts.get("Code") or "")
    if not named:
        found = _XML_CODE.search(reply.body[:_LOOKED_AT])
        named = found[1].decode("ascii") if found is not None else ""
    return named.partition(":")[0].rpartition("#")[2]


def kind_of_error(reply: HTTPReply) -> FaultKind:
    """Return the kind of fault of a reply that is no success: by its code, else by its status."""
    return KIND_OF_CODE.get(code_of(reply)) or kind_of_status(reply.status)


def facts_of(reply: HTTPReply) -> Mapping[str, Any]:
    """Return the JSON object that a reply carries, or nothing."""
    try:
        found = msgspec.json.decode(reply.body)
    except (msgspec.DecodeError, UnicodeError):
        return {}
    return found if isinstance(found, dict) else {}
