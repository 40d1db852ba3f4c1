"""Parts the closed rows into those to learn from and those to measure on: by time where the table tells it."""

from __future__ import annotations

from typing import Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.training.typed_table import TypedColumn

HELD_OUT_SHARE: Final = 0.25
_LEAST_SHARE: Final = 0.10
_LARGEST_SHARE: Final = 0.40
_LEAST_OF_EACH: Final = 2


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """Row numbers of the training part and of the held-out part, and in words how they were parted."""

    training: NDArray[np.intp]
    held_out: NDArray[np.intp]
    kind: Literal["time", "stratified"]
    description: str
    warnings: tuple[str, ...] = ()


def split_rows(
    outcomes: NDArray[np.int8],
    *,
    time: TypedColumn | None,
    seed: int,
    share: float = HELD_OUT_SHARE,
    asked: bool = False,
) -> Split:
    """Hold out the newest rows by ``time``, or without it a random part of each outcome.

    Rows without a time count as oldest. Where the newest rows cannot be measured on (too few of an outcome, or nearly all of one
    time) the split is stratified instead, with a warning if the time column was ``asked`` for.

    Raises:
        TrainingDataError: the time column holds neither dates nor numbers.
    """
    if time is None:
        return _stratified(outcomes, seed=seed, share=share)
    newest = _newest(moments_of(time), share=share)
    parts = (outcomes[~newest], outcomes[newest])
    fits = _LEAST_SHARE <= float(newest.mean()) <= _LARGEST_SHARE
    if fits and all(_LEAST_OF_EACH <= part.sum() <= len(part) - _LEAST_OF_EACH for part in parts):
        first = _shown_from(time, newest)
        return Split(
            training=np.flatnonzero(~newest),
            held_out=np.flatnonzero(newest),
            kind="time",
            description=f"by time: the newest {100 * newest.mean():.0f} % of the rows by {time.name!r} (from {first}) were held out",
        )
    split = _stratified(outcomes, seed=seed, share=share)
    reason = f"the newest rows by {time.name!r} cannot be held out (they hold too few of one outcome or share one time)"
    return msgspec.structs.replace(split, warnings=(f"{reason}; the split is stratified",) if asked else ())


def _stratified(outcomes: NDArray[np.int8], *, seed: int, share: float) -> Split:
    drawn = np.random.default_rng(seed)
    held_out: list[NDArray[np.intp]] = []
    for outcome in (0, 1):
        rows = drawn.permutation(np.flatnonzero(outcomes == outcome))
        held_out.append(rows[: max(_LEAST_OF_EACH, round(share * rows.size))])
    chosen = np.sort(np.concatenate(held_out))
    share = 100 * len(chosen) / len(outcomes)
    return Split(
        training=np.setdiff1d(np.arange(len(outcomes)), chosen),
        held_out=chosen,
        kind="stratified",
        description=f"stratified: a random {share:.0f} % of the rows of each outcome were held out (seed {seed})",
    )


def _newest(moments: NDArray[np.float64], *, share: float) -> NDArray[np.bool_]:
    """Return the rows after the moment that leaves a part nearest to the share; rows of one moment stay together."""
    distinct, counts = np.unique(moments, return_counts=True)
    after = np.cumsum(counts[::-1])[::-1] / len(moments)
    chosen = distinct[int(np.argmin(np.abs(after - share)))]
    newest: NDArray[np.bool_] = moments >= chosen
    return newest


def moments_of(time: TypedColumn) -> NDArray[np.float64]:
    """Return the times of the rows as numbers, of which later ones are larger; a row without one counts as oldest.

    Raises:
        TrainingDataError: the column holds neither dates nor numbers.
    """
    if time.type == "number":
        return np.where(np.isnan(time.cells), -np.inf, time.cells)
    if time.type == "date":
        return np.array([-np.inf if cell is None else cell.timestamp() for cell in time.cells])
    raise TrainingDataError(
        f"The time column {time.name!r} holds neither dates nor numbers but {time.type}; write dates as 2026-03-31.",
        column=time.name,
    )


def _shown_from(time: TypedColumn, newest: NDArray[np.bool_]) -> str:
    if time.type == "number":
        return f"{float(time.cells[newest].min()):g}"
    first = min(cell for cell, chosen in zip(time.cells, newest.tolist(), strict=True) if chosen)
    return str(first.date().isoformat())
