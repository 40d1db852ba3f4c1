"""Add what language models use in each day: tokens, money, and what is set aside for calls under way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; nothing that is there changes."""
    op.create_table(
        "ai_model_usage",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("tokens", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("amounts", sa.JSON(), nullable=False),
        sa.Column("unpriced", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("unsettled", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("price_as_of", sa.Date()),
        sa.Column("claimed_tokens", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("claimed_amounts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "model_id", "day", name="pk_ai_model_usage"),
    )
