"""Add the rate of each API key; those that are there go by the settings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; nothing that is there changes."""
    op.add_column("api_key", sa.Column("rate", sa.Double()))
