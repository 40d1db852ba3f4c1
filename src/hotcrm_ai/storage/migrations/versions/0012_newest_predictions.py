"""Add the index by which the newest predictions of a workspace are found, and those old enough to be deleted."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index; nothing that is there changes."""
    op.create_index("ix_ai_prediction_newest", "ai_prediction", ["workspace", "created_date", "id"])
