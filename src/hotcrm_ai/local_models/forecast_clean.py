"""Makes of a history as it is kept one that can be forecast: gaps filled, single outliers drawn in, size brought to about 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from hotcrm_ai.local_models.forecast_state_space import Floats

FEWEST_VALUES: Final = 3
LARGEST_VALUE: Final = 1e300
_LONGEST: Final = 400
_NEIGHBOURS: Final = 3
_OUTLYING: Final = 10.0
_DRAWN_IN: Final = 3.0
_SHARE_OF_OUTLIERS: Final = 0.03
_SMALLEST_STEP: Final = 0.05
_AT_THE_ENDS: Final = 3
_FEWEST_TO_JUDGE: Final = 8
_NORMAL: Final = 1.4826


class History(NamedTuple):
    """A history ready to be forecast: ``values`` around 1 in size, ``unit`` to multiply them by, and what was done to them."""

    values: Floats
    unit: float
    negative: bool
    notes: tuple[str, ...]


def clean_history(given: Sequence[float | None], period: int) -> History:
    """Return the newest values of a history; gaps (None) at its ends are left out.

    Raises:
        ValueError: fewer than three values are known, or one is not finite or too large.
    """
    raw = np.array([np.nan if value is None else float(value) for value in given], dtype=np.float64)
    if np.isinf(raw).any() or sum(value is not None for value in given) != int((~np.isnan(raw)).sum()):
        raise ValueError("holds a value that is not a finite number")
    if np.nanmax(np.abs(raw), initial=0.0) > LARGEST_VALUE:
        raise ValueError(f"holds a value beyond {LARGEST_VALUE:g}; give it in a larger unit")
    known = np.flatnonzero(~np.isnan(raw))
    if len(known) < FEWEST_VALUES:
        raise ValueError(f"has {len(known)} known values; a forecast needs at least {FEWEST_VALUES}")
    trailing = len(raw) - 1 - int(known[-1])
    raw = raw[known[0] : known[-1] + 1][-max(_LONGEST, 10 * period) :]
    unit = float(np.nanmax(np.abs(raw))) or 1.0
    size = float(np.nanmean(np.abs(raw / unit))) or 1.0
    values = raw / unit / size
    notes = []
    if trailing:
        notes.append(f"unknown periods at the end: {trailing}; period 1 is the one after the last known value")
    gaps = int(np.isnan(values).sum())
    if gaps:
        values = _filled(values, period)
        notes.append(f"unknown periods within the history, filled in from others: {gaps}")
    drawn = _without_outliers(values, period)
    changed = int((drawn != values).sum())
    if changed:
        notes.append(f"outlying values that count only in part: {changed}")
    return History(drawn, unit * size, bool((raw < 0.0).any()), tuple(notes))


def _filled(values: Floats, period: int) -> Floats:
    """Fill gaps from a year before and after where both are known, else along the line between the neighbours."""
    filled = values.copy()
    places = np.arange(len(values))
    known = ~np.isnan(values)
    filled[~known] = np.interp(places[~known], places[known], values[known])
    if period < 2:
        return filled
    for gap in places[~known].tolist():
        around = [at for at in (gap - period, gap + period) if 0 <= at < len(values) and known[at]]
        levels = [_level(filled, at) for at in around]
        if len(around) == 2 and all(level > 0.0 for level in levels):
            shares = [values[at] / level for at, level in zip(around, levels, strict=True)]
            filled[gap] = _level(filled, gap) * float(np.mean(shares))
    return filled


def _level(values: Floats, at: int) -> float:
    return float(np.median(values[max(at - _NEIGHBOURS, 0) : at + _NEIGHBOURS + 1]))


def _without_outliers(values: Floats, period: int) -> Floats:
    """Draw in the few single values that lie far off both their neighbours and the same place of other periods.

    Positive values are compared by their ratios. The newest values stay: nobody can know yet whether they begin something new. Where more
    than 3 per cent would be outliers (and more than one), they are how the series is, and all stay.
    """
    count = len(values)
    if count < _FEWEST_TO_JUDGE or period < count < 3 * period:
        return values
    log = bool((values > 0.0).all())
    seen = np.log(values) if log else values
    rest = seen - np.array([_level(seen, at) for at in range(count)])
    if 1 < period <= count:
        by_place = np.array([np.median(rest[place::period]) for place in range(period)])
        rest = rest - by_place[np.arange(count) % period]
    scale = _NORMAL * float(np.median(np.abs(rest)))
    far = np.abs(rest) > max(_OUTLYING * scale, _SMALLEST_STEP)
    far &= ~(np.roll(far, 1) | np.roll(far, -1))
    far[:_AT_THE_ENDS] = far[-_AT_THE_ENDS:] = False
    if not 0 < int(far.sum()) <= max(1, int(_SHARE_OF_OUTLIERS * count)):
        return values
    drawn = np.where(far, seen - rest + np.sign(rest) * _DRAWN_IN * scale, seen)
    return np.where(far, np.exp(drawn) if log else drawn, values)
