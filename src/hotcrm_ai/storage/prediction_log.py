"""Keeps answered predictions and their outcomes in the workspace database, written in the background in groups."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from hotcrm_ai.domain.errors import PredictionNotFound, StorageError
from hotcrm_ai.domain.experiment import ArmCount
from hotcrm_ai.domain.live_quality import JudgedPrediction
from hotcrm_ai.domain.outcome import KnownOutcome
from hotcrm_ai.domain.prediction import LoggedPrediction
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.storage.arm_counts import count_arms
from hotcrm_ai.storage.database import LONG_SECONDS, Database
from hotcrm_ai.storage.erasure import Erased, delete_object, delete_older, scrub
from hotcrm_ai.storage.erasure_notes import without_erased
from hotcrm_ai.storage.journal import Journal, read_logged
from hotcrm_ai.storage.outcomes import LabelsOf, are_kept, join_outcomes, meant_by, read_judged, require_subject
from hotcrm_ai.storage.prediction_rows import prediction_of, require_storable, row_of
from hotcrm_ai.storage.tables import ai_prediction as predictions

GROUP_ROWS: Final = 500
FLUSH_SECONDS: Final = 0.2
SYNC_SECONDS: Final = 0.05
LONGEST_PAUSE_SECONDS: Final = 2.0
CLOSING_SECONDS: Final = 5.0
OTHERS_SECONDS: Final = 2.0
ERASE_TRIES: Final = 50
ERASE_PAUSE_SECONDS: Final = 0.2
ADOPT_SECONDS: Final = 10.0
FIRST_PRUNE_SECONDS: Final = 60.0
PRUNE_SECONDS: Final = 3600.0


class SQLPredictionLog:
    """A ``PredictionLog`` over SQLite or PostgreSQL, behind a journal on the local disk.

    ``append`` writes into the journal and waits for nothing else; a background task moves what is there into the database every 200 ms
    or 500 rows. While the database is away rows wait in the journal, are tried again at least every two seconds, and outlive this process;
    once the journal is full ``append`` raises. Another task brings the journal to the disk every 50 ms, for the loss of power.
    """

    def __init__(
        self,
        database: Database,
        workspace: str,
        clock: Clock,
        *,
        journal: Journal,
        flush_seconds: float = FLUSH_SECONDS,
        keep_days: float = 0.0,
        adopt_seconds: float = ADOPT_SECONDS,
        labels_of: LabelsOf = lambda _digest: None,
    ) -> None:
        self._database = database
        self._workspace = workspace
        self._clock = clock
        self._journal = journal
        self._flush_seconds = flush_seconds
        self._keep_days = keep_days
        self._adopt_seconds = adopt_seconds
        self._labels_of = labels_of
        self._closing = asyncio.Event()
        self._adopting: asyncio.Task[None] | None = None
        self._pruning: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()
        self._full_group = asyncio.Event()
        self._moving: asyncio.Task[None] | None = None
        self._syncing: asyncio.Task[None] | None = None
        self._failure: StorageError | None = None

    async def start(self) -> int:
        """Take over what processes that died left in their journals, now and every ten seconds; return how many predictions that are now.

        Raises:
            StorageError: a journal cannot be read.
        """
        found = await self._adopt()
        self._adopting = asyncio.get_running_loop().create_task(self._adopt_in_background())
        if self._keep_days:
            self._pruning = asyncio.get_running_loop().create_task(self._prune_in_background())
        return found

    async def append(self, prediction: LoggedPrediction) -> None:
        """Take one answered prediction; an id already waiting is kept as it is. What was taken outlives this process.

        Raises:
            StorageError: the journal is full because the database does not take rows, or the disk takes none.
            InvalidRequest: the prediction holds a value that no database can keep.
        """
        require_storable(prediction)
        try:
            self._journal.append(prediction)
        except StorageError as problem:
            raise problem from (problem.__cause__ or self._failure)
        self._wake()

    @property
    def waiting(self) -> int:
        """How many predictions of this process are in the journal and not in the database yet."""
        return len(self._journal)

    async def flush(self) -> None:
        """Return once everything taken so far is in the database.

        Raises:
            StorageError: the database failed; what is not written stays in the journal.
        """
        last = self._journal.newest_id()
        while last is not None and last in self._journal:
            await self._write_group()

    async def aclose(self) -> None:
        """Write what is left and stop; what the database does not take within five seconds waits in the journal for the next start."""
        self._closing.set()
        if self._adopting is not None:
            await self._adopting
        for task in (self._moving, self._syncing, self._pruning):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        with contextlib.suppress(StorageError, TimeoutError):
            async with asyncio.timeout(CLOSING_SECONDS):
                await self.flush()
        self._journal.close()

    async def get(self, prediction_id: str) -> LoggedPrediction | None:
        """Return one logged prediction, whether already written or not, also of another process on this machine."""
        if prediction_id in self._journal:
            return self._journal.get(prediction_id)
        kept = await self._kept(prediction_id)
        if kept is not None or not self._journal.others_wait():
            return kept
        return self._journal.get(prediction_id) or await self._kept(prediction_id)

    async def record_outcome(
        self, *, prediction_id: str | None = None, object_type: str | None = None, object_id: str | None = None,
        model_id: str | None = None, actual: Any,
    ) -> int:  # fmt: skip
        """Join what really happened with one prediction, or with all of an object by a model; return how many rows.

        A prediction that another process on this machine has still in its journal is waited for, two seconds at most. A model's
        predictions of an object are those that it answered and those that were asked of it. An ``actual`` of None takes a recorded outcome
        back.

        Raises:
            PredictionNotFound: no prediction fits.
            InvalidOutcome: ``actual`` cannot be the outcome of such a prediction.
            InvalidRequest: neither an id nor all three of object type, object id and model were given.
            StorageError: the database failed.
        """
        outcome = KnownOutcome(
            actual=actual, prediction_id=prediction_id, object_type=object_type, object_id=object_id, model_id=model_id
        )
        (joined,) = await self.record_outcomes([outcome])
        if not joined:
            raise PredictionNotFound(
                "No logged prediction fits the outcome; check the prediction's id, or its object and model."
            )
        return joined

    async def record_outcomes(self, outcomes: Sequence[KnownOutcome]) -> list[int]:
        """Join many outcomes in one transaction; return of each how many predictions it was joined with, 0 where none fits.

        Predictions that another process on this machine has still in its journal are waited for, two seconds at most.

        Raises:
            InvalidOutcome, InvalidRequest: one cannot be the outcome of its prediction, is no JSON, or says not what it is of; then none
                was joined.
            StorageError: the database failed.
        """
        for outcome in outcomes:
            require_subject(outcome)
        await self.flush()
        await self._wait_for_others(outcomes)
        now = self._clock.now()
        return await self._database.run(
            lambda connection: join_outcomes(connection, self._workspace, outcomes, now=now, labels_of=self._labels_of),
            write=True,
            seconds=LONG_SECONDS,
        )

    async def prune(self) -> int:
        """Delete the predictions that are older than they are kept; return how many. Nothing where they are kept for ever.

        Raises:
            StorageError: the database failed; what was deleted stays so.
        """
        deleted = 0
        before = self._clock.now() - timedelta(days=self._keep_days)
        while self._keep_days:
            group = await self._database.run(
                lambda connection: delete_older(connection, self._workspace, before), write=True, seconds=LONG_SECONDS
            )
            deleted += group
            if not group:
                break
        return deleted

    async def erase(self, object_type: str, object_id: str) -> Erased:
        """Delete every prediction about an object, so that no byte of it stays in the database's files or a journal.

        Raises:
            StorageError: the database failed, or another process holds predictions that it cannot move into the database.
        """
        await self._adopt()
        await self.flush()
        for _ in range(ERASE_TRIES):
            if not any(
                (one.object_type, one.object_id) == (object_type, object_id) for one in self._journal.elsewhere()
            ):
                break
            await asyncio.sleep(ERASE_PAUSE_SECONDS)
        else:
            raise StorageError(
                f"Predictions about {object_type} {object_id!r} wait in the journal of another process; see to it that it reaches "
                "its database, then erase again. Nothing was erased."
            )
        erased = await self._database.run(
            lambda connection: delete_object(
                connection, self._workspace, object_type, object_id, now=self._clock.now()
            ),
            write=True,
            seconds=LONG_SECONDS,
        )
        await asyncio.to_thread(scrub, self._database)
        return erased

    async def judged(self, model_id: str, *, since: datetime | None = None) -> list[JudgedPrediction]:
        """Return a model's predictions of a chance (made since then) whose outcome is known, oldest first."""
        return await self._database.run(
            lambda connection: read_judged(connection, self._workspace, model_id, since), seconds=LONG_SECONDS
        )

    async def count_arms(
        self, experiment_id: str, *, since: datetime | None = None, shadow: bool = False
    ) -> list[ArmCount]:
        """Count predictions, subjects and outcomes per arm of an experiment, by the model that answered."""
        await self.flush()
        return await self._database.run(
            lambda connection: count_arms(connection, self._workspace, experiment_id, since=since, shadow=shadow),
            seconds=LONG_SECONDS,
        )

    async def _wait_for_others(self, outcomes: Sequence[KnownOutcome]) -> None:
        """Wait until no other process has a prediction that one of the outcomes is of in its journal alone."""
        if not self._journal.others_wait():
            return
        is_meant, ends_at = meant_by(outcomes), self._clock.monotonic() + OTHERS_SECONDS
        named = [outcome.prediction_id for outcome in outcomes if outcome.prediction_id is not None]
        if len(named) == len(outcomes) and await self._are_kept(named):
            return
        while not await self._are_kept([one.id for one in self._journal.elsewhere() if is_meant(one)]):
            if self._clock.monotonic() > ends_at:
                return
            await asyncio.sleep(self._flush_seconds)

    async def _are_kept(self, ids: Sequence[str]) -> bool:
        return await self._database.run(lambda connection: are_kept(connection, self._workspace, ids))

    async def _kept(self, prediction_id: str) -> LoggedPrediction | None:
        if "\x00" in prediction_id:
            return None
        query = select(predictions).where(predictions.c.workspace == self._workspace, predictions.c.id == prediction_id)
        row = await self._database.run(lambda connection: connection.execute(query).one_or_none())
        return None if row is None else prediction_of(row)

    def _wake(self) -> None:
        """See to it that both background tasks run while there is something to do for them."""
        if len(self._journal) >= GROUP_ROWS:
            self._full_group.set()
        loop = asyncio.get_running_loop()
        if len(self._journal) and (self._moving is None or self._moving.done()):
            self._moving = loop.create_task(self._write_in_background())
        if self._journal.needs_sync and (self._syncing is None or self._syncing.done()):
            self._syncing = loop.create_task(self._sync_in_background())

    async def _write_in_background(self) -> None:
        pause = self._flush_seconds
        while len(self._journal):
            await self._pause(pause)
            try:
                await self._write_group()
                pause = self._flush_seconds
            except StorageError as problem:
                self._failure = problem
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _adopt(self) -> int:
        """Take over what dead processes left; the files are read in a thread, and become ours here. Raises ``StorageError``."""
        found = self._journal.take(await asyncio.to_thread(self._journal.left_behind))
        self._wake()
        return found

    async def _adopt_in_background(self) -> None:
        """Look for journals of processes that died meanwhile, until this log is closed; not cancelled, lest a file stay locked."""
        while not self._closing.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), self._adopt_seconds)
                return
            with contextlib.suppress(StorageError):
                await self._adopt()

    async def _prune_in_background(self) -> None:
        """Prune a minute after the start, so that short commands do not, and every hour from then on."""
        pause = FIRST_PRUNE_SECONDS
        while True:
            await asyncio.sleep(pause)
            pause = PRUNE_SECONDS
            with contextlib.suppress(StorageError):
                await self.prune()

    async def _sync_in_background(self) -> None:
        """Bring the journal to the disk in a thread; a disk that fails there gets no more of it, another file is begun."""
        while self._journal.needs_sync:
            await asyncio.sleep(SYNC_SECONDS)
            descriptor = self._journal.unsynced()
            if descriptor is None:
                return
            try:
                await asyncio.to_thread(_sync, descriptor)
            except OSError:
                self._journal.begin_anew()

    async def _pause(self, seconds: float) -> None:
        """Wait for the time; less where a whole group is there, unless the database just failed."""
        if self._failure is not None:
            await asyncio.sleep(seconds)
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._full_group.wait(), seconds)

    async def _write_group(self) -> None:
        async with self._writing:
            group = self._journal.oldest(GROUP_ROWS)
            if not group:
                return
            await self._database.run(lambda connection: self._insert(connection, group), write=True)
            self._journal.done(list(group))
            self._failure = None
            if len(self._journal) < GROUP_ROWS:
                self._full_group.clear()

    def _insert(self, connection: Connection, group: dict[str, bytes]) -> None:
        rows = [row_of(read_logged(payload), workspace=self._workspace) for payload in group.values()]
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        kept = without_erased(connection, self._workspace, rows, now=self._clock.now())
        if kept:
            connection.execute(dialect.insert(predictions).on_conflict_do_nothing(), kept)


def _sync(descriptor: int) -> None:
    try:
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)
