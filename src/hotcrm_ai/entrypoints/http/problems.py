"""Decides what a caller is told of each error: its HTTP status and an RFC 9457 problem document.

An error that is the caller's (4xx) is told in its own words. One that is ours or a provider's (5xx) is told in general words,
for its own may name paths, hosts or what an upstream answered; those go to the log, under the request's id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from hotcrm_ai.domain import errors
from hotcrm_ai.domain.prediction import PredictionError
from hotcrm_ai.domain.ways import told
from hotcrm_ai.entrypoints.http import refusals

STATUS: Final[Mapping[type[errors.HotCRMAIError], int]] = {
    errors.HotCRMAIError: 500,
    errors.ModelNotFound: 404,
    errors.ModelNotActive: 409,
    errors.InvalidFeatures: 422,
    errors.InvalidOutcome: 422,
    errors.InvalidRequest: 422,
    errors.ProviderError: 502,
    errors.ProviderTimeout: 504,
    errors.ProviderUnavailable: 503,
    errors.ProviderRejected: 502,
    errors.ProviderMisconfigured: 502,
    errors.ProviderBadAnswer: 502,
    errors.ConfigError: 422,
    errors.MissingExtra: 503,
    errors.ModelConflict: 409,
    errors.IllegalTransition: 409,
    errors.ModelInUse: 409,
    errors.StaleRevision: 412,
    errors.PromotionRefused: 409,
    errors.NotExplainable: 422,
    errors.TrainingDataError: 422,
    errors.RecordNotFound: 404,
    errors.NewerAnswer: 412,
    errors.PredictionNotFound: 404,
    errors.StorageError: 503,
    errors.CRMNotConfigured: 503,
    errors.ArtifactIntegrity: 503,
    errors.KeyNotFound: 404,
    errors.ServerError: 502,
    errors.ServerUnavailable: 503,
    errors.ServerTimeout: 504,
    errors.AlertNotDelivered: 502,
    errors.TooManyRequests: 429,
    errors.AuthError: 403,
    errors.NotAuthenticated: 401,
    errors.MissingScope: 403,
    refusals.UnreadableRequest: 400,
    refusals.HostNotAllowed: 400,
    refusals.OriginNotAllowed: 403,
    refusals.RouteNotFound: 404,
    refusals.MethodNotAllowed: 405,
    refusals.RequestTooSlow: 408,
    refusals.IdempotencyInProgress: 409,
    refusals.IdempotencyUnknown: 409,
    refusals.IdempotencyKeyReused: 422,
    refusals.RequestTooLarge: 413,
    refusals.UnsupportedMedia: 415,
    refusals.HeadersTooLarge: 431,
    refusals.Overloaded: 503,
    refusals.Stopping: 503,
    refusals.AnswerTooSlow: 504,
}
"""The HTTP status of every error; the nearest class of an error's ancestry counts."""

RETRY_AFTER_SECONDS: Final[Mapping[type[errors.HotCRMAIError], int]] = {
    refusals.IdempotencyInProgress: 1,
    errors.StorageError: 5,
    errors.ArtifactIntegrity: 60,
    errors.CRMNotConfigured: 60,
    refusals.Overloaded: 1,
    errors.TooManyRequests: 1,
}
"""When to try again, where the error itself does not know (``details["retry_after_seconds"]``)."""

_TITLES: Final = {
    400: "The request cannot be read",
    401: "An API key is needed",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    408: "The request took too long",
    409: "Contradicts the present state",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Unsupported media type",
    422: "The request does not fit",
    429: "Too many requests",
    431: "Headers too large",
    500: "Unexpected error",
    502: "The model's provider failed",
    503: "Not available at the moment",
    504: "Took too long",
}
_LOGGED: Final = "The server's log has the details under this request id."
_STATUS_OF_CODE: Final = {kind.code: status for kind, status in STATUS.items()}
_WORDS_OF_CODE: Final = {kind.code: (kind.__doc__ or "").split("\n")[0] for kind in STATUS}


class ProblemItem(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One of several reasons; ``name`` is the feature or field where there is one."""

    reason: str
    name: str | None = None


class Problem(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """An error as RFC 9457 has it; ``code`` is stable, and ``request_id`` finds the error in the server's log."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    problems: tuple[ProblemItem, ...] = ()
    model_id: str | None = None
    index: int | None = None


def status_of(error: errors.HotCRMAIError) -> int:
    """Return the HTTP status of an error."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem_of(error: errors.HotCRMAIError, *, request_id: str) -> Problem:
    """Return the document that tells a caller of an error."""
    status, details = status_of(error), error.details
    model_id, index = details.get("model_id"), details.get("index")
    tells = status < 500 or isinstance(
        error, errors.MissingExtra | refusals.Overloaded | refusals.Stopping | refusals.AnswerTooSlow
    )
    return Problem(
        type=f"/docs#{error.code}",
        title=_TITLES[status],
        status=status,
        detail=told(error.message, "http") if tells else f"{_general_words(error)} {_LOGGED}",
        code=error.code,
        request_id=request_id,
        problems=tuple(_items(details.get("problems"))) if tells else (),
        model_id=model_id if isinstance(model_id, str) else None,
        index=index if isinstance(index, int) else None,
    )


def unexpected_problem(*, request_id: str) -> Problem:
    """Return the document for an error that nobody foresaw; it tells nothing but where to look."""
    return Problem(
        type="/docs#unexpected_error",
        title=_TITLES[500],
        status=500,
        detail=f"The server met an error that it did not expect. {_LOGGED}",
        code="unexpected_error",
        request_id=request_id,
    )


def retry_after_seconds(error: errors.HotCRMAIError) -> int | None:
    """Return after how many seconds to try again, where that is known."""
    known = error.details.get("retry_after_seconds")
    if isinstance(known, int | float) and not isinstance(known, bool) and known >= 0:
        return int(min(known, 600.0) + 0.999)
    return next((RETRY_AFTER_SECONDS[kind] for kind in type(error).__mro__ if kind in RETRY_AFTER_SECONDS), None)


def tellable(failed: PredictionError) -> PredictionError:
    """Return a batch's failed item with the same discretion as an error of its own."""
    if _STATUS_OF_CODE.get(failed.code, 500) < 500:
        return msgspec.structs.replace(failed, message=told(failed.message, "http"))
    words = _WORDS_OF_CODE.get(failed.code, "The prediction failed.")
    return PredictionError(index=failed.index, code=failed.code, message=f"{words} {_LOGGED}")


def _general_words(error: errors.HotCRMAIError) -> str:
    return (type(error).__doc__ or "The request failed.").split("\n")[0]


def _items(problems: Any) -> Iterable[ProblemItem]:
    if isinstance(problems, Mapping):
        return [ProblemItem(name=str(name), reason=told(str(reason), "http")) for name, reason in problems.items()]
    return (
        [ProblemItem(reason=told(str(reason), "http")) for reason in problems]
        if isinstance(problems, list | tuple)
        else []
    )
