"""The records that arguments of tools are read as, and answers that are no records elsewhere."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec

from hotcrm_ai.domain.model import ModelStatus, ModelType
from hotcrm_ai.domain.prediction import Context

ModelId = Annotated[str, msgspec.Meta(description="The model's id; list_models tells them.", max_length=128)]
LeadId = Annotated[str, msgspec.Meta(description="The lead's id in the CRM.", min_length=1, max_length=255)]
Features = Annotated[
    dict[str, Any],
    msgspec.Meta(
        description="The facts of the record by name; list_models tells the names. Leave out what is not known."
    ),
]
Condition = Annotated[
    tuple[str, str, Any],
    msgspec.Meta(
        description="[field, operator, value]; operators: =, !=, <, <=, >, >=, in, not in, like, is null, is not null."
    ),
]
Score = Annotated[float, msgspec.Meta(ge=0, le=100, description="A score, 0 to 100.")]


class _Question(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What all questions have in common: camelCase names, and no others."""


class PredictQuestion(_Question, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A record for a model; ``context`` says whom or what it is about."""

    model_id: ModelId
    features: Features
    context: Context | None = None


class ExplainQuestion(_Question, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A record whose prediction is to be explained."""

    model_id: ModelId
    features: Features
    context: Context | None = None


class CompareQuestion(_Question, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Two records whose predictions are to be compared."""

    model_id: ModelId
    features1: Features
    features2: Features


class LeadQuestion(_Question, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """One lead of the CRM."""

    lead_id: LeadId


class LeadSearch(_Question, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Which open leads: within scores and meeting all conditions, the highest score first."""

    min_score: Score | None = None
    max_score: Score | None = None
    filters: Annotated[list[Condition], msgspec.Meta(max_length=20)] = []
    limit: Annotated[int, msgspec.Meta(ge=1, le=50, description="How many leads at most, 1 to 50.")] = 10


class NoQuestion(_Question, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The tool takes no arguments."""


class ModelsQuestion(_Question, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Which models: all, or those of a type or status."""

    type: ModelType | None = None
    status: ModelStatus | None = None


class OutcomeQuestion(_Question, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What really happened, and to which prediction."""

    prediction_id: Annotated[str, msgspec.Meta(description="predictionId of the answer that the outcome belongs to.")]
    actual: Annotated[Any, msgspec.Meta(description="What really happened, for example true for a converted lead.")]


class FoundLead(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A lead with the score that was written back to it, the largest reasons first; names are text from the CRM."""

    id: str
    name: str
    company: str | None
    score: float
    confidence: float | None
    reasons: tuple[str, ...]
    scored_at: datetime | None


class FoundLeads(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The leads that were found, the highest score first."""

    leads: tuple[FoundLead, ...]


class ShownFeature(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One fact that a model takes."""

    name: str
    type: str
    required: bool = False
    categories: tuple[str, ...] = ()


class ShownModel(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A model, what it takes, and its figures: ``measured`` on held-out rows, or ``declared`` by hand."""

    id: str
    name: str
    version: str
    type: ModelType
    status: ModelStatus
    feature: str | None
    description: str
    metrics: dict[str, float]
    metrics_kind: str | None
    features: tuple[ShownFeature, ...]


class ShownModels(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Models in order of id."""

    models: tuple[ShownModel, ...]
