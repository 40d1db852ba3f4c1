"""Add the attempts of a prediction, the index of judged predictions, and the performance of every model by the minute."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotcrm_ai.storage.column_types import UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, the index and the table; nothing that is there changes."""
    op.add_column("ai_prediction", sa.Column("attempts", sa.JSON(none_as_null=True)))
    op.create_index(
        "ix_ai_prediction_judged",
        "ai_prediction",
        ["workspace", "model_id", "created_date", "shadow", "is_correct"],
        sqlite_where=sa.text("is_correct IS NOT NULL"),
        postgresql_where=sa.text("is_correct IS NOT NULL"),
    )
    op.create_table(
        "ai_model_performance",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("period_start", UTCDateTime(), nullable=False),
        sa.Column("period_end", UTCDateTime(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("model_name", sa.Text()),
        sa.Column("total_predictions", sa.BigInteger(), nullable=False),
        sa.Column("successful_predictions", sa.BigInteger(), nullable=False),
        sa.Column("failed_predictions", sa.BigInteger(), nullable=False),
        sa.Column("average_latency_ms", sa.Double()),
        sa.Column("p95_latency_ms", sa.Double()),
        sa.Column("p99_latency_ms", sa.Double()),
        sa.Column("average_confidence", sa.Double()),
        sa.Column("cache_hit_rate", sa.Double()),
        sa.Column("error_rate", sa.Double()),
        sa.Column("accuracy", sa.Double()),
        sa.Column("health_status", sa.Text()),
        sa.Column("sketches", sa.JSON(), nullable=False),
        sa.Column("last_updated", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint(
            "workspace", "model_id", "period_start", "period_end", "source", name="pk_ai_model_performance"
        ),
    )
    op.create_index("ix_ai_model_performance_period", "ai_model_performance", ["workspace", "period_end"])
