"""Turns the status of an HTTP reply into the one kind of fault that it is; each provider names its vendor's exceptions to the rule."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from hotcrm_ai.domain.errors import (
    ProviderBadAnswer,
    ProviderError,
    ProviderMisconfigured,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
)
from hotcrm_ai.domain.faults import FaultKind

CLASS_OF_KIND: Final[Mapping[FaultKind, type[ProviderError]]] = {
    "bad_request": ProviderRejected,
    "auth": ProviderMisconfigured,
    "quota_spent": ProviderUnavailable,
    "budget_spent": ProviderUnavailable,
    "throttled": ProviderUnavailable,
    "overloaded": ProviderUnavailable,
    "unreachable": ProviderUnavailable,
    "not_ready": ProviderUnavailable,
    "timeout": ProviderTimeout,
    "model_bug": ProviderError,
    "bad_answer": ProviderBadAnswer,
    "misconfigured": ProviderMisconfigured,
    "unknown": ProviderError,
}
_KIND_OF_STATUS: Final[Mapping[int, FaultKind]] = {
    401: "auth",
    402: "quota_spent",
    403: "auth",
    408: "timeout",
    409: "overloaded",
    424: "model_bug",
    425: "overloaded",
    429: "throttled",
    504: "timeout",
}
_WORDS: Final[Mapping[FaultKind, str]] = {
    "bad_request": "refused the request; check the model's endpoint and parameters",
    "auth": "did not accept the credential; check the reference in provider_config.credentials",
    "quota_spent": "has no quota or credit left; raise it with the provider, or wait for its reset",
    "budget_spent": "is not asked any more today; raise the model's daily_budget, or wait for the next day (UTC)",
    "throttled": "is asked too often; lower the load, or raise the limit with the provider",
    "overloaded": "is overloaded or failed for the moment; try again later",
    "unreachable": "could not be reached; check its address and that it runs",
    "not_ready": "has not loaded the model yet; try again in a while",
    "timeout": "gave up waiting; try again, or allow more time",
    "model_bug": "says that the model itself failed; look at the model's own log",
    "bad_answer": "answered with something that is no prediction; check parameters['output']",
    "misconfigured": "is not set up right; check the model's endpoint",
    "unknown": "failed",
}


def kind_of_status(status: int) -> FaultKind:
    """Return the kind of fault of a status that is no success."""
    if status in _KIND_OF_STATUS:
        return _KIND_OF_STATUS[status]
    if status >= 500:
        return "overloaded"
    return "bad_request" if 400 <= status < 500 else "misconfigured"


def fault_of(
    status: int,
    headers: Mapping[str, str],
    *,
    provider: str,
    model_id: str | None = None,
    kind: FaultKind | None = None,
    hint: str | None = None,
    now: datetime | None = None,
    retryable: bool | None = None,
) -> ProviderError:
    """Return the error for an HTTP reply that is no success.

    ``headers`` have names in lower case. ``kind`` is what the vendor's own error code means where it says more than the status, and
    ``hint`` replaces what the message says of it. Nothing of the reply's body enters the error: it may echo a credential.
    """
    found = kind or kind_of_status(status)
    words = hint or _WORDS[found]
    if hint is None and 300 <= status < 400:
        words = "redirects to another place, which is not followed; give the endpoint's final address"
    return fault(
        found,
        words,
        provider=provider,
        model_id=model_id,
        retry_after_seconds=retry_after_of(headers, now=now),
        retryable=retryable,
        status=status,
    )


def fault(
    kind: FaultKind,
    words: str | None = None,
    *,
    provider: str,
    model_id: str | None = None,
    retry_after_seconds: float | None = None,
    retryable: bool | None = None,
    status: int | None = None,
) -> ProviderError:
    """Return an error of a kind: its class, and a message in the provider's name without anything of what it sent."""
    target = f" for model {model_id!r}" if model_id is not None else ""
    answered = f" (HTTP {status})" if status is not None else ""
    facts: dict[str, Any] = {"provider": provider}
    facts |= {"model_id": model_id} if model_id is not None else {}
    facts |= {"status": status} if status is not None else {}
    return CLASS_OF_KIND[kind](
        f"Provider {provider!r}{target} {words or _WORDS[kind]}{answered}.",
        kind=kind,
        retry_after_seconds=retry_after_seconds,
        retryable=retryable,
        **facts,
    )


def retry_after_of(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Return the seconds that a reply asks to wait, given as milliseconds, seconds or a date; None where it does not say."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000.0
    text = headers.get("retry-after")
    if text is None:
        return None
    seconds = _number(text)
    if seconds is not None:
        return seconds
    moment = _date(text)
    reference = _date(headers.get("date")) or now
    if moment is None or reference is None:
        return None
    return max(0.0, (moment - reference).total_seconds())


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _date(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
