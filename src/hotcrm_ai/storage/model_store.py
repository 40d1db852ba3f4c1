"""Keeps the registry's revisions in the workspace database."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from sqlalchemy import Connection, Row, and_, func, insert, select, update

from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.domain.model import ModelConfig, Revision
from hotcrm_ai.ports.model_store import Change
from hotcrm_ai.storage.database import Database
from hotcrm_ai.storage.revisions import encode_config, numbered, read_config
from hotcrm_ai.storage.tables import model_revision as revisions
from hotcrm_ai.storage.tables import registry_counter as counters

LOOK_UP_SECONDS: Final = 5.0
LOOK_UP_PAUSE_SECONDS: Final = 0.2


class SQLModelStore:
    """A ``ModelStore`` over SQLite or PostgreSQL; changes of one workspace happen one after the other, also across processes."""

    def __init__(self, database: Database, workspace: str) -> None:
        self._database = database
        self._workspace = workspace
        self._known: tuple[int, dict[str, ModelConfig]] | None = None

    async def load(self) -> tuple[int, dict[str, ModelConfig]]:
        """Return the change counter and every present model by id."""
        return await self._database.run(self._load)

    async def changes_since(self, counter: int) -> tuple[int, dict[str, ModelConfig | None]] | None:
        """Return the change counter and the models that changed after it was that high, as they are now (None: removed).

        Nothing where the store does not know every change since then.
        """
        return await self._database.run(lambda connection: self._changed(connection, counter))

    async def counter(self) -> int:
        """Return the change counter alone."""
        return await self._database.run(self._counter)

    async def apply(self, change: Change) -> tuple[int, Revision]:
        """Run ``change`` on the present models and append what it returns, while no other change can come between.

        Where the connection is lost during the commit, the revision is looked up: it was kept, or it was not and the error says so.
        """
        proposed: list[tuple[int, Revision]] = []

        def apply(connection: Connection) -> tuple[int, Revision]:
            proposed.append(self._apply(connection, change))
            return proposed[-1]

        try:
            return await self._database.run(apply, write=True)
        except StorageError as lost:
            if not lost.details.get("outcome_unknown"):
                raise
            count, revision = proposed[-1]
            if revision in await self._looked_up(revision.model_id, lost):
                return count, revision
            raise StorageError(
                f"The database was lost before the change of model {revision.model_id!r} was kept; make the change again.",
                temporary=True,
            ) from lost

    async def history(self, model_id: str) -> list[Revision]:
        """Return all revisions of one model, oldest first."""
        query = (
            select(revisions)
            .where(revisions.c.workspace == self._workspace, revisions.c.model_id == model_id)
            .order_by(revisions.c.number)
        )
        rows = await self._database.run(lambda connection: connection.execute(query).all())
        return [_read_revision(row) for row in rows]

    async def _looked_up(self, model_id: str, lost: StorageError) -> list[Revision]:
        """Return a model's history as soon as the database tells it; raises ``lost`` where it does not in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_UP_SECONDS):
                while True:
                    with contextlib.suppress(StorageError):
                        return await self.history(model_id)
                    await asyncio.sleep(LOOK_UP_PAUSE_SECONDS)
        raise lost

    def _load(self, connection: Connection) -> tuple[int, dict[str, ModelConfig]]:
        # The counter is read first: a change that commits in between is then seen again, never missed.
        return self._counter(connection), self._present(connection)

    def _counter(self, connection: Connection) -> int:
        query = select(counters.c.changes).where(counters.c.workspace == self._workspace)
        return connection.scalar(query) or 0

    def _present(self, connection: Connection) -> dict[str, ModelConfig]:
        newest = (
            select(revisions.c.model_id, func.max(revisions.c.number).label("number"))
            .where(revisions.c.workspace == self._workspace)
            .group_by(revisions.c.model_id)
            .subquery()
        )
        query = (
            select(revisions.c.model_id, revisions.c.config)
            .join(newest, and_(revisions.c.model_id == newest.c.model_id, revisions.c.number == newest.c.number))
            .where(revisions.c.workspace == self._workspace, revisions.c.config.is_not(None))
            .order_by(revisions.c.model_id)
        )
        return {model_id: read_config(config, what=model_id) for model_id, config in connection.execute(query)}

    def _changed(self, connection: Connection, counter: int) -> tuple[int, dict[str, ModelConfig | None]] | None:
        present = self._counter(connection)
        query = (
            select(revisions.c.model_id, revisions.c.config)
            .where(revisions.c.workspace == self._workspace, revisions.c.change > counter)
            .order_by(revisions.c.change)
        )
        rows = connection.execute(query).all()
        if not 0 <= present - counter <= len(rows):
            # An older version of this package, which does not number its changes, works on the same database, or that was replaced.
            return None
        newest = {row.model_id: row.config for row in rows}
        return present, {
            id_: None if config is None else read_config(config, what=id_) for id_, config in newest.items()
        }

    def _apply(self, connection: Connection, change: Change) -> tuple[int, Revision]:
        count = self._lock(connection) + 1
        proposed = change(dict(self._before(connection, count - 1)))
        last = select(func.max(revisions.c.number)).where(
            revisions.c.workspace == self._workspace, revisions.c.model_id == proposed.model_id
        )
        revision = numbered(proposed, (connection.scalar(last) or 0) + 1)
        connection.execute(
            insert(revisions),
            {
                "workspace": self._workspace,
                "model_id": revision.model_id,
                "number": revision.number,
                "action": revision.action,
                "config": None if revision.config is None else encode_config(revision.config),
                "created_at": revision.created_at,
                "note": revision.note,
                "change": count,
            },
        )
        connection.execute(update(counters).where(counters.c.workspace == self._workspace).values(changes=count))
        return count, revision

    def _before(self, connection: Connection, counter: int) -> dict[str, ModelConfig]:
        """Return the models before a change, while the lock is held; of many only those are read that changed since the last time."""
        changed = None if self._known is None else self._changed(connection, self._known[0])
        if self._known is None or changed is None:
            models = self._present(connection)
        else:
            joined = {**self._known[1], **changed[1]}
            models = {id_: config for id_, config in sorted(joined.items()) if config is not None}
        self._known = counter, models
        return models

    def _lock(self, connection: Connection) -> int:
        """Lock this workspace's counter until the transaction ends, and return it; SQLite's transaction is the lock itself."""
        query = select(counters.c.changes).where(counters.c.workspace == self._workspace).with_for_update()
        count = connection.scalar(query)
        if count is not None:
            return int(count)
        _insert_missing_counter(connection, self._workspace)
        return int(connection.scalar(query) or 0)


def _insert_missing_counter(connection: Connection, workspace: str) -> None:
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgresql_insert

        connection.execute(postgresql_insert(counters).on_conflict_do_nothing(), {"workspace": workspace, "changes": 0})
        return
    connection.execute(insert(counters), {"workspace": workspace, "changes": 0})


def _read_revision(row: Row[tuple[object, ...]]) -> Revision:
    return Revision(
        model_id=row.model_id,
        number=row.number,
        action=row.action,
        config=None if row.config is None else read_config(row.config, what=row.model_id),
        created_at=row.created_at,
        note=row.note,
    )
