"""Finds columns that people or other systems fill in while a record is worked on: last touches, gradings, scores."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hotcrm_ai.domain.training import Exclusion
from hotcrm_ai.training.alone import Alone
from hotcrm_ai.training.leak_words import LATER_NAMES, event_share, judgement_share, name_words
from hotcrm_ai.training.typed_table import TypedColumn

_MOST: Final = 0.5
_TELLING_AUC: Final = 0.58
_STRONG_AUC: Final = 0.8
_MANY_VALUES: Final = 100
_FILLING_GAP: Final = 0.15


def find_last_touch(column: TypedColumn, alone: Alone) -> Exclusion | None:
    """Return the evidence that the values are events of the contact with the record, and that they tell the outcome."""
    if column.type != "category" or len(set(column.cells)) > _MANY_VALUES or alone.surely < _TELLING_AUC:
        return None
    share = event_share(column.cells)
    hinted = bool(LATER_NAMES & set(name_words(column.name)))
    strong = alone.surely >= _STRONG_AUC
    if (share >= _MOST) + hinted + strong < 2:
        return None
    signs = [f"{100 * share:.0f} % of its values name an event of that contact"] if share >= _MOST else []
    signs += ["its name speaks of the last or final state"] if hinted else []
    reason = (
        f"records what happened in the contact with the record ({' and '.join(signs)}), so it goes on changing "
        f"until the outcome; alone it has an AUC of {alone.auc:.3f}, {alone.example}"
    )
    return Exclusion(column=column.name, kind="last touch", reason=reason)


def find_judgement(column: TypedColumn, outcomes: NDArray[np.int8], alone: Alone) -> Exclusion | None:
    """Return the evidence that the values grade the record and were given rather to one outcome than to the other."""
    if column.type != "category" or len(set(column.cells)) > _MANY_VALUES or alone.surely < _TELLING_AUC:
        return None
    filled = ~column.missing
    won, lost = float(filled[outcomes == 1].mean()), float(filled[outcomes == 0].mean())
    share = judgement_share(column.cells)
    if share < _MOST or abs(won - lost) < _FILLING_GAP or float(filled.mean()) > 0.8:
        return None
    reason = (
        f"grades the record ({100 * share:.0f} % of its values are gradings) and was filled in for {100 * won:.0f} % of the positive "
        f"but {100 * lost:.0f} % "
        f"of the negative ones, so it was given in hindsight; alone it has an AUC of {alone.auc:.3f}, {alone.example}"
    )
    return Exclusion(column=column.name, kind="grading", reason=reason)


def find_foreign_scores(columns: Iterable[TypedColumn]) -> list[Exclusion]:
    """Return columns that come from another scoring: filled on exactly the same rows, one a coarse form of another."""
    blocks: dict[bytes, list[TypedColumn]] = defaultdict(list)
    for column in columns:
        missing = column.missing
        if 0.02 < float(missing.mean()) < 0.98:
            blocks[np.packbits(missing).tobytes()].append(column)
    found: list[Exclusion] = []
    for block in blocks.values():
        pairs = [(fine, coarse) for coarse in block for fine in block if _is_banding(coarse, fine)]
        if not pairs:
            continue
        bands = ", ".join(f"{coarse.name!r} is {fine.name!r} in bands" for fine, coarse in pairs)
        gap = float(block[0].missing.mean())
        for column in block:
            reason = (
                f"is the result of another scoring of the record: {len(block)} columns are missing in exactly the same {100 * gap:.0f} % "
                f"of the rows, and {bands}"
            )
            found.append(Exclusion(column=column.name, kind="another scoring", reason=reason))
    return found


def filling_gap(column: TypedColumn, outcomes: NDArray[np.int8]) -> str:
    """Return the suspicion that filling the field goes with the outcome, or an empty text."""
    filled = ~column.missing
    won, lost = float(filled[outcomes == 1].mean()), float(filled[outcomes == 0].mean())
    share, positives = float(filled.mean()), float(outcomes.sum())
    error = math.sqrt(share * (1 - share) * (1 / positives + 1 / (len(outcomes) - positives)))
    if abs(won - lost) < max(2 * _FILLING_GAP, 4 * error):
        return ""
    return (
        f"is filled in for {100 * won:.0f} % of the positive but {100 * lost:.0f} % of the negative rows; "
        "check that it is known before the outcome"
    )


def _is_banding(coarse: TypedColumn, fine: TypedColumn) -> bool:
    """Return whether the categories of one column are ranges of the numbers of the other that do not overlap."""
    if coarse.type != "category" or fine.type != "number":
        return False
    ranges: dict[str, list[float]] = defaultdict(list)
    for band, number in zip(coarse.cells, fine.cells.tolist(), strict=True):
        if band is not None:
            ranges[band].append(number)
    if not 2 <= len(ranges) <= 12 or len(set(fine.cells[~fine.missing].tolist())) <= len(ranges):
        return False
    limits = sorted((min(numbers), max(numbers)) for numbers in ranges.values())
    return all(high < low for (_, high), (low, _) in pairwise(limits))
