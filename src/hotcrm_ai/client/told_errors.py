"""Turns what a server tells of an error back into the error that the AI object would have raised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from hotcrm_ai.client.request import Answer
from hotcrm_ai.domain import errors
from hotcrm_ai.domain.access import mask_keys
from hotcrm_ai.domain.errors import HotCRMAIError


class _ToldItem(msgspec.Struct, frozen=True):
    reason: str
    name: str | None = None


class _Told(msgspec.Struct, frozen=True, rename="camel"):
    """A problem document as far as a client needs it."""

    detail: str
    code: str
    request_id: str | None = None
    problems: tuple[_ToldItem, ...] = ()
    model_id: str | None = None
    index: int | None = None


def _tree(kind: type[HotCRMAIError]) -> Iterator[type[HotCRMAIError]]:
    if kind.__module__ == errors.__name__:
        yield kind
        for derived in kind.__subclasses__():
            yield from _tree(derived)


_KIND_OF_CODE: Final[Mapping[str, type[HotCRMAIError]]] = {
    **{kind.code: kind for kind in _tree(HotCRMAIError)},
    "overloaded": errors.ServerUnavailable,
    "stopping": errors.ServerUnavailable,
    "answer_too_slow": errors.ServerTimeout,
    "idempotency_unknown": errors.ServerError,
}
_KIND_OF_STATUS: Final[Mapping[int, type[HotCRMAIError]]] = {
    401: errors.NotAuthenticated,
    403: errors.AuthError,
    429: errors.ServerUnavailable,
    502: errors.ServerUnavailable,
    503: errors.ServerUnavailable,
    504: errors.ServerTimeout,
}
"""What an answer means that is no problem document, or has a code that this client does not know; a proxy may have given it."""


def error_of(answer: Answer) -> HotCRMAIError:
    """Return the error that an answer tells.

    ``details`` holds ``status``, ``server_code`` and ``request_id``, which finds the error in the server's log, and where they are known
    ``model_id``, ``index`` of a batch, ``problems`` and ``retry_after_seconds``.
    """
    told = _read(answer)
    if told is None:
        kind = _kind_of_status(answer.status)
        return kind(
            f"The server answered {answer.status} with no description of the problem; check the address, and what stands between.",
            **_known(status=answer.status, retry_after_seconds=retry_after_of(answer)),
        )
    kind = _KIND_OF_CODE.get(told.code) or _kind_of_status(answer.status)
    return _rebuilt(kind, told, _facts(answer, told))


def retry_after_of(answer: Answer) -> float | None:
    """Return the seconds in ``Retry-After``, None where there are none; a date counts as none, for this server sends none."""
    text = answer.headers.get("retry-after", "").strip()
    return float(text) if text.isascii() and text.isdecimal() and len(text) < 9 else None


def server_code(error: HotCRMAIError) -> str | None:
    """Return the code that the server told."""
    code = error.details.get("server_code")
    return code if isinstance(code, str) else None


def _read(answer: Answer) -> _Told | None:
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return None
    try:
        return msgspec.json.decode(answer.body, type=_Told)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _kind_of_status(status: int) -> type[HotCRMAIError]:
    known = _KIND_OF_STATUS.get(status)
    return known or (errors.InvalidRequest if 400 <= status < 500 else errors.ServerError)


def _facts(answer: Answer, told: _Told) -> dict[str, Any]:
    return _known(
        status=answer.status,
        server_code=told.code,
        request_id=told.request_id,
        model_id=told.model_id,
        index=told.index,
        retry_after_seconds=retry_after_of(answer),
    )


def _rebuilt(kind: type[HotCRMAIError], told: _Told, facts: dict[str, Any]) -> HotCRMAIError:
    message = mask_keys(told.detail)
    if issubclass(kind, errors.InvalidFeatures):
        return kind({item.name or "": item.reason for item in told.problems}, **facts)
    if issubclass(kind, errors.MissingExtra):
        return errors.ServerError(message, **facts)
    if issubclass(kind, errors.ConfigError):
        first_line = message.split("\n  - ")[0]
        return kind(first_line, problems=tuple(item.reason for item in told.problems), **facts)
    if told.problems:
        facts["problems"] = {item.name or str(place): item.reason for place, item in enumerate(told.problems)}
    return kind(message, **facts)


def _known(**facts: Any) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}
