"""Makes of a raw table the rows to learn from and the rows to measure on, with typed columns that were known in time."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.domain.training import Exclusion
from hotcrm_ai.domain.write_back import WRITTEN_BACK
from hotcrm_ai.training.infer_types import infer_types
from hotcrm_ai.training.leak_guard import Guarded, guard_columns
from hotcrm_ai.training.leak_outcome import find_beginning
from hotcrm_ai.training.parting import Parting
from hotcrm_ai.training.raw_table import RawTable
from hotcrm_ai.training.split import Split, split_rows
from hotcrm_ai.training.target import check_column, find_target
from hotcrm_ai.training.typed_table import TypedColumn, TypedTable


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the fitting and the report need of the rows; columns stand in the order of their names."""

    training: TypedTable
    training_outcomes: NDArray[np.int8]
    held_out: TypedTable
    held_out_outcomes: NDArray[np.int8]
    target: str
    positive: str
    negative: str
    split: str
    fingerprint: str
    excluded: tuple[Exclusion, ...]
    columns: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...]
    parting: Parting
    beside: TypedTable
    """The columns that the report asked for, of the held-out rows, whether or not the model may use them."""


def prepare_rows(
    table: RawTable,
    *,
    target: str,
    positive: str | None = None,
    negative: str | None = None,
    of_churn: bool = False,
    exclude: Collection[str] = (),
    keep: Collection[str] = (),
    time_column: str | None = None,
    missing_values: Collection[str] = (),
    allow_bad_rows: bool = False,
    beside: Collection[str] = (),
    seed: int = 0,
) -> Prepared:
    """Type the columns, find the outcomes, part the rows and leave out what leaks.

    ``exclude`` and ``keep`` overrule the leak guard; ``positive`` and ``negative`` name the target's values, which may be ``of_churn``;
    ``missing_values`` are further texts for "no value". The newest rows by ``time_column``, or by a date column called like a beginning,
    are held out; without one the split is random. That column is no feature unless it is in ``keep``. The guard sees the training part
    only. ``beside`` names columns that the report needs of the held-out rows.

    Raises:
        TrainingDataError: a named column does not exist, an outcome is missing, or no column is left to learn from.
    """
    for name in (*exclude, *keep, *beside, *([time_column] if time_column is not None else [])):
        check_column(table, name)
    goal = find_target(
        table,
        target,
        positive=positive,
        negative=negative,
        of_churn=of_churn,
        missing_values=missing_values,
        allow_bad_rows=allow_bad_rows,
    )
    left = _without(table, ({target, *exclude} - {time_column, *beside}) | (WRITTEN_BACK - {*keep}))
    typed = infer_types(left, missing_values=missing_values, allow_bad_cells=allow_bad_rows)
    closed = typed.take(goal.closed)
    parting, split = _part(closed, goal.outcomes, time_column, seed=seed)
    names = sorted(name for name in closed.columns if name not in exclude)
    training = closed.take(split.training)
    guarded = guard_columns(
        training.select(names),
        goal.outcomes[split.training],
        open_table=typed.select(names).take(goal.open_rows),
        keep=keep,
        time_column=parting.date if parting.date in names else None,
        seed=seed,
    )
    axis = parting.axis if parting.axis not in keep else None
    excluded = _all_exclusions(table, typed, guarded, exclude=exclude, keep=keep, axis=axis)
    kept = _check_left(_worth_keeping([name for name in guarded.kept if name != axis], training), excluded)
    return Prepared(
        training=training.select(kept),
        training_outcomes=goal.outcomes[split.training],
        held_out=closed.take(split.held_out).select(kept),
        held_out_outcomes=goal.outcomes[split.held_out],
        target=target,
        positive=goal.positive,
        negative=goal.negative,
        split=split.description,
        fingerprint=table.fingerprint,
        excluded=excluded,
        columns=_described(closed, table, guarded, used=kept),
        warnings=_all_warnings(table, typed, goal.warnings, split.warnings, guarded),
        parting=parting,
        beside=_beside(closed, beside).take(split.held_out),
    )


def _beside(closed: TypedTable, names: Collection[str]) -> TypedTable:
    for name in names:
        if name not in closed.columns:
            reason = closed.dropped.get(name, "is the outcome, or is written by HotCRM AI itself")
            raise TrainingDataError(f"Column {name!r} {reason}; the report cannot look at it.", column=name)
    return closed.select(list(names))


def _without(table: RawTable, names: Collection[str | None]) -> RawTable:
    columns = {name: cells for name, cells in table.columns.items() if name not in names}
    return msgspec.structs.replace(table, columns=columns)


def _part(
    closed: TypedTable, outcomes: NDArray[np.int8], time_column: str | None, *, seed: int
) -> tuple[Parting, Split]:
    time = _time_of(closed, time_column)
    split = split_rows(outcomes, time=time, seed=seed, asked=time_column is not None)
    return Parting(outcomes=outcomes, held_out=split.held_out, kind=split.kind, time=time), split


def _time_of(closed: TypedTable, name: str | None) -> TypedColumn | None:
    if name is None:
        return find_beginning(closed)
    if name not in closed.columns:
        raise TrainingDataError(
            f"The time column {name!r} {closed.dropped.get(name, 'cannot be used')}; name another.", column=name
        )
    return closed.columns[name]


def _all_exclusions(
    table: RawTable,
    typed: TypedTable,
    guarded: Guarded,
    *,
    exclude: Collection[str],
    keep: Collection[str],
    axis: str | None,
) -> tuple[Exclusion, ...]:
    """Return every column that stays out, in the order of the table; ``axis`` is the one that the rows were parted by."""
    found = {one.column: one for one in guarded.excluded}
    found |= {name: Exclusion(column=name, kind="empty", reason=reason) for name, reason in typed.dropped.items()}
    found |= {
        name: Exclusion(
            column=name, kind="written back", reason="is written by HotCRM AI itself, from an earlier prediction"
        )
        for name in WRITTEN_BACK - {*keep}
    }
    found |= {name: Exclusion(column=name, kind="option", reason="was left out as asked") for name in exclude}
    if axis is not None:
        reason = "is the time by which the rows were parted: new records only have times that the model never saw"
        found.setdefault(axis, Exclusion(column=axis, kind="time", reason=reason))
    return tuple(found[name] for name in table.columns if name in found)


def _worth_keeping(names: Collection[str], training: TypedTable) -> list[str]:
    """Leave out columns that hold nothing in the training part; the model could not learn from them."""
    return [name for name in names if not training.columns[name].missing.all()]


def _check_left(kept: list[str], excluded: tuple[Exclusion, ...]) -> list[str]:
    """Return the columns, if there are any."""
    if not kept:
        reasons = "; ".join(f"{one.column!r} {one.reason}" for one in excluded[:5])
        raise TrainingDataError(
            f"No column is left to learn from: {reasons}. Add columns that are known before the outcome, or keep one on purpose."
        )
    return kept


def _described(
    closed: TypedTable, table: RawTable, guarded: Guarded, *, used: Collection[str]
) -> tuple[dict[str, Any], ...]:
    """Return a row for each typed column in the order of the table, with the verdict on it; names of people and records are not shown."""
    out = {one.column: one.kind for one in guarded.excluded}
    rows = []
    for name in table.columns:
        if name not in closed.columns:
            continue
        row = {**closed.columns[name].described(), "used": name in used}
        if out.get(name) in ("identifier", "personal"):
            row["values"] = "not shown"
        if name in guarded.alone:
            row["aucAlone"] = round(guarded.alone[name].auc, 4)
        if name in guarded.suspicious and name not in out:
            row["suspicion"] = guarded.suspicious[name]
        rows.append(row)
    return tuple(rows)


def _all_warnings(
    table: RawTable, typed: TypedTable, of_target: tuple[str, ...], of_split: tuple[str, ...], guarded: Guarded
) -> tuple[str, ...]:
    doubts = tuple(f"{name} {doubt}" for name, doubt in guarded.suspicious.items())
    return (*table.warnings, *typed.warnings, *of_target, *of_split, *doubts)
