"""Every error that HotCRM AI raises on purpose, in one tree.

HotCRMAIError
├── ModelNotFound              no model has this id
├── ModelNotActive             the model exists, but may not answer
├── InvalidFeatures            the features do not fit the model's signature
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
│   └── ModelInUse             a running test or a fallback still needs the model
├── NotExplainable             this model cannot be explained, or not for this request
├── TrainingDataError          the training data cannot be used as they are
├── RecordNotFound             the CRM has no such record
├── PredictionNotFound         the prediction log has no such prediction
├── StorageError               the database or the disk failed
│   └── ArtifactIntegrity      a model's files are not what was published
└── AuthError                  the caller may not do this

Each error is one sentence: what happened, to what, what to do next. ``code`` is stable and
``details`` holds the facts for machines. No error ever carries a credential.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


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


class InvalidRequest(HotCRMAIError):
    """The request is unreadable, of the wrong shape, or over a stated limit."""

    code = "invalid_request"


class ProviderError(HotCRMAIError):
    """The provider of a model failed; nothing was predicted."""

    code = "provider_error"


class ProviderTimeout(ProviderError):
    """The provider did not answer before the deadline."""

    code = "provider_timeout"


class ProviderUnavailable(ProviderError):
    """The provider could not be reached, is overloaded, or its breaker is open."""

    code = "provider_unavailable"


class ProviderRejected(ProviderError):
    """The provider refused the request as wrong."""

    code = "provider_rejected"


class ProviderMisconfigured(ProviderError):
    """A credential, an address or a package that the provider needs is missing or wrong."""

    code = "provider_misconfigured"


class ProviderBadAnswer(ProviderError):
    """The provider answered, but not with a usable prediction."""

    code = "provider_bad_answer"


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


class NotExplainable(HotCRMAIError):
    """No honest explanation can be given for this model or this request."""

    code = "not_explainable"


class TrainingDataError(HotCRMAIError):
    """The training data cannot be used; the message names the file's line or column."""

    code = "training_data_error"


class RecordNotFound(HotCRMAIError):
    """The CRM holds no record with this id."""

    code = "record_not_found"


class PredictionNotFound(HotCRMAIError):
    """The prediction log holds no prediction that fits."""

    code = "prediction_not_found"


class StorageError(HotCRMAIError):
    """The database or the file system failed; nothing was half-done."""

    code = "storage_unavailable"


class ArtifactIntegrity(StorageError):
    """A model's files are missing or differ from what was published; they were not loaded."""

    code = "artifact_integrity"


class AuthError(HotCRMAIError):
    """The caller is unknown or lacks the right for this."""

    code = "auth_error"
