"""Add the incidents that were alerted, and the messages that tell of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotcrm_ai.storage.column_types import UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the two tables; nothing that is there changes."""
    op.create_table(
        "alert_incident",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("closed_at", UTCDateTime()),
        sa.Column("open_key", sa.Text()),
        sa.Column("good_minutes", sa.BigInteger(), nullable=False),
        sa.Column("last_minute", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "id", name="pk_alert_incident"),
    )
    op.create_index("uq_alert_incident_open_key", "alert_incident", ["workspace", "open_key"], unique=True)
    op.create_index("ix_alert_incident_opened", "alert_incident", ["workspace", "opened_at"])
    op.create_table(
        "alert_delivery",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sink", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("next_attempt_at", UTCDateTime()),
        sa.Column("claimed_until", UTCDateTime()),
        sa.Column("delivered_at", UTCDateTime()),
        sa.Column("problem", sa.Text()),
        sa.PrimaryKeyConstraint("workspace", "id", "sink", name="pk_alert_delivery"),
    )
    op.create_index("ix_alert_delivery_due", "alert_delivery", ["workspace", "next_attempt_at"])
