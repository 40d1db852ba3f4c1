"""Reads the prediction log for pages: the latest answers of models, and those about records; never more than asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from hotcrm_ai.domain.prediction import LoggedPrediction
from hotcrm_ai.storage.database import Database
from hotcrm_ai.storage.prediction_rows import prediction_of
from hotcrm_ai.storage.tables import ai_prediction as predictions


async def latest_of_models(
    database: Database, workspace: str, model_ids: Sequence[str], *, limit: int
) -> list[LoggedPrediction]:
    """Return the newest answers of some models, so many of each at most, newest first; shadow answers are among what is looked at,
    but not returned.

    Raises:
        StorageError: the database failed.
    """

    def read(connection: Connection) -> list[LoggedPrediction]:
        found: list[LoggedPrediction] = []
        for model_id in model_ids:
            query = (
                select(predictions)
                .where(predictions.c.workspace == workspace, predictions.c.model_id == model_id)
                .order_by(predictions.c.created_date.desc())
                .limit(limit)
            )
            found += [prediction_of(row) for row in connection.execute(query) if not row.shadow]
        return found

    return sorted(await database.run(read), key=lambda one: one.created_date, reverse=True)


async def latest_of_objects(
    database: Database, workspace: str, object_type: str, object_ids: Sequence[str], *, limit: int
) -> list[LoggedPrediction]:
    """Return the newest answers about some records, so many in all at most, newest first; shadow answers are left out.

    Raises:
        StorageError: the database failed.
    """
    query = (
        select(predictions)
        .where(
            predictions.c.workspace == workspace,
            predictions.c.object_type == object_type,
            predictions.c.object_id.in_(object_ids),
            predictions.c.shadow.is_(False),
        )
        .order_by(_moment_of_few().desc())
        .limit(limit)
    )
    return await database.run(lambda connection: [prediction_of(row) for row in connection.execute(query)])


async def latest_of_all(
    database: Database,
    workspace: str,
    *,
    limit: int,
    model_id: str | None = None,
    record: tuple[str, str] | None = None,
    before: tuple[datetime, str] | None = None,
) -> list[LoggedPrediction]:
    """Return the newest answers of a workspace, newest first, shadow answers too: of one model, about one record (its type and id), or all.

    ``before`` is the moment and the id of the last one of the page before.

    Raises:
        StorageError: the database failed.
    """
    at: ColumnElement[datetime] = predictions.c.created_date if record is None else _moment_of_few()
    # With the bare id SQLite would take the index of all moments and ids, and walk through the predictions of all other models.
    number: ColumnElement[str] = (
        predictions.c.id if model_id is None else func.coalesce(predictions.c.id, predictions.c.id)
    )
    query = select(predictions).where(predictions.c.workspace == workspace)
    if model_id is not None:
        query = query.where(predictions.c.model_id == model_id)
    if record is not None:
        query = query.where(predictions.c.object_type == record[0], predictions.c.object_id == record[1])
    if before is not None:
        query = query.where(at <= before[0], or_(at < before[0], and_(at == before[0], number < before[1])))
    query = query.order_by(at.desc(), number.desc()).limit(limit)
    return await database.run(lambda connection: [prediction_of(row) for row in connection.execute(query)])


def _moment_of_few() -> ColumnElement[datetime]:
    """Return the moment in a form that no index serves: rows of a few records are found by record and then put in order.

    SQLite would otherwise take the index of moments for the order, and walk through all predictions to find those few.
    """
    return func.coalesce(predictions.c.created_date, predictions.c.created_date)
