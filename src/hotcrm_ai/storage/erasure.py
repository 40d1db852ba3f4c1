"""Deletes logged predictions: by age, or all about one object, down to the last byte of the database's files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, delete, exc, select

from hotcrm_ai.storage.database import Database
from hotcrm_ai.storage.database_errors import storage_error
from hotcrm_ai.storage.erasure_notes import digest_of, note_erasure, stand_alone
from hotcrm_ai.storage.tables import ai_prediction as predictions
from hotcrm_ai.storage.tables import idempotency_key as answers

_AT_A_TIME: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was deleted: how many predictions, and which models had given or been asked for them."""

    predictions: int
    model_ids: tuple[str, ...]


def delete_object(connection: Connection, workspace: str, object_type: str, object_id: str, *, now: datetime) -> Erased:
    """Delete every prediction about an object, and all kept answers of the API, any of which may tell of it.

    For other processes it is noted which models' cached answers that concerns, and by a digest that late predictions about it are not
    wanted any more.
    """
    stand_alone(connection)
    about: list[ColumnElement[Any]] = [
        predictions.c.workspace == workspace,
        predictions.c.object_type == object_type,
        predictions.c.object_id == object_id,
    ]
    models = connection.execute(
        select(predictions.c.model_id, predictions.c.requested_model_id).where(*about).distinct()
    )
    model_ids = tuple(sorted({model_id for pair in models for model_id in pair}))
    count = connection.execute(delete(predictions).where(*about)).rowcount
    connection.execute(delete(answers).where(answers.c.workspace == workspace, answers.c.status.is_not(None)))
    subject = digest_of(workspace, object_type, object_id)
    note_erasure(connection, workspace, model_ids, now=now, subject=subject)
    return Erased(predictions=count, model_ids=model_ids)


def delete_older(connection: Connection, workspace: str, before: datetime) -> int:
    """Delete some thousand predictions that were made before a moment; return how many, 0 where none are left."""
    old = (
        select(predictions.c.id)
        .where(predictions.c.workspace == workspace, predictions.c.created_date < before)
        .limit(_AT_A_TIME)
    )
    return connection.execute(
        delete(predictions).where(predictions.c.workspace == workspace, predictions.c.id.in_(old))
    ).rowcount


def scrub(database: Database) -> None:
    """Write the prediction log anew, so that what was deleted is in no free page and no write-ahead log of SQLite any more.

    It needs the table for itself meanwhile: on PostgreSQL ``VACUUM FULL`` of the tables, on SQLite ``VACUUM`` of the file. Predictions that
    are answered in the meantime wait in their journals.

    Raises:
        StorageError: the database failed, or others use it all the time; deleted rows stay deleted.
    """
    try:
        with database.engine.connect() as connection:
            if database.is_sqlite:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("VACUUM")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            else:
                alone = connection.execution_options(isolation_level="AUTOCOMMIT")
                alone.exec_driver_sql("VACUUM (FULL) ai_prediction, idempotency_key")
    except exc.SQLAlchemyError as problem:
        raise storage_error(problem, name=database.name) from problem
