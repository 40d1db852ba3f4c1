"""Makes of a long table (series, period, value) the histories of its series, one value for each period, gaps as None."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

import numpy as np

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.domain.missing_values import is_missing_word
from hotcrm_ai.domain.written_numbers import read_number
from hotcrm_ai.local_models.forecast_months import month_text
from hotcrm_ai.training.cell_dates import DayOrder, day_order, read_date
from hotcrm_ai.training.raw_table import RawTable
from hotcrm_ai.training.target import check_column

TOLERATED_SHARE: Final = 0.01
ONLY_SERIES: Final = "all"
DRIVER_COLUMNS: Final = ("pipeline_value", "growth_rate")
_MOST_PERIODS: Final = 5_000
_YEAR: Final = 12


class SeriesTable(NamedTuple):
    """``histories`` and ``drivers`` (by column, then by series) have one place for each period from the first to the last known one.

    ``period`` is the number of values that make a year, ``rows`` counts the rows that were used. ``last_months`` are the months of the
    last known values, where periods are months, quarters or years.
    """

    histories: dict[str, list[float | None]]
    drivers: dict[str, dict[str, list[float | None]]]
    period: int
    rows: int
    warnings: tuple[str, ...]
    last_months: dict[str, str]


def series_table(
    table: RawTable, *, series: str | None, period: str, value: str, season_length: int | None, allow_bad_rows: bool
) -> SeriesTable:
    """Read the histories of a long table.

    Dates are counted by month, or by quarter where every date lies in the same month of its quarter; rows of one series in one month
    are added up. Whole numbers are counted as they are. Rows without series or period are left out and counted.

    Raises:
        TrainingDataError: a column does not exist, more than 1 per cent of the rows cannot be read, or periods are of no known kind.
    """
    for name, option in ((period, "time_column"), (value, "target"), (series, "series")):
        if name is not None:
            check_column(table, name, option=option)
    places, monthly = _places(table.columns[period])
    numbers = _numbers(table.columns[value])
    names = [ONLY_SERIES] * table.row_count if series is None else [_name(cell) for cell in table.columns[series]]
    bad = [
        at
        for at in range(table.row_count)
        if places[at] is None
        or names[at] is None
        or (numbers[at] is not None and not math.isfinite(numbers[at] or 0.0))
    ]
    if len(bad) > TOLERATED_SHARE * table.row_count and not allow_bad_rows:
        raise TrainingDataError(
            f"{len(bad)} of {table.row_count} rows have no readable series, {period!r} or {value!r}, the first in {table.place} "
            f"{table.lines[bad[0]]}; mend them (dates as 2026-03, numbers as 1234.5) or leave them out with `allow_bad_rows=True`.",
            line=table.lines[bad[0]],
        )
    gone = set(bad)
    kept = [at for at in range(table.row_count) if at not in gone]
    step, length = _step([places[at] for at in kept], monthly=monthly, season_length=season_length)
    histories, added = _histories([(names[at], places[at], numbers[at]) for at in kept], step)
    drivers: dict[str, dict[str, list[float | None]]] = {}
    for column in DRIVER_COLUMNS:
        if column in table.columns:
            cells = _numbers(table.columns[column])
            latest = [(names[at], places[at], _finite(cells[at])) for at in kept]
            drivers[column] = _aligned(latest, histories, step, first=_firsts(latest, step, numbers, kept))
    warnings = [f"{len(bad)} rows without series, period or number were left out"] if bad else []
    if added:
        warnings.append(f"{added} rows share series and period with another; their values were added up")
    known = [(names[at], places[at]) for at in kept if numbers[at] is not None]
    last_months = _last_months(known) if monthly and length * step == _YEAR else {}
    return SeriesTable(histories, drivers, length, len(kept), (*table.warnings, *warnings), last_months)


def _last_months(known: Sequence[tuple[Any, Any]]) -> dict[str, str]:
    last: dict[str, int] = {}
    for name, month in known:
        last[name] = max(last.get(name, month), month)
    return {name: month_text(month) for name, month in last.items()}


def _step(places: Sequence[Any], *, monthly: bool, season_length: int | None) -> tuple[int, int]:
    """Return how many counts lie between two periods, and how many periods make a year."""
    if not places:
        raise TrainingDataError("No row has both a series and a period; check which columns hold them.")
    step = 1
    if monthly:
        distances = np.unique(np.array(places) - min(places))
        step = next((wide for wide in (_YEAR, 3) if len(distances) > 1 and (distances % wide == 0).all()), 1)
    return step, season_length or (_YEAR // step if monthly else _YEAR)


def _histories(rows: Sequence[tuple[Any, Any, float | None]], step: int) -> tuple[dict[str, list[float | None]], int]:
    found: dict[str, dict[int, float | None]] = {}
    added = 0
    for name, place, number in rows:
        seen = found.setdefault(name, {})
        at = place // step
        if at in seen:
            added += 1
            parts = [part for part in (seen[at], number) if part is not None]
            seen[at] = math.fsum(parts) if parts else None
        else:
            seen[at] = number
    histories = {}
    for name in sorted(found):
        known = [at for at, number in found[name].items() if number is not None]
        if known:
            first, last = min(known), max(known)
            if last - first >= _MOST_PERIODS:
                raise TrainingDataError(f"Series {name!r} spans {last - first + 1} periods, more than {_MOST_PERIODS}.")
            histories[name] = [found[name].get(at) for at in range(first, last + 1)]
    return histories, added


def _firsts(
    rows: Sequence[tuple[Any, Any, float | None]], step: int, numbers: Sequence[float | None], kept: Sequence[int]
) -> dict[str, int]:
    first: dict[str, int] = {}
    for (name, place, _), at in zip(rows, kept, strict=True):
        if numbers[at] is not None:
            first[name] = min(first.get(name, place // step), place // step)
    return first


def _aligned(
    rows: Sequence[tuple[Any, Any, float | None]],
    histories: dict[str, list[float | None]],
    step: int,
    *,
    first: dict[str, int],
) -> dict[str, list[float | None]]:
    aligned: dict[str, list[float | None]] = {name: [None] * len(values) for name, values in histories.items()}
    for name, place, number in rows:
        at = place // step - first.get(name, 0)
        if name in aligned and number is not None and 0 <= at < len(aligned[name]):
            aligned[name][at] = number
    return aligned


def _places(cells: Sequence[Any]) -> tuple[list[int | None], bool]:
    """Return the month (12 · year + month) or the whole number of each cell, and whether they are months."""
    texts = [cell.strip() for cell in cells if isinstance(cell, str)]
    order = day_order(texts)
    months = [_month(cell, order) for cell in cells]
    if any(month is not None for month in months):
        return months, True
    return [_whole(cell) for cell in cells], False


def _month(cell: Any, order: DayOrder | None) -> int | None:
    if isinstance(cell, date):
        return _YEAR * cell.year + cell.month - 1
    if not isinstance(cell, str):
        return None
    text = cell.strip()
    year, dash, month = text.partition("-")
    if dash and len(year) == 4 and len(month) == 2 and (year + month).isdigit() and 1 <= int(month) <= _YEAR:
        return _YEAR * int(year) + int(month) - 1
    moment: datetime | None = read_date(text, order)
    return None if moment is None else _YEAR * moment.year + moment.month - 1


def _whole(cell: Any) -> int | None:
    number = _number(cell)
    return int(number) if number is not None and math.isfinite(number) and number == int(number) else None


def _numbers(cells: Sequence[Any]) -> list[float | None]:
    """Return each cell's number, None where it is missing, NaN where it is no number."""
    return [_number(cell) for cell in cells]


def _number(cell: Any) -> float | None:
    if cell is None or (isinstance(cell, str) and is_missing_word(cell.strip())):
        return None
    if isinstance(cell, str):
        number = read_number(cell.strip(), ".")
        return math.nan if number is None else number
    if isinstance(cell, bool) or not isinstance(cell, int | float | Decimal | np.number):
        return math.nan
    return None if math.isnan(float(cell)) else float(cell)


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


def _name(cell: Any) -> str | None:
    return None if cell is None or not str(cell).strip() else str(cell).strip()
