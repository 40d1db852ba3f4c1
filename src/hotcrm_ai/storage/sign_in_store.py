"""Keeps the sign-ins of a workspace in ``sign_in``."""

from __future__ import annotations

from sqlalchemy import Connection, Row, and_, delete, insert, select

from hotcrm_ai.domain.access import APIKey
from hotcrm_ai.ports.sign_in_store import KeptSignIn
from hotcrm_ai.storage.database import Database
from hotcrm_ai.storage.key_store import read_key
from hotcrm_ai.storage.tables import api_key as keys
from hotcrm_ai.storage.tables import sign_in as sign_ins


class SQLSignInStore:
    """A ``SignInStore`` over SQLite or PostgreSQL; every method raises ``StorageError`` where the database fails."""

    def __init__(self, database: Database, workspace: str) -> None:
        self._database = database
        self._workspace = workspace

    async def add(self, sign_in: KeptSignIn) -> None:
        """Keep a sign-in, and forget those that ended before it began."""
        ended = delete(sign_ins).where(
            sign_ins.c.workspace == self._workspace, sign_ins.c.expires_at <= sign_in.created_at
        )
        row = {
            "workspace": self._workspace,
            "digest": sign_in.digest,
            "key_id": sign_in.key_id,
            "created_at": sign_in.created_at,
            "expires_at": sign_in.expires_at,
        }

        def added(connection: Connection) -> None:
            connection.execute(ended)
            connection.execute(insert(sign_ins), row)

        await self._database.run(added, write=True)

    async def find(self, digest: str) -> tuple[KeptSignIn, APIKey] | None:
        """Return the sign-in of that digest with its key, each in whatever state it is."""
        found = await self._database.run(lambda connection: self._find(connection, digest))
        if found is None:
            return None
        row, key_row = found
        return KeptSignIn(row.digest, row.key_id, row.created_at, row.expires_at), read_key(key_row)

    async def remove(self, digest: str) -> None:
        """Forget a sign-in, where it is there."""
        there = delete(sign_ins).where(sign_ins.c.workspace == self._workspace, sign_ins.c.digest == digest)
        await self._database.run(lambda connection: connection.execute(there), write=True)

    def _find(
        self, connection: Connection, digest: str
    ) -> tuple[Row[tuple[object, ...]], Row[tuple[object, ...]]] | None:
        ours = and_(sign_ins.c.workspace == self._workspace, sign_ins.c.digest == digest)
        row = connection.execute(select(sign_ins).where(ours)).one_or_none()
        if row is None:
            return None
        place = and_(keys.c.workspace == self._workspace, keys.c.id == row.key_id)
        key_row = connection.execute(select(keys).where(place)).one_or_none()
        return None if key_row is None else (row, key_row)
