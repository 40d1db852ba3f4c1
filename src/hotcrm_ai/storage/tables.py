"""The tables of a workspace; ``migrations`` brings a database from one version of them to the next."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, Double, Index, MetaData, Table, Text, text

from hotcrm_ai.storage.column_types import UTCDateTime

VERSION_TABLE: Final = "hotcrm_ai_version"
"""Alembic's own table, under a name that meets no other application's in a shared database."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

registry_counter = Table(
    "registry_counter",
    metadata,
    Column("workspace", Text, primary_key=True),
    Column("changes", BigInteger, nullable=False),
)
"""How many changes the registry of each workspace has seen; its row is also the lock that serialises them."""

model_revision = Table(
    "model_revision",
    metadata,
    Column("workspace", Text, primary_key=True),
    Column("model_id", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("action", Text, nullable=False),
    Column("config", Text),
    Column("created_at", UTCDateTime, nullable=False),
    Column("note", Text),
    Column("change", BigInteger, nullable=False, server_default=text("0")),
    Index("ix_model_revision_change", "workspace", "change"),
)
"""Every revision of every model, never changed; ``config`` is the JSON of a ModelConfig, NULL where the model was removed.

``change`` is the workspace's counter as this revision made it, so that others read only what is new to them; 0 in old rows.
"""

ai_prediction = Table(
    "ai_prediction",
    metadata,
    Column("workspace", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("model_id", Text, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("object_type", Text),
    Column("object_id", Text),
    Column("prediction_type", Text, nullable=False),
    Column("input_features", JSON, nullable=False),
    Column("prediction_value", JSON(none_as_null=True)),
    Column("confidence_score", Double),
    Column("processing_time_ms", Double, nullable=False),
    Column("was_cached", Boolean, nullable=False),
    Column("provider", Text, nullable=False),
    Column("actual_outcome", JSON(none_as_null=True)),
    Column("is_correct", Boolean),
    Column("outcome_date", UTCDateTime),
    Column("created_date", UTCDateTime, nullable=False),
    Column("created_by", Text),
    Column("requested_model_id", Text, nullable=False),
    Column("model_revision", BigInteger, nullable=False),
    Column("bundle_digest", Text),
    Column("variant", Text, nullable=False),
    Column("experiment_id", Text),
    Column("subject_kind", Text),
    Column("subject_digest", Text),
    Column("fallback_for", Text),
    Column("shadow", Boolean, nullable=False, server_default=text("false")),
    Column("attempts", JSON(none_as_null=True)),
    Index("ix_ai_prediction_model", "workspace", "model_id", "created_date"),
    Index("ix_ai_prediction_newest", "workspace", "created_date", "id"),
    Index("ix_ai_prediction_object", "workspace", "object_type", "object_id"),
    Index("ix_ai_prediction_experiment", "workspace", "experiment_id"),
    Index(
        "ix_ai_prediction_judged",
        "workspace",
        "model_id",
        "created_date",
        "shadow",
        "is_correct",
        sqlite_where=text("is_correct IS NOT NULL"),
        postgresql_where=text("is_correct IS NOT NULL"),
    ),
)
"""Every answered prediction with what a replay needs: revision, bundle, arm and subject (as a digest) of the A/B test."""

ai_model_performance = Table(
    "ai_model_performance",
    metadata,
    Column("workspace", Text, primary_key=True),
    Column("model_id", Text, primary_key=True),
    Column("period_start", UTCDateTime, primary_key=True),
    Column("period_end", UTCDateTime, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("model_name", Text),
    Column("total_predictions", BigInteger, nullable=False),
    Column("successful_predictions", BigInteger, nullable=False),
    Column("failed_predictions", BigInteger, nullable=False),
    Column("average_latency_ms", Double),
    Column("p95_latency_ms", Double),
    Column("p99_latency_ms", Double),
    Column("average_confidence", Double),
    Column("cache_hit_rate", Double),
    Column("error_rate", Double),
    Column("accuracy", Double),
    Column("health_status", Text),
    Column("sketches", JSON, nullable=False),
    Column("last_updated", UTCDateTime, nullable=False),
    Index("ix_ai_model_performance_period", "workspace", "period_end"),
)
"""What each model did in each period, by the process that counted it (``source``); ``sketches`` make periods and processes mergeable."""

ai_model_usage = Table(
    "ai_model_usage",
    metadata,
    Column("workspace", Text, primary_key=True),
    Column("model_id", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("calls", BigInteger, nullable=False, server_default=text("0")),
    Column("tokens", BigInteger, nullable=False, server_default=text("0")),
    Column("amounts", JSON, nullable=False),
    Column("unpriced", BigInteger, nullable=False, server_default=text("0")),
    Column("unsettled", BigInteger, nullable=False, server_default=text("0")),
    Column("price_as_of", Date),
    Column("claimed_tokens", BigInteger, nullable=False, server_default=text("0")),
    Column("claimed_amounts", JSON, nullable=False),
)
"""What each language model has used in each day (UTC), and what calls under way have set aside; amounts are decimals by currency."""

api_key = Table(
    "api_key",
    metadata,
    Column("workspace", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime),
    Column("revoked_at", UTCDateTime),
    Column("last_used_at", UTCDateTime),
    Column("rate", Double),
)
"""Every API key that was ever made; ``digest`` is the SHA-256 of its text, which is kept nowhere.

``rate``: requests a second, 0 for no limit, null as the settings say.
"""

sign_in = Table(
    "sign_in",
    metadata,
    Column("workspace", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("key_id", Text, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False),
)
"""Who signed in to the dashboard; ``digest`` is the SHA-256 of the session's token, ``key_id`` the key that opened it."""

idempotency_key = Table(
    "idempotency_key",
    metadata,
    Column("workspace", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("lease_until", UTCDateTime, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("status", BigInteger),
    Column("body", Text),
    Column("headers", JSON(none_as_null=True)),
    Index("ix_idempotency_key_created", "workspace", "created_at"),
)
"""Requests under an ``Idempotency-Key``: the key is a digest of caller, route and key; ``status`` is NULL while a request is at work."""

outcome_count = Table(
    "outcome_count",
    metadata,
    Column("workspace", Text, primary_key=True),
    Column("model_id", Text, primary_key=True),
    Column("period_start", UTCDateTime, primary_key=True),
    Column("outcomes", BigInteger, nullable=False),
    Column("correct", BigInteger, nullable=False),
)
"""How many answers of each model and hour are judged, and how many of them were right; shadow answers are left out."""

alert_incident = Table(
    "alert_incident",
    metadata,
    Column("workspace", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("opened_at", UTCDateTime, nullable=False),
    Column("closed_at", UTCDateTime),
    Column("open_key", Text),
    Column("good_minutes", BigInteger, nullable=False),
    Column("last_minute", BigInteger, nullable=False),
    Index("uq_alert_incident_open_key", "workspace", "open_key", unique=True),
    Index("ix_alert_incident_opened", "workspace", "opened_at"),
)
"""Everything that was alerted; ``open_key`` is rule and subject while it is open, so that no two are open for the same at once."""

alert_delivery = Table(
    "alert_delivery",
    metadata,
    Column("workspace", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("sink", Text, primary_key=True),
    Column("incident_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("next_attempt_at", UTCDateTime),
    Column("claimed_until", UTCDateTime),
    Column("delivered_at", UTCDateTime),
    Column("problem", Text),
    Index("ix_alert_delivery_due", "workspace", "next_attempt_at"),
)
"""Every message of an incident to one sink; ``next_attempt_at`` is NULL once it arrived or was given up."""

erasure = Table(
    "erasure",
    metadata,
    Column("workspace", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("model_ids", JSON, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("subject_digest", Text),
    Index("ix_erasure_subject_digest", "workspace", "subject_digest"),
)
"""Erasures of the last thirty days: the models whose cached answers they concern, and a digest of the object.

The digest is that of workspace, type and id. By it a prediction that was made before, and comes late from the journal of another
machine, is known and not taken in.
"""
