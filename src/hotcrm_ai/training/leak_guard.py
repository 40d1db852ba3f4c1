"""Keeps out of training what could not be known when the prediction will be asked for, and says why."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from hotcrm_ai.domain.training import Exclusion
from hotcrm_ai.training.alone import Alone, measure_alone
from hotcrm_ai.training.leak_hindsight import filling_gap, find_foreign_scores, find_judgement, find_last_touch
from hotcrm_ai.training.leak_identity import find_identity
from hotcrm_ai.training.leak_outcome import (
    find_beginning,
    find_closed_only_filling,
    find_closing_value,
    find_copy,
    find_later_date,
    find_one_sided_filling,
)
from hotcrm_ai.training.typed_table import TypedColumn, TypedTable

_SUSPICIOUS_AUC: Final = 0.85


class Guarded(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on each column: kept, kept although suspicious (with the reason), or excluded (with the evidence)."""

    kept: tuple[str, ...]
    excluded: tuple[Exclusion, ...]
    suspicious: dict[str, str]
    alone: dict[str, Alone]


def guard_columns(
    table: TypedTable,
    outcomes: NDArray[np.int8],
    *,
    open_table: TypedTable | None = None,
    keep: Collection[str] = (),
    time_column: str | None = None,
    seed: int = 0,
) -> Guarded:
    """Judge every column of the closed rows; ``keep`` names columns that stay whatever the evidence, which is then a suspicion.

    ``open_table`` holds the same columns of the open records, if there are any.
    """
    beginning = find_beginning(table, time_column)
    verdicts: dict[str, Exclusion] = {}
    suspicious: dict[str, str] = {}
    alone: dict[str, Alone] = {}
    for name, column in table.columns.items():
        verdict = find_identity(column)
        if verdict is None and column.type != "text":
            alone[name] = measure_alone(column, outcomes, seed=seed)
            verdict, doubt = _judge(column, outcomes, alone[name], open_table=open_table, beginning=beginning)
            if doubt:
                suspicious[name] = doubt
        if verdict is None and column.type == "text":
            verdict = find_one_sided_filling(column, outcomes)
        if verdict is not None:
            verdicts[name] = verdict
    for verdict in find_foreign_scores(table.columns.values()):
        verdicts.setdefault(verdict.column, verdict)
    for name in keep:
        if name in verdicts:
            suspicious[name] = f"{verdicts.pop(name).reason}; it was kept as asked"
    return Guarded(
        kept=tuple(name for name in table.columns if name not in verdicts),
        excluded=tuple(verdicts[name] for name in table.columns if name in verdicts),
        suspicious={name: doubt for name, doubt in suspicious.items() if name not in verdicts},
        alone=alone,
    )


def _judge(
    column: TypedColumn,
    outcomes: NDArray[np.int8],
    alone: Alone,
    *,
    open_table: TypedTable | None,
    beginning: TypedColumn | None,
) -> tuple[Exclusion | None, str]:
    """Return the evidence against a column, or a suspicion that is not enough to exclude it."""
    verdict = find_one_sided_filling(column, outcomes) or find_copy(column, outcomes, alone)
    if verdict is None and open_table is not None and open_table.row_count:
        open_column = open_table.columns[column.name]
        verdict = find_closed_only_filling(column, open_column) or find_closing_value(column, open_column, outcomes)
    verdict = verdict or find_last_touch(column, alone) or find_judgement(column, outcomes, alone)
    doubt = ""
    if verdict is None and beginning is not None:
        verdict, doubt = find_later_date(column, beginning, alone)
    if verdict is not None:
        return verdict, ""
    if alone.auc >= _SUSPICIOUS_AUC:
        return None, f"tells much of the outcome by itself (AUC {alone.auc:.3f}); {alone.example}"
    return None, doubt or filling_gap(column, outcomes)
