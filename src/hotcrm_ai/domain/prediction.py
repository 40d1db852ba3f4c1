"""What is asked of a model and what comes back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from hotcrm_ai.domain.spelling import camel_facts, snake_facts

Variant = Literal["champion", "challenger", "none"]


class Context(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Whom or what a prediction is about; chooses the A/B arm and leads back to the record, never seen by a model."""

    user_id: str | None = None
    object_type: str | None = None
    object_id: str | None = None


class PredictionRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """One call for a prediction."""

    model_id: str
    features: dict[str, Any]
    context: Context | None = None
    use_cache: bool = True


class PredictionInput(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a provider is given: the fitted features, the prediction's id, and the seconds that are left."""

    features: dict[str, Any]
    prediction_id: str
    timeout_seconds: float | None = None


class PredictionOutput(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a provider answers: the prediction, and a calibrated confidence (0-100) or None where it knows none."""

    prediction: Any
    confidence: float | None = None
    metadata: dict[str, Any] = msgspec.field(default_factory=dict)


class PredictionResponse(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One answered prediction.

    ``confidence`` is 0-100: how often predictions like this one turn out right on held-out rows; None where unknown.
    ``processing_time`` is in milliseconds. ``metadata`` holds ``provider``, ``variant``, ``warnings``, ``stages`` (milliseconds
    per stage) and, where a fallback answered, ``fallback``: the id of the model that failed.
    """

    prediction: Any
    confidence: float | None
    model_id: str
    model_version: str
    requested_model_id: str
    processing_time: float
    cached: bool
    prediction_id: str
    metadata: dict[str, Any] = msgspec.field(default_factory=dict)

    def for_json(self) -> PredictionResponse:
        """Return the response with ``metadata`` as JSON spells it."""
        if self.metadata.keys() <= _SPELLED_ALIKE:
            return self
        return msgspec.structs.replace(self, metadata=camel_facts(self.metadata))

    def from_json(self) -> PredictionResponse:
        """Return a response that was read from JSON with ``metadata`` as Python spells it."""
        return msgspec.structs.replace(self, metadata=snake_facts(self.metadata))


_SPELLED_ALIKE: Final = frozenset({"provider", "variant", "experiment", "fallback", "warnings", "stages", "interval"})
"""Metadata of one word, and with nothing of two words inside: that of most answers, which are sent as they are."""


class PredictionError(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One failed item of a batch: its place (from 0), the error's stable code, message and facts."""

    index: int
    code: str
    message: str
    details: dict[str, Any] = msgspec.field(default_factory=dict)

    def for_json(self) -> PredictionError:
        """Return the error with ``details`` as JSON spells them."""
        return msgspec.structs.replace(self, details=camel_facts(self.details))

    def from_json(self) -> PredictionError:
        """Return an error that was read from JSON with ``details`` as Python spells them."""
        return msgspec.structs.replace(self, details=snake_facts(self.details))


class LoggedPrediction(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One answered prediction as the log keeps it; ``attempts`` are the calls made to providers outside of the process."""

    id: str
    requested_model_id: str
    model_id: str
    model_version: str
    model_revision: int
    bundle_digest: str | None
    variant: Variant
    experiment_id: str | None
    subject_kind: Literal["object", "user", "features"] | None
    prediction_type: str
    input_features: dict[str, Any]
    prediction_value: Any
    confidence_score: float | None
    processing_time_ms: float
    was_cached: bool
    provider: str
    fallback_for: str | None
    object_type: str | None
    object_id: str | None
    created_by: str | None
    created_date: datetime
    shadow: bool = False
    actual_outcome: Any = None
    is_correct: bool | None = None
    attempts: list[dict[str, Any]] = msgspec.field(default_factory=list)
