"""Note with every erasure a digest of its object, so that predictions that come late from another machine are not taken in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and its index; notes that are there stay without a digest."""
    op.add_column("erasure", sa.Column("subject_digest", sa.Text()))
    op.create_index("ix_erasure_subject_digest", "erasure", ["workspace", "subject_digest"])
