"""Keeps which requests were begun and answered under an ``Idempotency-Key``, for 24 hours and across restarts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, Row, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hotcrm_ai.domain.idempotency import Begun, KeptAnswer
from hotcrm_ai.storage.database import Database
from hotcrm_ai.storage.tables import idempotency_key as keys

KEPT_FOR: Final = timedelta(hours=24)
_PRUNE_EVERY: Final = timedelta(minutes=10)


class SQLIdempotencyStore:
    """An ``IdempotencyStore`` over SQLite or PostgreSQL; every method raises ``StorageError`` where the database fails."""

    def __init__(self, database: Database, workspace: str) -> None:
        self._database = database
        self._workspace = workspace
        self._pruned_at: datetime | None = None

    async def begin(
        self, key: str, *, fingerprint: str, owner: str, now: datetime, lease_until: datetime, is_idempotent: bool
    ) -> Begun:
        """Claim a key for a request, or say why not; of several at once exactly one claims it.

        Where a process died at work, an ``is_idempotent`` request, which leaves the same state when it is done again, takes its place; of
        any other it is ``interrupted``, for it may have had its effect.
        """
        prune = self._pruned_at is None or now - self._pruned_at >= _PRUNE_EVERY
        row = {
            "workspace": self._workspace,
            "key": key,
            "fingerprint": fingerprint,
            "owner": owner,
            "lease_until": lease_until,
            "created_at": now,
        }

        def claim(connection: Connection) -> Begun:
            if prune:
                connection.execute(
                    delete(keys).where(keys.c.workspace == self._workspace, keys.c.created_at <= now - KEPT_FOR)
                )
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            claiming = dialect.insert(keys).values(row).on_conflict_do_nothing().returning(keys.c.key)
            if connection.execute(claiming).one_or_none() is not None:
                return Begun(state="claimed")
            found = connection.execute(select(keys).where(*self._place(key)).with_for_update()).one_or_none()
            if found is None:
                return Begun(state="running")
            return self._meet(connection, found, row, is_idempotent=is_idempotent)

        begun = await self._database.run(claim, write=True)
        if prune:
            self._pruned_at = now
        return begun

    async def renew(self, key: str, *, owner: str, lease_until: datetime) -> None:
        """Prolong a claim while the request is at work."""
        change = update(keys).where(*self._place(key), keys.c.owner == owner).values(lease_until=lease_until)
        await self._database.run(lambda connection: connection.execute(change), write=True)

    async def finish(self, key: str, *, owner: str, answer: KeptAnswer) -> None:
        """Keep the answer of a claimed request."""
        change = (
            update(keys)
            .where(*self._place(key), keys.c.owner == owner)
            .values(status=answer.status, body=answer.body, headers=answer.headers)
        )
        await self._database.run(lambda connection: connection.execute(change), write=True)

    async def release(self, key: str, *, owner: str) -> None:
        """Give a claim back: the request failed and may be sent again."""
        change = delete(keys).where(*self._place(key), keys.c.owner == owner, keys.c.status.is_(None))
        await self._database.run(lambda connection: connection.execute(change), write=True)

    def _meet(
        self, connection: Connection, found: Row[tuple[object, ...]], row: dict[str, object], *, is_idempotent: bool
    ) -> Begun:
        """Say what a request meets whose key is there; a claim that is too old, or ran out and may be taken over, becomes its own."""
        is_old = found.created_at <= row["created_at"] - KEPT_FOR  # type: ignore[operator]  # a moment, as begin wrote it
        if not is_old:
            if found.fingerprint != row["fingerprint"]:
                return Begun(state="other_request")
            if found.status is not None:
                return Begun(
                    state="answered", answer=KeptAnswer(status=found.status, body=found.body, headers=found.headers)
                )
            if found.lease_until > row["created_at"]:
                return Begun(state="running")
            if not is_idempotent:
                return Begun(state="interrupted")
        taken = update(keys).where(*self._place(found.key)).values(**row, status=None, body=None, headers=None)
        connection.execute(taken)
        return Begun(state="claimed")

    def _place(self, key: str) -> tuple[ColumnElement[bool], ...]:
        return keys.c.workspace == self._workspace, keys.c.key == key
