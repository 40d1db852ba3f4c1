"""Create the tables of the first version: the registry's revisions and the prediction log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotcrm_ai.storage.column_types import UTCDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables and their indexes."""
    op.create_table(
        "registry_counter",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("changes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", name="pk_registry_counter"),
    )
    op.create_table(
        "model_revision",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("config", sa.Text()),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.PrimaryKeyConstraint("workspace", "model_id", "number", name="pk_model_revision"),
    )
    _create_prediction_log()


def _create_prediction_log() -> None:
    op.create_table(
        "ai_prediction",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("object_type", sa.Text()),
        sa.Column("object_id", sa.Text()),
        sa.Column("prediction_type", sa.Text(), nullable=False),
        sa.Column("input_features", sa.JSON(), nullable=False),
        sa.Column("prediction_value", sa.JSON(none_as_null=True)),
        sa.Column("confidence_score", sa.Double()),
        sa.Column("processing_time_ms", sa.Double(), nullable=False),
        sa.Column("was_cached", sa.Boolean(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("actual_outcome", sa.JSON(none_as_null=True)),
        sa.Column("is_correct", sa.Boolean()),
        sa.Column("outcome_date", UTCDateTime()),
        sa.Column("created_date", UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.Text()),
        sa.Column("requested_model_id", sa.Text(), nullable=False),
        sa.Column("model_revision", sa.BigInteger(), nullable=False),
        sa.Column("bundle_digest", sa.Text()),
        sa.Column("variant", sa.Text(), nullable=False),
        sa.Column("experiment_id", sa.Text()),
        sa.Column("subject_kind", sa.Text()),
        sa.Column("subject_digest", sa.Text()),
        sa.Column("fallback_for", sa.Text()),
        sa.Column("shadow", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "id", name="pk_ai_prediction"),
    )
    op.create_index("ix_ai_prediction_model", "ai_prediction", ["workspace", "model_id", "created_date"])
    op.create_index("ix_ai_prediction_object", "ai_prediction", ["workspace", "object_type", "object_id"])
    op.create_index("ix_ai_prediction_experiment", "ai_prediction", ["workspace", "experiment_id"])
