"""Keeps answered predictions and their outcomes in the workspace database, written in the background in groups."""

from __future__ import annotations

import asyncio
import contextlib
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, bindparam, case, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hotcrm_ai.domain.errors import InvalidRequest, PredictionNotFound, StorageError
from hotcrm_ai.domain.experiment import ArmCount
from hotcrm_ai.domain.outcome import is_correct
from hotcrm_ai.domain.prediction import LoggedPrediction
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.storage.database import Database
from hotcrm_ai.storage.prediction_rows import outcome_json, prediction_of, row_of
from hotcrm_ai.storage.tables import ai_prediction as predictions

GROUP_ROWS: Final = 500
BUFFER_ROWS: Final = 50_000
FLUSH_SECONDS: Final = 0.2
LONGEST_PAUSE_SECONDS: Final = 2.0


class SQLPredictionLog:
    """A ``PredictionLog`` over SQLite or PostgreSQL.

    ``append`` only puts a row into a bounded buffer; a background task writes the buffer every 200 ms or 500 rows. A row leaves the
    buffer when it is committed: while the database fails, rows wait and are tried again, and once the buffer is full ``append`` raises.
    ``aclose`` writes what is left.
    """

    def __init__(
        self,
        database: Database,
        workspace: str,
        clock: Clock,
        *,
        buffer_rows: int = BUFFER_ROWS,
        flush_seconds: float = FLUSH_SECONDS,
    ) -> None:
        self._database = database
        self._workspace = workspace
        self._clock = clock
        self._buffer_rows = buffer_rows
        self._flush_seconds = flush_seconds
        self._waiting: dict[str, tuple[LoggedPrediction, dict[str, Any]]] = {}
        self._writing = asyncio.Lock()
        self._full_group = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._failure: StorageError | None = None

    async def append(self, prediction: LoggedPrediction) -> None:
        """Take one answered prediction into the buffer; an id already waiting is kept as it is.

        Raises:
            StorageError: the buffer is full because the database does not take rows.
            InvalidRequest: the prediction holds a value that no database can keep.
        """
        if len(self._waiting) >= self._buffer_rows:
            raise StorageError(
                f"The prediction log is full: {len(self._waiting)} predictions wait for the database {self._database.name!r}; "
                "bring the database back, then try again."
            ) from self._failure
        self._waiting.setdefault(prediction.id, (prediction, row_of(prediction, workspace=self._workspace)))
        if len(self._waiting) >= GROUP_ROWS:
            self._full_group.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._write_in_background())

    async def flush(self) -> None:
        """Return once everything taken so far is in the database.

        Raises:
            StorageError: the database failed; what is not written stays in the buffer.
        """
        last = next(reversed(self._waiting), None)
        while last in self._waiting:
            await self._write_group()

    async def aclose(self) -> None:
        """Write what is left and stop.

        Raises:
            StorageError: the database failed; the message says how many predictions were not written.
        """
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        try:
            await self.flush()
        except StorageError as problem:
            raise StorageError(
                f"{len(self._waiting)} predictions could not be written to the log. {problem}"
            ) from problem

    async def get(self, prediction_id: str) -> LoggedPrediction | None:
        """Return one logged prediction, whether already written or not."""
        waiting = self._waiting.get(prediction_id)
        if waiting is not None:
            return waiting[0]
        query = select(predictions).where(predictions.c.workspace == self._workspace, predictions.c.id == prediction_id)
        row = await self._database.run(lambda connection: connection.execute(query).one_or_none())
        return None if row is None else prediction_of(row)

    async def record_outcome(
        self, *, prediction_id: str | None = None, object_type: str | None = None, object_id: str | None = None,
        model_id: str | None = None, actual: Any,
    ) -> int:  # fmt: skip
        """Join what really happened with one prediction, or with all of an object by a model; return how many rows.

        A model's predictions of an object are those that it answered and those that were asked of it. An ``actual`` of None takes a
        recorded outcome back.

        Raises:
            PredictionNotFound: no prediction fits.
            InvalidRequest: neither an id nor all three of object type, object id and model were given.
            StorageError: the database failed.
        """
        condition = _condition(prediction_id, object_type, object_id, model_id)
        await self.flush()
        return await self._database.run(lambda connection: self._record(connection, condition, actual), write=True)

    async def count_arms(self, experiment_id: str) -> list[ArmCount]:
        """Count predictions, subjects and outcomes per arm of an experiment, by the model that answered."""
        await self.flush()
        arm = (predictions.c.variant, predictions.c.model_id, predictions.c.model_version)
        query = (
            select(
                *arm,
                func.count().label("predictions"),
                func.count(predictions.c.subject_digest.distinct()).label("subjects"),
                func.avg(predictions.c.confidence_score).label("average_confidence"),
                func.count(predictions.c.is_correct).label("outcomes"),
                func.sum(case((predictions.c.is_correct, 1), else_=0)).label("correct"),
            )
            .where(predictions.c.workspace == self._workspace, predictions.c.experiment_id == experiment_id)
            .group_by(*arm)
            .order_by(*arm)
        )
        rows = await self._database.run(lambda connection: connection.execute(query).mappings().all())
        return [ArmCount(**row) for row in rows]

    async def _write_in_background(self) -> None:
        pause = self._flush_seconds
        while self._waiting:
            await self._pause(pause)
            try:
                await self._write_group()
                pause = self._flush_seconds
            except StorageError as problem:
                self._failure = problem
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _pause(self, seconds: float) -> None:
        """Wait for the time; less where a whole group is there, unless the database just failed."""
        if self._failure is not None:
            await asyncio.sleep(seconds)
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._full_group.wait(), seconds)

    async def _write_group(self) -> None:
        async with self._writing:
            group = list(islice(self._waiting.items(), GROUP_ROWS))
            if not group:
                return
            rows = [row for _, (_, row) in group]
            await self._database.run(lambda connection: _insert(connection, rows), write=True)
            for prediction_id, _ in group:
                del self._waiting[prediction_id]
            self._failure = None
            if len(self._waiting) < GROUP_ROWS:
                self._full_group.clear()

    def _record(self, connection: Connection, condition: Any, actual: Any) -> int:
        found = select(predictions.c.id, predictions.c.prediction_value).where(
            predictions.c.workspace == self._workspace, condition
        )
        rows = connection.execute(found).all()
        if not rows:
            raise PredictionNotFound(
                "No logged prediction fits the outcome; check the prediction's id, or its object and model."
            )
        outcome = {"actual_outcome": outcome_json(actual), "outcome_date": self._clock.now()}
        change = update(predictions).where(
            predictions.c.workspace == self._workspace, predictions.c.id == bindparam("prediction_id")
        )
        connection.execute(
            change, [{"prediction_id": id_, "is_correct": is_correct(value, actual), **outcome} for id_, value in rows]
        )
        return len(rows)


def _condition(prediction_id: str | None, object_type: str | None, object_id: str | None, model_id: str | None) -> Any:
    if prediction_id is not None:
        return predictions.c.id == prediction_id
    if object_type is None or object_id is None or model_id is None:
        raise InvalidRequest(
            "An outcome needs a prediction's id, or an object's type and id together with the model's id."
        )
    return (
        (predictions.c.object_type == object_type)
        & (predictions.c.object_id == object_id)
        & or_(predictions.c.model_id == model_id, predictions.c.requested_model_id == model_id)
    )


def _insert(connection: Connection, rows: list[dict[str, Any]]) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(predictions).on_conflict_do_nothing(), rows)
