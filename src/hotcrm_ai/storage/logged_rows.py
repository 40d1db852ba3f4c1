"""Reads what a model was asked and what it answered from the prediction log, newest first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from hotcrm_ai.storage.database import Database
from hotcrm_ai.storage.tables import ai_prediction as predictions


async def read_asked(
    database: Database, workspace: str, model_id: str, *, since: datetime, most: int
) -> list[tuple[dict[str, Any], Any]]:
    """Return features and answer of the newest predictions that a model made since then, also in shadow, at most ``most``.

    Raises:
        StorageError: the database failed.
    """
    query = (
        select(predictions.c.input_features, predictions.c.prediction_value)
        .where(
            predictions.c.workspace == workspace,
            predictions.c.model_id == model_id,
            predictions.c.created_date >= since,
        )
        .order_by(predictions.c.created_date.desc(), predictions.c.id)
        .limit(most)
    )
    rows = await database.run(lambda connection: connection.execute(query).all())
    return [(features, answer) for features, answer in rows]
