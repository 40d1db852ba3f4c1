"""Runs the steps on the connection and in the transaction of the caller."""

from __future__ import annotations

from alembic import context

from hotcrm_ai.storage.tables import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
