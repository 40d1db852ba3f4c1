"""Turns the target column into outcomes: which records were won, which were lost, and which are still open."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.domain.outcome import word_truth
from hotcrm_ai.training.infer_types import TOLERATED_SHARE, read_texts
from hotcrm_ai.training.raw_table import RawTable

MINIMUM_OF_EACH: Final = 8
"""Fewer records of one outcome cannot be learned from and measured apart."""

_STILL_OPEN: Final = frozenset({"open", "active", "new", "pending", "in progress", "working", "contacted", "engaging"})
"""Words of records that may still be won; beside lost alone they are no opposite of it."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """The outcomes of the closed records.

    ``closed`` are the rows of the table that have an outcome, ``outcomes`` 1 or 0 for each of them; ``open_rows`` are the rows without
    one, ``unusable`` counts rows whose value is neither. ``positive`` and ``negative`` are the values as the table writes them.
    """

    name: str
    closed: NDArray[np.intp]
    outcomes: NDArray[np.int8]
    open_rows: NDArray[np.intp]
    positive: str
    negative: str
    unusable: int = 0
    warnings: tuple[str, ...] = ()


def find_target(
    table: RawTable,
    name: str,
    *,
    positive: str | None = None,
    negative: str | None = None,
    of_churn: bool = False,
    missing_values: Collection[str] = (),
    allow_bad_rows: bool = False,
) -> Target:
    """Read the target column; ``positive`` and ``negative`` name its values where they are not words like won and lost.

    ``of_churn``: positive is a customer who left, and words such as lost and cancelled say so. Rows without a value are open records. With
    ``positive`` and ``negative`` given, so are rows with any other value.

    Raises:
        TrainingDataError: the column is missing, or does not hold exactly two outcomes, or too few records of one.
    """
    check_column(table, name)
    extra = {value.strip().casefold() for value in missing_values}
    texts, _ = read_texts(table.columns[name], extra_missing=extra)
    counts = Counter(text.casefold() for text in texts if text is not None)
    spelled = {text.casefold(): text for text in reversed(texts) if text is not None}
    sides, others_open, warnings = _choose_sides(
        counts, spelled, name=name, positive=positive, negative=negative, of_churn=of_churn
    )
    strange = {value: count for value, count in counts.items() if value not in sides}
    unusable = 0 if others_open else sum(strange.values())
    if unusable > TOLERATED_SHARE * counts.total() and not allow_bad_rows:
        raise _not_two(name, counts, spelled, of_churn=of_churn)
    if unusable:
        warnings.append(
            f"{unusable} rows have an outcome in {name!r} that is neither: {_listed(strange, spelled)}; they were left out"
        )
    outcomes = np.array([-1 if text is None else sides.get(text.casefold(), -1) for text in texts], dtype=np.int8)
    usable = np.array([text is None or others_open or text.casefold() in sides for text in texts], dtype=bool)
    closed = np.flatnonzero(outcomes >= 0)
    open_rows = np.flatnonzero((outcomes < 0) & usable)
    if open_rows.size:
        warnings.append(
            f"{open_rows.size} of {len(texts)} rows have no outcome yet; they were left out as open records"
        )
    _check_enough(outcomes[closed], name=name, sides=sides, spelled=spelled)
    return Target(
        name=name,
        closed=closed,
        outcomes=outcomes[closed],
        open_rows=open_rows,
        positive=_side_name(sides, counts, spelled, 1),
        negative=_side_name(sides, counts, spelled, 0),
        unusable=unusable,
        warnings=tuple(warnings),
    )


def check_column(table: RawTable, name: str, *, option: str | None = None) -> None:
    """Check that the table has the column; ``option`` is the one that names another.

    Raises:
        TrainingDataError: it has none; the message names the most similar one.
    """
    if name in table.columns:
        return
    folded = {column.casefold(): column for column in table.columns}
    near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    hint = (
        f"did you mean {folded[near[0]]!r}?" if near else f"it has: {', '.join(map(repr, list(table.columns)[:20]))}."
    )
    other = "" if option is None else f" Name the column to use with `{option}=COLUMN`."
    raise TrainingDataError(f"{table.source} has no column {name!r}; {hint}{other}", column=name)


def _choose_sides(
    counts: Counter[str],
    spelled: dict[str, str],
    *,
    name: str,
    positive: str | None,
    negative: str | None,
    of_churn: bool,
) -> tuple[dict[str, int], bool, list[str]]:
    """Return 1 or 0 for each known value, whether all other values are open records, and warnings."""
    for option, given in (("positive", positive), ("negative", negative)):
        if given is not None and given.strip().casefold() not in counts:
            raise TrainingDataError(
                f"No row has {given!r} in the target column {name!r}, which was given as `{option}=VALUE`; "
                f"its values are {_listed(counts, spelled)}."
            )
    if positive is not None and negative is not None:
        return {positive.strip().casefold(): 1, negative.strip().casefold(): 0}, True, []
    if positive is not None or negative is not None:
        return _one_side(counts, spelled, positive=positive, negative=negative, of_churn=of_churn)
    sides = {value: int(truth) for value in counts if (truth := word_truth(value, of_churn=of_churn)) is not None}
    if len(counts) == 2 and len(sides) == 1:
        known = next(iter(sides))
        other = next(value for value in counts if value != known)
        if other in _STILL_OPEN:
            raise _not_two(name, counts, spelled, of_churn=of_churn)
        sides[other] = 1 - sides[known]
        warning = f"the target's value {spelled[other]!r} was read as the opposite of {spelled[known]!r}"
        return sides, False, [warning]
    if len(counts) >= 2 and len(set(sides.values())) < 2:
        raise _not_two(name, counts, spelled, of_churn=of_churn)
    return sides or dict.fromkeys(counts, 1), False, []


def _one_side(
    counts: Counter[str], spelled: dict[str, str], *, positive: str | None, negative: str | None, of_churn: bool
) -> tuple[dict[str, int], bool, list[str]]:
    given, side = (positive, 1) if positive is not None else (negative, 0)
    known = str(given).strip().casefold()
    opposite = [value for value in counts if word_truth(value, of_churn=of_churn) is (side == 0) and value != known]
    if opposite and len(counts) > 2:
        left = {value: count for value, count in counts.items() if value != known and value not in opposite}
        warning = (
            f"the target's values {_listed(left, spelled)} are neither won nor lost; they were read as open records"
        )
        return {known: side, **dict.fromkeys(opposite, 1 - side)}, True, [warning] if left else []
    rest = {value: 1 - side for value in counts if value != known}
    warning = f"every other value of the target was read as the opposite of {given!r}: " + _listed(
        {value: counts[value] for value in rest}, spelled
    )
    return {known: side, **rest}, False, [warning] if len(rest) > 1 else []


def _check_enough(outcomes: NDArray[np.int8], *, name: str, sides: dict[str, int], spelled: dict[str, str]) -> None:
    positives = int(outcomes.sum())
    negatives = len(outcomes) - positives
    if not positives or not negatives:
        found = ", ".join(repr(spelled[value]) for value in sides if value in spelled) or "none"
        raise TrainingDataError(
            f"The target column {name!r} has only one outcome ({found}, {len(outcomes)} rows); "
            "a model needs closed records of both kinds."
        )
    if min(positives, negatives) < MINIMUM_OF_EACH:
        raise TrainingDataError(
            f"The target column {name!r} has {positives} positive and {negatives} negative records; "
            f"at least {MINIMUM_OF_EACH} of each are needed to learn and to measure. Add closed records."
        )


def _not_two(name: str, counts: Counter[str], spelled: dict[str, str], *, of_churn: bool) -> TrainingDataError:
    sides = ("who left", "who stayed") if of_churn else ("what was won", "what was lost")
    means = ("that the customer left", "that they stayed") if of_churn else ("success", "failure")
    return TrainingDataError(
        f"The target column {name!r} does not say {sides[0]} and {sides[1]}; its values are {_listed(counts, spelled)}. "
        f"Name the value that means {means[0]} with --positive VALUE (and with --negative VALUE the one that means {means[1]}).",
        values={spelled[value]: count for value, count in counts.most_common(20)},
    )


def _listed(counts: dict[str, int] | Counter[str], spelled: dict[str, str]) -> str:
    ordered = sorted(counts, key=lambda value: (-counts[value], value))
    shown = ", ".join(f"{spelled[value][:40]!r} ({counts[value]} rows)" for value in ordered[:8])
    return shown + (f" and {len(ordered) - 8} more" if len(ordered) > 8 else "")


def _side_name(sides: dict[str, int], counts: Counter[str], spelled: dict[str, str], side: int) -> str:
    return spelled[max((value for value in sides if sides[value] == side), key=lambda value: counts[value])]
