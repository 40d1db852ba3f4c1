"""Puts the sample CRM into a workspace, and tells what only its maker can know: the best that any model could do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import Connection, inspect, text

from hotcrm_ai.assembly.ai import AI
from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.sample_crm import SampleCRM, best_possible, generate_sample_crm, write_sample_crm
from hotcrm_ai.storage import Database, open_database

T = TypeVar("T")

_MARK: Final = "truth_leads"
"""The table by which a sample CRM is known: no real CRM has one."""

_SIDE_FILES: Final = ("", "-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class SampleFacts:
    """What is in the sample CRM: ``created`` in this run or found there; rows per table; each lead's future outcome (0 or 1)."""

    created: bool
    rows: dict[str, int]
    outcomes: dict[str, int]
    truth: SampleCRM

    def best_possible(self, lead_ids: Sequence[str]) -> dict[str, float]:
        """Return roc_auc, log_loss and brier of the true probabilities on these leads."""
        return best_possible(self.truth, lead_ids)


async def ensure_sample_crm(
    ai: AI, *, fresh: bool = False, seed: int = 7, leads: int = 6000, accounts: int = 1200
) -> SampleFacts:
    """Write the sample CRM into the workspace folder, or use the one that is there; ``fresh`` writes it anew.

    Raises:
        ConfigError: the settings name a CRM of your own, or the folder's CRM is no sample; neither is touched.
        StorageError: the disk or the database failed.
    """
    _check_not_yours(ai)
    return await asyncio.to_thread(_ensure, ai, fresh=fresh, seed=seed, leads=leads, accounts=accounts)


async def newest_closed_leads(ai: AI, count: int) -> list[str] | None:
    """Return the ids of the ``count`` newest closed leads; None where the day of the oldest of them is not wholly among them."""
    return await asyncio.to_thread(_newest_closed, ai, count)


def _check_not_yours(ai: AI) -> None:
    if ai.settings.crm_url is not None or ai.settings.crm_objects:
        raise ConfigError(
            "The settings name a CRM of your own (crm_url or crm_objects), which the sample must not touch; unset them, or give "
            "another workspace folder with --home."
        )


def _ensure(ai: AI, *, fresh: bool, seed: int, leads: int, accounts: int) -> SampleFacts:
    path = ai.settings.home / "crm.db"
    found = path.exists() and path.stat().st_size > 0
    if found and not _in_database(ai, lambda connection: inspect(connection).has_table(_MARK)):
        raise ConfigError(
            f"{str(path)!r} is no sample CRM and was left alone; choose another workspace folder with --home."
        )
    if fresh or not found:
        _remove(path)
        crm = generate_sample_crm(seed=seed, leads=leads, accounts=accounts)
        database = open_database(ai.settings.crm)
        try:
            write_sample_crm(crm, database.engine, with_truth=True)
        finally:
            database.engine.dispose()
    return _in_database(ai, lambda connection: _facts(connection, created=fresh or not found, seed=seed))


def _facts(connection: Connection, *, created: bool, seed: int) -> SampleFacts:
    names = [name for name in inspect(connection).get_table_names() if not name.startswith("truth_")]
    rows = {name: int(connection.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0) for name in names}  # noqa: S608  # nosec B608
    truth = [dict(row) for row in connection.execute(text(f"SELECT * FROM {_MARK}")).mappings()]  # noqa: S608  # nosec B608
    outcomes = {str(fact["lead_id"]): int(fact["outcome"]) for fact in truth}
    return SampleFacts(created, rows, outcomes, SampleCRM(seed=seed, tables={}, truth={_MARK: truth}))


def _newest_closed(ai: AI, count: int) -> list[str] | None:
    query = text("SELECT id, created_date FROM leads WHERE converted IS NOT NULL ORDER BY created_date DESC, id")
    rows = _in_database(ai, lambda connection: connection.execute(query).all())
    if not 0 < count < len(rows) or rows[count - 1].created_date == rows[count].created_date:
        return None
    return [str(row.id) for row in rows[:count]]


def _in_database(ai: AI, work: Callable[[Connection], T]) -> T:
    database: Database = open_database(ai.settings.crm, create=False)
    try:
        return database.run_sync(work)
    finally:
        database.engine.dispose()


def _remove(path: Path) -> None:
    for suffix in _SIDE_FILES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
