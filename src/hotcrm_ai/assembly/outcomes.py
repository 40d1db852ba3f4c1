"""Joins many outcomes with the prediction log, and reads them from a database by a query."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, text

from hotcrm_ai.assembly.ai import AI
from hotcrm_ai.domain.errors import InvalidOutcome
from hotcrm_ai.domain.outcome import KnownOutcome
from hotcrm_ai.storage import open_database
from hotcrm_ai.storage.database import LONG_SECONDS

_AT_A_TIME: Final = 500


class ImportedOutcomes(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What came of importing outcomes: how many were given, joined with how many predictions, and how many fitted none."""

    outcomes: int
    predictions: int
    without_prediction: int


async def import_outcomes(
    ai: AI, outcomes: Sequence[KnownOutcome], *, progress: Callable[[int, int | None], None] | None = None
) -> ImportedOutcomes:
    """Join outcomes in groups, each group in one transaction; importing the same ones again changes nothing.

    Raises:
        InvalidOutcome, InvalidRequest: one cannot be the outcome of its prediction, or says not what it is of; those of earlier groups
            are joined.
        StorageError: the database failed.
    """
    joined: list[int] = []
    for start in range(0, len(outcomes), _AT_A_TIME):
        try:
            joined += await ai._parts.kept.log.record_outcomes(outcomes[start : start + _AT_A_TIME])
        except InvalidOutcome as problem:
            raise _of_row(problem, start) from problem
        if progress is not None:
            progress(len(joined), len(outcomes))
    return ImportedOutcomes(outcomes=len(joined), predictions=sum(joined), without_prediction=joined.count(0))


def _of_row(problem: InvalidOutcome, start: int) -> InvalidOutcome:
    """Return the error of an outcome with its row (from 1), and what became of those before it."""
    row = start + problem.details.get("index", 0) + 1
    before = (
        f"Rows 1 to {start:,} were joined; importing them again changes nothing." if start else "Nothing was joined."
    )
    return InvalidOutcome(f"Row {row}: {problem.message} {before}", **{**problem.details, "index": row - 1})


async def query_rows(url: str, query: str) -> list[Mapping[str, Any]]:
    """Return the rows of one query by column name, from a transaction that can change nothing.

    Raises:
        ConfigError: the URL is none.
        StorageError: the database cannot be reached, or refused the query.
    """
    database = open_database(url, create=False, setting="The URL of the query")

    def read(connection: Connection) -> list[Mapping[str, Any]]:
        if database.is_sqlite:
            connection.exec_driver_sql("PRAGMA query_only = ON")
        else:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        return [dict(row) for row in connection.execute(text(query)).mappings()]

    try:
        return await database.run(read, seconds=LONG_SECONDS)
    finally:
        await database.aclose()
