"""Notes what was erased, so that every process of the workspace forgets its cached answers, and nothing of it comes back late."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select

from hotcrm_ai.storage.database import Database
from hotcrm_ai.storage.tables import erasure as erasures

KEPT: Final = timedelta(days=30)
"""So long a late prediction about an erased object is known; a machine that was away for longer has to be erased on its own."""

_LOCK: Final = 5_402_118_737
"""The key of PostgreSQL's advisory lock between erasing and taking in; any number that others do not use."""


def note_erasure(
    connection: Connection, workspace: str, model_ids: Sequence[str], *, now: datetime, subject: str | None = None
) -> None:
    """Note an erasure within its transaction: the models, and of whom it was about a digest; old notes go."""
    old = delete(erasures).where(erasures.c.workspace == workspace, erasures.c.created_at < now - KEPT)
    connection.execute(old)
    row = {
        "workspace": workspace,
        "id": secrets.token_hex(16),
        "model_ids": list(model_ids),
        "created_at": now,
        "subject_digest": subject,
    }
    connection.execute(insert(erasures), row)


def digest_of(workspace: str, object_type: str, object_id: str) -> str:
    """Return the digest by which an erased object is known."""
    return hashlib.sha256("\0".join((workspace, object_type, object_id)).encode()).hexdigest()


def stand_alone(connection: Connection) -> None:
    """Let nobody take in predictions until this transaction ends; on SQLite a transaction that writes is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def without_erased(
    connection: Connection, workspace: str, rows: Sequence[dict[str, Any]], *, now: datetime
) -> list[dict[str, Any]]:
    """Return the rows that may be kept: not those made before the object that they are about was erased.

    For the models of those left out another note is made, so that the process that gave the answers forgets them, too.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock_shared(_LOCK)))
    digests = [_digest_of_row(workspace, row) for row in rows]
    erased_at = _erased_at(connection, workspace, {digest for digest in digests if digest is not None})
    kept, models = [], set()
    for row, digest in zip(rows, digests, strict=True):
        if digest in erased_at and row["created_date"] <= erased_at[digest]:
            models |= {row["model_id"], row["requested_model_id"]}
        else:
            kept.append(row)
    if models:
        note_erasure(connection, workspace, sorted(models), now=now)
    return kept


def _erased_at(connection: Connection, workspace: str, digests: Collection[str]) -> dict[str | None, datetime]:
    if not digests:
        return {}
    query = (
        select(
            erasures.c.subject_digest,
            func.max(erasures.c.created_at, type_=erasures.c.created_at.type).label("erased_at"),
        )
        .where(erasures.c.workspace == workspace, erasures.c.subject_digest.in_(digests))
        .group_by(erasures.c.subject_digest)
    )
    return {row.subject_digest: row.erased_at for row in connection.execute(query)}


def _digest_of_row(workspace: str, row: Mapping[str, Any]) -> str | None:
    object_type, object_id = row["object_type"], row["object_id"]
    return None if object_type is None or object_id is None else digest_of(workspace, object_type, object_id)


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
