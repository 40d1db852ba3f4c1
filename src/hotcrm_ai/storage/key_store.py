"""Keeps the API keys of a workspace in ``api_key``."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from hotcrm_ai.domain.access import APIKey
from hotcrm_ai.ports.key_store import KeptKey
from hotcrm_ai.storage.database import Database
from hotcrm_ai.storage.tables import api_key as keys

KEY_SECONDS: Final = 1.5
"""How long the database may take to tell a key: less than the two seconds that a prediction has by default."""


class SQLKeyStore:
    """A ``KeyStore`` over SQLite or PostgreSQL; every method raises ``StorageError`` where the database fails."""

    def __init__(self, database: Database, workspace: str) -> None:
        self._database = database
        self._workspace = workspace

    async def add(self, kept: KeptKey) -> None:
        """Keep a new key."""
        key = kept.key
        row = {
            "workspace": self._workspace,
            "id": key.id,
            "name": key.name,
            "digest": kept.digest,
            "scopes": list(key.scopes),
            "created_at": key.created_at,
            "expires_at": key.expires_at,
            "rate": key.rate,
        }
        await self._database.run(lambda connection: connection.execute(insert(keys), row), write=True)

    async def find(self, key_id: str) -> KeptKey | None:
        """Return the key of that id, in whatever state it is."""
        row = await self._database.run(lambda connection: self._row(connection, key_id), seconds=KEY_SECONDS)
        return None if row is None else KeptKey(read_key(row), row.digest)

    async def list_keys(self) -> list[APIKey]:
        """Return all keys, the oldest first."""
        query = select(keys).where(keys.c.workspace == self._workspace).order_by(keys.c.created_at, keys.c.id)
        rows = await self._database.run(lambda connection: connection.execute(query).all(), seconds=KEY_SECONDS)
        return [read_key(row) for row in rows]

    async def revoke(self, key_id: str, *, at: datetime) -> APIKey | None:
        """Mark a key as revoked and return it; one that was revoked before keeps its moment."""
        change = update(keys).where(*self._place(key_id), keys.c.revoked_at.is_(None)).values(revoked_at=at)

        def revoked(connection: Connection) -> Row[tuple[object, ...]] | None:
            connection.execute(change)
            return self._row(connection, key_id)

        row = await self._database.run(revoked, write=True)
        return None if row is None else read_key(row)

    async def note_use(self, key_id: str, *, at: datetime) -> None:
        """Keep when a key was last used."""
        change = update(keys).where(*self._place(key_id)).values(last_used_at=at)
        await self._database.run(lambda connection: connection.execute(change), write=True)

    def _row(self, connection: Connection, key_id: str) -> Row[tuple[object, ...]] | None:
        return connection.execute(select(keys).where(*self._place(key_id))).one_or_none()

    def _place(self, key_id: str) -> tuple[ColumnElement[bool], ...]:
        return (keys.c.workspace == self._workspace, keys.c.id == key_id)


def read_key(row: Row[tuple[object, ...]]) -> APIKey:
    """Return the key of a row of ``api_key``."""
    return APIKey(
        id=row.id,
        name=row.name,
        scopes=tuple(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        rate=row.rate,
    )
