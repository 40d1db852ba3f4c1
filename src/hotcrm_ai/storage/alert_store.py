"""Keeps incidents and their messages in ``alert_incident`` and ``alert_delivery``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hotcrm_ai.domain.alert import AlertMessage, Delivery, Finding, Incident, MessageKind
from hotcrm_ai.storage.database import Database
from hotcrm_ai.storage.tables import alert_delivery as deliveries
from hotcrm_ai.storage.tables import alert_incident as incidents

_MINUTE: Final = 60
_MOST_WAITING: Final = 1_000


class SQLAlertStore:
    """An ``AlertStore`` over SQLite or PostgreSQL; every method raises ``StorageError`` where the database fails."""

    def __init__(self, database: Database, workspace: str, *, new_id: Callable[[], str]) -> None:
        self._database = database
        self._workspace = workspace
        self._new_id = new_id

    async def note(
        self, finding: Finding, *, now: datetime, sinks: Sequence[str], good_minutes: int
    ) -> Incident | None:
        """Take in what a rule found; return the incident that this opened or closed, with a message to each sink, else None.

        An incident is over after so many minutes in a row in which something good was seen and nothing bad. Minutes are told apart by
        their number, so that no step of the clock makes several of one.
        """

        def work(connection: Connection) -> Incident | None:
            if finding.reason is not None:
                return self._open(connection, finding, finding.reason, now, sinks)
            return self._close(connection, finding, now, sinks, good_minutes)

        if not await self._database.run(lambda connection: self._concerns(connection, finding)):
            return None
        return await self._database.run(work, write=True)

    async def incidents(
        self, *, is_open: bool | None = None, limit: int = 100, after: str | None = None
    ) -> list[Incident]:
        """Return incidents, the newest first; those that come after one of that id, where it is given."""
        query = select(incidents).where(incidents.c.workspace == self._workspace)
        if after is not None:
            last = select(incidents.c.opened_at).where(
                incidents.c.workspace == self._workspace, incidents.c.id == after
            )
            is_older = incidents.c.opened_at < last.scalar_subquery()
            is_as_old = and_(incidents.c.opened_at == last.scalar_subquery(), incidents.c.id > after)
            query = query.where(or_(is_older, is_as_old))
        if is_open is not None:
            query = query.where(incidents.c.closed_at.is_(None) if is_open else incidents.c.closed_at.is_not(None))
        query = query.order_by(incidents.c.opened_at.desc(), incidents.c.id).limit(limit)
        rows = await self._database.run(lambda connection: connection.execute(query).all())
        return [_incident(row) for row in rows]

    async def claim(self, *, now: datetime, until: datetime, limit: int = 20) -> list[Delivery]:
        """Return messages that are due, and keep them from other processes until then; earlier ones of a sink and incident first."""
        return await self._database.run(lambda connection: self._claim(connection, now, until, limit), write=True)

    async def settle(
        self, delivery: Delivery, *, delivered_at: datetime | None, next_attempt_at: datetime | None
    ) -> None:
        """Note that a message arrived, or when to try again; with neither it is given up, and kept as such."""
        change = (
            update(deliveries)
            .where(
                deliveries.c.workspace == self._workspace,
                deliveries.c.id == delivery.message.id,
                deliveries.c.sink == delivery.sink,
            )
            .values(
                attempts=delivery.attempts,
                problem=delivery.problem,
                delivered_at=delivered_at,
                next_attempt_at=next_attempt_at,
                claimed_until=None,
            )
        )
        await self._database.run(lambda connection: connection.execute(change), write=True)

    async def waiting(self) -> list[Delivery]:
        """Return messages that have not arrived, those given up among them, oldest first."""
        query = _with_incident(deliveries.c.workspace == self._workspace, deliveries.c.delivered_at.is_(None))
        rows = await self._database.run(lambda connection: connection.execute(query.limit(_MOST_WAITING)).all())
        return [self._delivery(row) for row in rows]

    def _concerns(self, connection: Connection, finding: Finding) -> bool:
        """Tell by reading alone whether a finding can change anything, so that a workspace where all is well is not written to."""
        return finding.reason is not None or self._found(connection, finding) is not None

    def _found(self, connection: Connection, finding: Finding) -> Row[Any] | None:
        return connection.execute(select(incidents).where(*self._place(finding))).one_or_none()

    def _place(self, finding: Finding) -> tuple[ColumnElement[bool], ...]:
        return (incidents.c.workspace == self._workspace, incidents.c.open_key == _open_key(finding))

    def _open(
        self, connection: Connection, finding: Finding, reason: str, now: datetime, sinks: Sequence[str]
    ) -> Incident | None:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        incident_id = self._new_id()
        row = {
            "workspace": self._workspace,
            "id": incident_id,
            "rule": finding.rule,
            "subject": finding.subject,
            "reason": reason,
            "opened_at": now,
            "open_key": _open_key(finding),
            "good_minutes": 0,
            "last_minute": _minute(now),
        }
        opened = dialect.insert(incidents).on_conflict_do_nothing().returning(incidents.c.id)
        if connection.execute(opened, row).one_or_none() is None:
            connection.execute(
                update(incidents)
                .where(*self._place(finding))
                .values(good_minutes=0, last_minute=_minute(now), reason=reason)
            )
            return None
        incident = Incident(id=incident_id, rule=finding.rule, subject=finding.subject, reason=reason, opened_at=now)
        self._tell(connection, incident, "alert", now, sinks)
        return incident

    def _close(
        self, connection: Connection, finding: Finding, now: datetime, sinks: Sequence[str], good_minutes: int
    ) -> Incident | None:
        minute = _minute(now)
        counted = update(incidents).where(*self._place(finding), incidents.c.last_minute != minute)
        connection.execute(counted.values(good_minutes=incidents.c.good_minutes + 1, last_minute=minute))
        over = update(incidents).where(*self._place(finding), incidents.c.good_minutes >= good_minutes)
        found = self._found(connection, finding)
        if found is None or connection.execute(over.values(closed_at=now, open_key=None)).rowcount != 1:
            return None
        incident = msgspec.structs.replace(_incident(found), closed_at=now)
        self._tell(connection, incident, "recovery", now, sinks)
        return incident

    def _tell(
        self, connection: Connection, incident: Incident, kind: MessageKind, now: datetime, sinks: Sequence[str]
    ) -> None:
        rows = [
            {
                "workspace": self._workspace,
                "id": f"{incident.id}-{kind}",
                "sink": sink,
                "incident_id": incident.id,
                "kind": kind,
                "created_at": now,
                "attempts": 0,
                "next_attempt_at": now,
            }
            for sink in sinks
        ]
        connection.execute(insert(deliveries), rows)

    def _claim(self, connection: Connection, now: datetime, until: datetime, limit: int) -> list[Delivery]:
        earlier = deliveries.alias("earlier")
        comes_later = (
            select(earlier.c.id)
            .where(
                earlier.c.workspace == deliveries.c.workspace,
                earlier.c.incident_id == deliveries.c.incident_id,
                earlier.c.sink == deliveries.c.sink,
                earlier.c.kind == "alert",
                deliveries.c.kind == "recovery",
                earlier.c.next_attempt_at.is_not(None),
            )
            .exists()
        )
        is_free = or_(deliveries.c.claimed_until.is_(None), deliveries.c.claimed_until < now)
        due = _with_incident(
            deliveries.c.workspace == self._workspace, deliveries.c.next_attempt_at <= now, is_free, ~comes_later
        )
        claimed = []
        for row in connection.execute(due.limit(limit)).all():
            taken = update(deliveries).where(
                deliveries.c.workspace == self._workspace,
                deliveries.c.id == row.message_id,
                deliveries.c.sink == row.sink,
                deliveries.c.next_attempt_at.is_not(None),
                is_free,
            )
            if connection.execute(taken.values(claimed_until=until)).rowcount == 1:
                claimed.append(self._delivery(row))
        return claimed

    def _delivery(self, row: Row[Any]) -> Delivery:
        closed_at = row.closed_at if row.kind == "recovery" else None
        message = AlertMessage(
            id=row.message_id,
            kind=row.kind,
            workspace=self._workspace,
            incident=msgspec.structs.replace(_incident(row), closed_at=closed_at),
            created_at=row.created_at,
        )
        return Delivery(message=message, sink=row.sink, attempts=row.attempts, problem=row.problem)


def _with_incident(*chosen: ColumnElement[bool]) -> Any:
    columns = [deliveries.c[name] for name in ("sink", "kind", "created_at", "attempts", "problem")]
    joined = and_(incidents.c.workspace == deliveries.c.workspace, incidents.c.id == deliveries.c.incident_id, *chosen)
    return (
        select(deliveries.c.id.label("message_id"), *columns, *(incidents.c[name] for name in _INCIDENT))
        .join_from(deliveries, incidents, joined)
        .order_by(deliveries.c.created_at, deliveries.c.id, deliveries.c.sink)
    )


_INCIDENT: Final = ("id", "rule", "subject", "reason", "opened_at", "closed_at")


def _incident(row: Row[Any]) -> Incident:
    return Incident(**{name: getattr(row, name) for name in _INCIDENT})


def _minute(moment: datetime) -> int:
    return int(moment.timestamp()) // _MINUTE


def _open_key(finding: Finding) -> str:
    return f"{finding.rule}:{finding.subject}"
