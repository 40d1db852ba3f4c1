"""The kinds of faults of a provider, and what each means for retries, the circuit breaker and the fallback: one table for all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

FaultKind = Literal[
    "bad_request",
    "auth",
    "quota_spent",
    "budget_spent",
    "throttled",
    "overloaded",
    "unreachable",
    "not_ready",
    "timeout",
    "model_bug",
    "bad_answer",
    "misconfigured",
    "unknown",
]

MAX_RETRY_AFTER_SECONDS: Final = 600.0
"""No provider may send us away for longer than ten minutes."""


class FaultRule(msgspec.Struct, frozen=True, kw_only=True):
    """What follows from a fault of one kind.

    ``retries`` is how often a call that met it may be repeated at most (a provider that has just refreshed a token may allow one more by
    saying so on the error); ``weight`` what it adds to the breaker's counts; ``counts_as_silence`` marks those of which five in a row
    open the breaker instead of ten; ``model_bound`` those that tell of the model and not of the place where it runs.
    """

    retries: int
    weight: float
    may_fall_back: bool
    counts_as_silence: bool = False
    model_bound: bool = False
    is_slow: bool = False
    opens_at_once: bool = False


FAULT_RULES: Final[Mapping[FaultKind, FaultRule]] = {
    "bad_request": FaultRule(retries=0, weight=0.0, may_fall_back=False),
    "auth": FaultRule(retries=0, weight=1.0, may_fall_back=True),
    "quota_spent": FaultRule(retries=0, weight=1.0, may_fall_back=True, opens_at_once=True),
    "budget_spent": FaultRule(retries=0, weight=0.0, may_fall_back=True),
    "throttled": FaultRule(retries=2, weight=0.5, may_fall_back=True),
    "overloaded": FaultRule(retries=2, weight=1.0, may_fall_back=True),
    "unreachable": FaultRule(retries=2, weight=1.0, may_fall_back=True, counts_as_silence=True),
    "not_ready": FaultRule(retries=2, weight=0.0, may_fall_back=True, is_slow=True),
    "timeout": FaultRule(retries=2, weight=1.0, may_fall_back=True, counts_as_silence=True),
    "model_bug": FaultRule(retries=0, weight=1.0, may_fall_back=True, model_bound=True),
    "bad_answer": FaultRule(retries=1, weight=1.0, may_fall_back=True, model_bound=True),
    "misconfigured": FaultRule(retries=0, weight=0.0, may_fall_back=True),
    "unknown": FaultRule(retries=0, weight=1.0, may_fall_back=True, model_bound=True),
}
