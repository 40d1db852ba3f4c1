"""Describes the headers that operations take and give, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from hotcrm_ai.entrypoints.http.operation import Operation

_IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` of the revision that the change is meant for; another present revision is 412.",
    "schema": {"type": "string", "pattern": '^"[1-9][0-9]{0,17}"$'},
}
_IF_NONE_MATCH: Final = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "`*`: only where there is no such model; otherwise 412.",
    "schema": {"type": "string", "enum": ["*"]},
}
_IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A name of your own for this request, such as a UUID: sent again under it within 24 hours, it has "
    "no second effect and gets the first answer.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}


def header_parameters(operation: Operation) -> list[dict[str, Any]]:
    """Return the parameters that an operation takes as headers."""
    parameters: list[dict[str, Any]] = []
    if operation.conditional:
        parameters.append(_IF_MATCH)
    if operation.conditional and operation.location_of is not None:
        parameters.append(_IF_NONE_MATCH)
    if operation.method == "POST":
        parameters.append(_IDEMPOTENCY_KEY)
    return parameters


def answer_headers(operation: Operation) -> dict[str, Any]:
    """Return the headers of an operation's success."""
    headers: dict[str, Any] = {"X-Request-Id": _text("The request's id.")}
    if operation.revision_of is not None:
        headers["ETag"] = _text("The revision in quotes, for `If-Match` of a later change.")
    if operation.location_of is not None:
        headers["Location"] = _text("Where what was made is found.")
    if operation.method == "POST":
        headers["Idempotent-Replayed"] = _text(
            "`true` where this is the answer of an earlier request under the same `Idempotency-Key`."
        )
    return headers


def _text(words: str) -> dict[str, Any]:
    return {"description": words, "schema": {"type": "string"}}
