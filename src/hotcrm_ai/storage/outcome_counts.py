"""Counts judged predictions by model and hour as outcomes come in, so that nobody has to count the log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from hotcrm_ai.storage.tables import outcome_count as counts

HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What changed about one answered prediction: whether it was right, ``before`` and ``after`` (None: not known)."""

    model_id: str
    created_date: datetime
    before: bool | None
    after: bool | None


def count_judged(connection: Connection, workspace: str, changes: Iterable[Judged]) -> None:
    """Take changes into the counts, within the transaction that makes them."""
    sums: dict[tuple[str, datetime], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for one in changes:
        hour = one.created_date.replace(minute=0, second=0, microsecond=0)
        outcomes, correct = sums[one.model_id, hour]
        sums[one.model_id, hour] = (
            outcomes + (one.after is not None) - (one.before is not None),
            correct + (one.after is True) - (one.before is True),
        )
    rows = [
        {"workspace": workspace, "model_id": model_id, "period_start": hour, "outcomes": outcomes, "correct": correct}
        for (model_id, hour), (outcomes, correct) in sorted(sums.items())
        if (outcomes, correct) != (0, 0)
    ]
    if not rows:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(counts)
    added = {name: counts.c[name] + insert.excluded[name] for name in ("outcomes", "correct")}
    connection.execute(
        insert.on_conflict_do_update(index_elements=["workspace", "model_id", "period_start"], set_=added), rows
    )


def read_counts(
    connection: Connection, workspace: str, model_id: str | None, since: datetime | None
) -> dict[str, tuple[int, int]]:
    """Return of each model how many answers are judged and right, in the hours that end after a moment."""
    chosen: list[ColumnElement[bool]] = [counts.c.workspace == workspace]
    chosen += [counts.c.model_id == model_id] if model_id is not None else []
    chosen += [counts.c.period_start > since - HOUR] if since is not None else []
    query = (
        select(counts.c.model_id, func.sum(counts.c.outcomes), func.sum(counts.c.correct))
        .where(*chosen)
        .group_by(counts.c.model_id)
    )
    return {id_: (int(outcomes), int(correct)) for id_, outcomes, correct in connection.execute(query) if outcomes}
