"""The bodies that change models and A/B tests; a field that is left out stays as it is, null empties it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from hotcrm_ai.domain.limits import MAX_NAME_CHARACTERS
from hotcrm_ai.domain.model import MODEL_ID, ABTest, ModelStatus, ModelType, ProviderConfig
from hotcrm_ai.domain.signature import Signature
from hotcrm_ai.domain.spelling import read_record

MAX_REASON_CHARACTERS = 1_000

ModelId = Annotated[str, msgspec.Meta(pattern=MODEL_ID.pattern, max_length=128)]
Name = Annotated[str, msgspec.Meta(max_length=MAX_NAME_CHARACTERS)]
Version = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME_CHARACTERS)]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_REASON_CHARACTERS)]
RevisionNumber = Annotated[int, msgspec.Meta(ge=1, le=2**53)]


class _Fields(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What may be said of a model, and why it is said."""

    name: Name | UnsetType = UNSET
    version: Version | UnsetType = UNSET
    type: ModelType | UnsetType = UNSET
    provider: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    status: ModelStatus | UnsetType = UNSET
    endpoint: str | UnsetType | None = UNSET
    provider_config: ProviderConfig | UnsetType | None = UNSET
    parameters: dict[str, Any] | UnsetType = UNSET
    metrics: dict[str, float] | UnsetType = UNSET
    last_trained: datetime | UnsetType | None = UNSET
    ab_test: ABTest | UnsetType | None = UNSET
    signature: Signature | UnsetType | None = UNSET
    cache_ttl: float | UnsetType | None = UNSET
    fallback_model_id: str | UnsetType | None = UNSET
    tags: tuple[str, ...] | UnsetType = UNSET
    feature: str | UnsetType | None = UNSET
    bundle_digest: str | UnsetType | None = UNSET
    reason: Reason | UnsetType = UNSET


class NewModel(_Fields, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A model to register. Credentials are references such as ``{"env": "NAME"}``; metrics given here count as declared."""

    id: ModelId


class ModelChanges(_Fields, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Fields of a model to change; each is replaced as a whole, the others stay.

    ``anyway`` lets the status become ``active`` in spite of what the held-out figures say.
    """

    anyway: bool = False


class PromoteRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Why a model or the challenger of an A/B test is promoted; ``anyway`` does so in spite of what the figures say."""

    reason: Reason
    anyway: bool = False


class StopRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Why an A/B test is stopped."""

    reason: Reason


class RollBackRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Why a model goes back, and to which revision: without one to the newest that was active and answered differently."""

    reason: Reason
    revision: RevisionNumber | None = None


def read_new_model(document: Mapping[str, Any]) -> NewModel:
    """Build a model to register, with both spellings at every depth; raises ``ConfigError``."""
    return read_record(NewModel, document, what="model")


def read_model_changes(document: Mapping[str, Any]) -> ModelChanges:
    """Build the changes of a model, with both spellings at every depth; raises ``ConfigError``."""
    return read_record(ModelChanges, document, what="change")


def given_fields(body: NewModel | ModelChanges) -> dict[str, Any]:
    """Return the fields that were given, in snake case, without those that are about the change itself."""
    return {
        field.name: value
        for field in msgspec.structs.fields(body)
        if field.name not in ("reason", "anyway") and (value := getattr(body, field.name)) is not UNSET
    }


def reason_of(body: NewModel | ModelChanges) -> str | None:
    """Return the reason, where one was given."""
    return None if body.reason is UNSET else body.reason
