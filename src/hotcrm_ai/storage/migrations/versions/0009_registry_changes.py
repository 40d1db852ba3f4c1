"""Note with every revision which change of the registry it was, so that processes read only what is new to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and its index; revisions that are there stay at 0, for every process has read them at its start."""
    op.add_column("model_revision", sa.Column("change", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
    op.create_index("ix_model_revision_change", "model_revision", ["workspace", "change"])
