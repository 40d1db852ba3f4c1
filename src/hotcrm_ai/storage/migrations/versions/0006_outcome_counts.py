"""Add the counts of outcomes by the hour, filled from the predictions whose outcome is known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotcrm_ai.storage.column_types import UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_HOURS = {
    "sqlite": "strftime('%Y-%m-%d %H:00:00.000000', created_date)",
    "postgresql": "date_trunc('hour', created_date, 'UTC')",
}


def upgrade() -> None:
    """Add the table and count what is judged so far."""
    counts = op.create_table(
        "outcome_count",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("period_start", UTCDateTime(), nullable=False),
        sa.Column("outcomes", sa.BigInteger(), nullable=False),
        sa.Column("correct", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "model_id", "period_start", name="pk_outcome_count"),
    )
    names = ("workspace", "model_id", "is_correct", "shadow")
    judged = sa.table("ai_prediction", *(sa.column(name, sa.Boolean) for name in names))
    hour: sa.ColumnElement[str] = sa.literal_column(_HOURS[op.get_bind().dialect.name])
    found = (
        sa.select(
            judged.c.workspace,
            judged.c.model_id,
            hour,
            sa.func.count(),
            sa.func.sum(sa.case((judged.c.is_correct, 1), else_=0)),
        )
        .where(judged.c.is_correct.is_not(None), judged.c.shadow.is_(sa.false()))
        .group_by(judged.c.workspace, judged.c.model_id, hour)
    )
    op.execute(counts.insert().from_select([column.name for column in counts.columns], found))
