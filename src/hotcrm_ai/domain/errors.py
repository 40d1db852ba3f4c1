"""Every error that HotCRM AI raises on purpose, in one tree.

HotCRMAIError
├── ModelNotFound              no model has this id
├── ModelNotActive             the model exists, but may not answer
├── InvalidFeatures            the features do not fit the model's signature
├── InvalidOutcome             what is said to have happened cannot be the outcome of the prediction
├── InvalidRequest             the request itself cannot be read or is too large
├── ProviderError              the place where the model runs failed
│   ├── ProviderTimeout        it did not answer in time
│   ├── ProviderUnavailable    it could not be reached or is overloaded
│   ├── ProviderRejected       it refused the request
│   ├── ProviderMisconfigured  something needed to call it is missing or wrong
│   └── ProviderBadAnswer      it answered with something that is no prediction
├── ConfigError                settings, a model's configuration or an option is wrong
│   └── MissingExtra           an optional dependency is not installed
├── ModelConflict              the change contradicts the registry's present state
│   ├── IllegalTransition      a status may not follow the present one
│   ├── ModelInUse             a running test or a fallback still needs the model
│   ├── StaleRevision          the model was changed since the revision that was meant
│   └── PromotionRefused       the figures do not speak for the model
├── NotExplainable             this model cannot be explained, or not for this request
├── TrainingDataError          the training data cannot be used as they are
├── RecordNotFound             the CRM has no such record
├── NewerAnswer                a later answer already stands in the record
├── PredictionNotFound         the prediction log has no such prediction
├── StorageError               the database or the disk failed
│   ├── CRMNotConfigured       there is no CRM where the settings say
│   └── ArtifactIntegrity      a model's files are not what was published
├── KeyNotFound                no API key has this id
├── ServerError                the HotCRM AI server failed, as its client sees it
│   ├── ServerUnavailable      it cannot be reached, or takes no requests at the moment
│   └── ServerTimeout          it did not answer in time
├── AlertNotDelivered          a receiver of alerts did not take a message
├── TooManyRequests            the caller sends more than its rate
└── AuthError                  the caller may not do this
    ├── NotAuthenticated       there is no API key, or not a valid one
    └── MissingScope           the key is valid, but not for this

Each error is one sentence: what happened, to what, what to do next. ``code`` is stable and
``details`` holds the facts for machines. No error ever carries a credential.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from hotcrm_ai.domain.faults import FAULT_RULES, MAX_RETRY_AFTER_SECONDS, FaultKind


class HotCRMAIError(Exception):
    """What every error of this package derives from."""

    code: ClassVar[str] = "hotcrm_ai_error"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details: Mapping[str, Any] = details


class ModelNotFound(HotCRMAIError):
    """No model is registered under the id that was asked for."""

    code = "model_not_found"


class ModelNotActive(HotCRMAIError):
    """The model is registered, but its status does not let it answer predictions."""

    code = "model_not_active"


class InvalidFeatures(HotCRMAIError):
    """The features do not fit the signature; ``problems`` maps each feature to the reason."""

    code = "invalid_features"

    def __init__(self, problems: Mapping[str, str], *, model_id: str | None = None, **details: Any) -> None:
        listed = "; ".join(f"{name!r}: {reason}" for name, reason in problems.items())
        target = f" for model {model_id!r}" if model_id else ""
        super().__init__(
            f"Invalid features{target}: {listed}.",
            problems=dict(problems),
            **({"model_id": model_id} if model_id else {}),
            **details,
        )
        self.problems = dict(problems)


class InvalidOutcome(HotCRMAIError):
    """What is said to have happened cannot be the outcome of such a prediction; nothing was changed."""

    code = "invalid_outcome"


class InvalidRequest(HotCRMAIError):
    """The request is unreadable, of the wrong shape, or over a stated limit."""

    code = "invalid_request"


class ProviderError(HotCRMAIError):
    """The provider of a model failed; nothing was predicted.

    ``kind`` says what sort of fault it was (the class gives one where it is not said), and with it whether the call may be retried,
    counts for the circuit breaker, and lets a declared fallback answer. ``retry_after_seconds`` is what the provider asked for;
    ``retryable`` overrides the kind's rule, for example after a token was refreshed.
    """

    code = "provider_error"
    usual_kind: ClassVar[FaultKind] = "unknown"

    def __init__(
        self,
        message: str,
        *,
        kind: FaultKind | None = None,
        retry_after_seconds: float | None = None,
        retryable: bool | None = None,
        **details: Any,
    ) -> None:
        known = {} if retry_after_seconds is None else {"retry_after_seconds": retry_after_seconds}
        super().__init__(message, **known, **details)
        self.kind: FaultKind = kind or self.usual_kind
        self.retry_after_seconds = (
            None if retry_after_seconds is None else min(max(retry_after_seconds, 0.0), MAX_RETRY_AFTER_SECONDS)
        )
        self._retryable = retryable

    @property
    def retries(self) -> int:
        """How often a call that met this fault may be repeated at most."""
        if self._retryable is None:
            return FAULT_RULES[self.kind].retries
        return max(FAULT_RULES[self.kind].retries, 1) if self._retryable else 0

    @property
    def retryable(self) -> bool:
        """Whether the same call may succeed when it is repeated."""
        return self.retries > 0

    @property
    def counts_for_breaker(self) -> bool:
        """Whether faults like this one open the circuit breaker."""
        return FAULT_RULES[self.kind].weight > 0

    @property
    def may_fall_back(self) -> bool:
        """Whether a declared fallback model may answer instead."""
        return FAULT_RULES[self.kind].may_fall_back


class ProviderTimeout(ProviderError):
    """The provider did not answer before the deadline."""

    code = "provider_timeout"
    usual_kind = "timeout"


class ProviderUnavailable(ProviderError):
    """The provider could not be reached, is overloaded, or its breaker is open."""

    code = "provider_unavailable"
    usual_kind = "overloaded"


class ProviderRejected(ProviderError):
    """The provider refused the request as wrong."""

    code = "provider_rejected"
    usual_kind = "bad_request"


class ProviderMisconfigured(ProviderError):
    """A credential, an address or a package that the provider needs is missing or wrong."""

    code = "provider_misconfigured"
    usual_kind = "misconfigured"


class ProviderBadAnswer(ProviderError):
    """The provider answered, but not with a usable prediction."""

    code = "provider_bad_answer"
    usual_kind = "bad_answer"


class ConfigError(HotCRMAIError):
    """Settings or a configuration are wrong; ``problems`` lists all of them at once."""

    code = "config_error"

    def __init__(self, message: str, *, problems: tuple[str, ...] = (), **details: Any) -> None:
        text = message if not problems else message + "".join(f"\n  - {problem}" for problem in problems)
        super().__init__(text, problems=list(problems), **details)
        self.problems = problems


class MissingExtra(ConfigError):
    """A feature was asked for whose optional dependency is not installed."""

    code = "missing_extra"

    def __init__(self, *, feature: str, extra: str) -> None:
        super().__init__(
            f"{feature} needs packages that are not installed; install them with: pip install 'hotcrm-ai[{extra}]'",
            extra=extra,
        )


class ModelConflict(HotCRMAIError):
    """A change of the registry contradicts its present state."""

    code = "model_conflict"


class IllegalTransition(ModelConflict):
    """The status asked for may not follow the model's present status."""

    code = "illegal_transition"


class ModelInUse(ModelConflict):
    """A running A/B test or a fallback still refers to the model."""

    code = "model_in_use"


class StaleRevision(ModelConflict):
    """The model is not at the revision that the change was meant for; nothing was changed."""

    code = "stale_revision"


class PromotionRefused(ModelConflict):
    """The figures do not speak for letting the model answer; the promotion can be forced with a reason."""

    code = "promotion_refused"


class NotExplainable(HotCRMAIError):
    """No honest explanation can be given for this model or this request."""

    code = "not_explainable"


class TrainingDataError(HotCRMAIError):
    """The training data cannot be used; the message names the file's line or column."""

    code = "training_data_error"


class RecordNotFound(HotCRMAIError):
    """The CRM holds no record with this id."""

    code = "record_not_found"


class NewerAnswer(HotCRMAIError):
    """The record already holds an answer of a later moment, which an older one must not replace."""

    code = "newer_answer"


class PredictionNotFound(HotCRMAIError):
    """The prediction log holds no prediction that fits."""

    code = "prediction_not_found"


class StorageError(HotCRMAIError):
    """The database or the file system failed; nothing was half-done."""

    code = "storage_unavailable"

    @property
    def is_temporary(self) -> bool:
        """Whether waiting may help: the database is away, busy or out of space, not wrong or damaged."""
        return bool(self.details.get("temporary", False))


class CRMNotConfigured(StorageError):
    """There is no CRM where the settings say; the operator has to set HOTCRM_AI_CRM_URL."""

    code = "crm_not_configured"


class ArtifactIntegrity(StorageError):
    """A model's files are missing or differ from what was published; they were not loaded."""

    code = "artifact_integrity"


class KeyNotFound(HotCRMAIError):
    """No API key has the id that was asked for."""

    code = "key_not_found"


class ServerError(HotCRMAIError):
    """The server that a client asks failed in a way of its own, or answered something that cannot be read."""

    code = "server_error"


class ServerUnavailable(ServerError):
    """The server that a client asks cannot be reached, or takes no requests at the moment."""

    code = "server_unavailable"


class ServerTimeout(ServerError):
    """The server that a client asks did not answer before the client's deadline."""

    code = "server_timeout"


class AlertNotDelivered(HotCRMAIError):
    """A place that alerts are told to did not take a message."""

    code = "alert_not_delivered"


class TooManyRequests(HotCRMAIError):
    """The caller has sent more requests than its rate allows; nothing was done."""

    code = "too_many_requests"


class AuthError(HotCRMAIError):
    """The caller is unknown or lacks the right for this."""

    code = "auth_error"


class NotAuthenticated(AuthError):
    """No API key came with the request, or one that is malformed, unknown, expired or revoked."""

    code = "not_authenticated"


class MissingScope(AuthError):
    """The API key is valid, but lacks the scope that this needs."""

    code = "missing_scope"
