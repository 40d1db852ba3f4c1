"""The records that bodies and query strings of the API are read as."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from hotcrm_ai.domain.limits import MAX_BATCH_ITEMS
from hotcrm_ai.domain.model import ModelStatus, ModelType
from hotcrm_ai.domain.prediction import Context
from hotcrm_ai.entrypoints.http.paging import PageQuery

BatchOfFeatures = Annotated[list[dict[str, Any]], msgspec.Meta(min_length=1, max_length=MAX_BATCH_ITEMS)]
BatchOfContexts = Annotated[list[Context | None], msgspec.Meta(max_length=MAX_BATCH_ITEMS)]
BatchOfIds = Annotated[list[str], msgspec.Meta(min_length=1, max_length=MAX_BATCH_ITEMS)]
FieldNames = Annotated[list[str], msgspec.Meta(min_length=1, max_length=8)]
WindowSeconds = Annotated[
    float,
    msgspec.Meta(gt=0, le=3600, description="Only the last so many seconds, at most 3600; since start without it."),
]
UsageDays = Annotated[int, msgspec.Meta(ge=1, le=366, description="How many days (UTC), today included, 1 to 366.")]


class _Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What all bodies have in common: camelCase names, and no others."""


class BatchRequest(_Body, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Several records for one model; ``contexts``, where given, is as long as ``features``.

    With ``on_error`` = ``raise`` the first failed record fails the whole batch; with ``collect`` its result is its error.
    """

    model_id: str
    features: BatchOfFeatures
    contexts: BatchOfContexts | None = None
    use_cache: bool = True
    on_error: Literal["raise", "collect"] = "raise"


class ExplainRequest(_Body, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A record whose prediction is to be explained.

    ``prediction`` and ``confidence``, where given, are checked against the model and never shape the explanation.
    """

    model_id: str
    features: dict[str, Any]
    context: Context | None = None
    prediction: Any = None
    confidence: float | None = None


class CompareRequest(_Body, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Two records whose predictions are to be compared."""

    model_id: str
    features1: dict[str, Any]
    features2: dict[str, Any]


class WhatIfRequest(_Body, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A record for which a wished answer is sought, and the fields that may change for it.

    ``goal`` is a class of the model (``hot``, ``low`` ...) or a probability between 0 and 1.
    """

    model_id: str
    features: dict[str, Any]
    changeable: FieldNames
    goal: str | float
    context: Context | None = None


class OutcomeRequest(_Body, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What really happened: of one prediction, or of all that a model made about one object.

    Give ``prediction_id``, or ``object_type``, ``object_id`` and ``model_id`` together.
    """

    actual: Any
    prediction_id: str | None = None
    object_type: str | None = None
    object_id: str | None = None
    model_id: str | None = None


class RecordsRequest(_Body, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Which records of the CRM to answer for: those of ``ids``, or those that meet all ``filters`` (none: all records)."""

    ids: BatchOfIds | None = None
    filters: list[tuple[str, str, Any]] | None = None
    model_id: str | None = None


class RecordQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Which model to ask about a record."""

    model_id: (
        Annotated[str, msgspec.Meta(description="The model to ask; the champion of its AI feature without it.")] | None
    ) = None


class ModelsQuery(PageQuery, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Which models to list."""

    type: Annotated[ModelType, msgspec.Meta(description="Only models of this type.")] | None = None
    status: Annotated[ModelStatus, msgspec.Meta(description="Only models of this status.")] | None = None


class WindowQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Over which time to count."""

    window: WindowSeconds | None = None


class StatsQuery(PageQuery, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Which page of the stats, over which time."""

    window: WindowSeconds | None = None


class UsageQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Over how many days."""

    days: UsageDays = 1


class UsagesQuery(PageQuery, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Which page of the usage, over how many days."""

    days: UsageDays = 1


class ClearCacheQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Which cached answers to forget."""

    model_id: Annotated[str, msgspec.Meta(description="Only answers of this model; all answers without it.")] | None = (
        None
    )


class DriftQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Over which time to compare."""

    window: Annotated[
        float, msgspec.Meta(gt=0, le=31_622_400, description="The last so many seconds; a week without it.")
    ] = 604_800.0


class RemoveQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Why a model is removed."""

    reason: (
        Annotated[str, msgspec.Meta(min_length=1, max_length=1000, description="Why; kept in the model's history.")]
        | None
    ) = None


class AlertsQuery(PageQuery, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Which incidents are asked for: those that are open, those that are over, or all."""

    state: (
        Annotated[
            Literal["open", "over"],
            msgspec.Meta(description="open: what is wrong now; over: what was; both without it."),
        ]
        | None
    ) = None
