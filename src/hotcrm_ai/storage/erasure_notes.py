"""Notes which models' cached answers an erasure concerns, so that every process of the workspace forgets its own."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from hotcrm_ai.storage.database import Database
from hotcrm_ai.storage.tables import erasure as erasures

KEPT: Final = timedelta(days=1)


def note_erasure(connection: Connection, workspace: str, model_ids: Sequence[str], *, now: datetime) -> None:
    """Note an erasure within its transaction: the models, and nothing of whom it was about; notes of yesterday go."""
    old = delete(erasures).where(erasures.c.workspace == workspace, erasures.c.created_at < now - KEPT)
    connection.execute(old)
    row = {"workspace": workspace, "id": secrets.token_hex(16), "model_ids": list(model_ids), "created_at": now}
    connection.execute(insert(erasures), row)


class SQLErasureNotes:
    """The notes of a workspace's erasures over SQLite or PostgreSQL."""

    def __init__(self, database: Database, workspace: str) -> None:
        self._database = database
        self._workspace = workspace

    async def since(self, moment: datetime) -> dict[str, tuple[str, ...]]:
        """Return by id which models each erasure since then concerned; raises ``StorageError``."""
        query = select(erasures.c.id, erasures.c.model_ids).where(
            erasures.c.workspace == self._workspace, erasures.c.created_at >= moment
        )
        rows = await self._database.run(lambda connection: connection.execute(query).all())
        return {id_: tuple(model_ids) for id_, model_ids in rows}
