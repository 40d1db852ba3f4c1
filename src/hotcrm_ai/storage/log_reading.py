"""Reads the prediction log for pages: the latest answers of models, and those about records; never more than asked for."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

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
        .order_by(predictions.c.created_date.desc())
        .limit(limit)
    )
    return await database.run(lambda connection: [prediction_of(row) for row in connection.execute(query)])
