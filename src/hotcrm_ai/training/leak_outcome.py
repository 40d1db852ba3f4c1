"""Finds columns that were written together with the outcome: copies of it, and fields that only closed records have."""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hotcrm_ai.domain.training import Exclusion
from hotcrm_ai.training.alone import Alone, group_rows
from hotcrm_ai.training.leak_words import CREATION_NAMES, LATER_NAMES, name_words
from hotcrm_ai.training.typed_table import TypedColumn, TypedTable

GIVES_AWAY_AUC: Final = 0.90
"""A column whose AUC alone is surely above this knows the outcome; honest facts about a lead stay far below."""
_EXPECTED_ROWS: Final = 10.0
_NEVER: Final = 0.02


def find_copy(column: TypedColumn, outcomes: NDArray[np.int8], alone: Alone) -> Exclusion | None:
    """Return the evidence that the column is the outcome in other words, or alone nearly decides it."""
    if alone.surely >= GIVES_AWAY_AUC or alone.auc >= 0.985:
        codes, labels = group_rows(column)
        rows = np.bincount(codes, minlength=len(labels))
        wins = np.bincount(codes, weights=outcomes, minlength=len(labels))
        pure = int(rows[(wins == 0) | (wins == rows)].sum())
        if pure >= 0.995 * len(outcomes):
            share = 100 * pure / len(outcomes)
            reason = f"is a copy or recoding of the target: in {share:.1f} % of the rows its value belongs to one outcome only"
            return Exclusion(column=column.name, kind="target copy", reason=reason)
        reason = f"tells the outcome by itself (AUC {alone.auc:.3f} on rows it was not looked up from); {alone.example}"
        return Exclusion(column=column.name, kind="gives the outcome away", reason=reason)
    return None


def find_one_sided_filling(column: TypedColumn, outcomes: NDArray[np.int8]) -> Exclusion | None:
    """Return the evidence that the column is filled for one outcome only."""
    filled = ~column.missing
    share = float(filled.mean())
    for outcome, word, other in ((0, "negative", "positive"), (1, "positive", "negative")):
        rows = outcomes == outcome
        expected, found = share * float(rows.sum()), int((filled & rows).sum())
        if expected >= _EXPECTED_ROWS and found <= _NEVER * expected:
            reason = (
                f"is filled only where the outcome is {other}: in {int(filled.sum()) - found} of those rows, "
                f"but in {found} of {int(rows.sum())} {word} ones"
            )
            return Exclusion(column=column.name, kind="filled after the outcome", reason=reason)
    return None


def find_closed_only_filling(column: TypedColumn, open_column: TypedColumn) -> Exclusion | None:
    """Return the evidence that open records never have the field while closed ones do."""
    closed_share, open_share = float((~column.missing).mean()), float((~open_column.missing).mean())
    rows = len(open_column.missing)
    if rows * closed_share >= _EXPECTED_ROWS and open_share <= _NEVER * closed_share and closed_share >= 0.2:
        reason = (
            f"is filled only once the outcome is known: in {100 * closed_share:.0f} % of the closed rows, "
            f"in {100 * open_share:.0f} % of the {rows} open ones"
        )
        return Exclusion(column=column.name, kind="filled after the outcome", reason=reason)
    return None


def find_closing_value(column: TypedColumn, open_column: TypedColumn, outcomes: NDArray[np.int8]) -> Exclusion | None:
    """Return the evidence that one of the values is only ever written when the outcome is, for it never occurs in open records."""
    if column.type != "category" or not open_column.cells:
        return None
    closed = Counter(column.cells)
    still_open = Counter(open_column.cells)
    wins = Counter(cell for cell, outcome in zip(column.cells, outcomes.tolist(), strict=True) if outcome)
    for value, rows in closed.most_common():
        expected = rows / len(column.cells) * len(open_column.cells)
        if value is None or expected < 2 * _EXPECTED_ROWS:
            continue
        rate = wins[value] / rows
        if still_open[value] <= _NEVER * expected and min(rate, 1 - rate) <= 0.1:
            reason = (
                f"gets its value {value!r} only when the outcome is known: it is in {rows} closed rows ({100 * rate:.1f} % positive), "
                f"but in {still_open[value]} of {len(open_column.cells)} open ones"
            )
            return Exclusion(column=column.name, kind="filled after the outcome", reason=reason)
    return None


def find_later_date(column: TypedColumn, beginning: TypedColumn, alone: Alone) -> tuple[Exclusion | None, str]:
    """Return the evidence that a date lies after the record's beginning, or a suspicion where only the order speaks."""
    if column.type != "date" or column.name == beginning.name:
        return None, ""
    gaps = [
        (cell - start).total_seconds() / 86_400.0
        for cell, start in zip(column.cells, beginning.cells, strict=True)
        if cell is not None and start is not None
    ]
    if len(gaps) < _EXPECTED_ROWS:
        return None, ""
    later = sum(gap >= 1.0 for gap in gaps) / len(gaps)
    if later < 0.9 or min(gaps) < -1.0:
        return None, ""
    middle = float(np.median(gaps))
    reason = f"lies after {beginning.name!r} in {100 * later:.0f} % of the rows ({middle:.0f} days in the middle), so it was not known then"
    if LATER_NAMES & set(name_words(column.name)) or alone.surely > 0.6:
        return Exclusion(column=column.name, kind="filled after the outcome", reason=reason), ""
    return None, reason


def find_beginning(table: TypedTable, time_column: str | None = None) -> TypedColumn | None:
    """Return the date column that says when a record began: the one named, else one that is called so and always filled."""
    if time_column is not None:
        return table.columns.get(time_column)
    candidates = [
        column
        for column in table.columns.values()
        if column.type == "date"
        and CREATION_NAMES & set(name_words(column.name))
        and float(column.missing.mean()) <= 0.05
    ]
    if not candidates:
        return None
    return min(candidates, key=lambda column: (min(cell for cell in column.cells if cell is not None), column.name))
