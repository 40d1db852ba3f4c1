"""Reads the first sheet of an Excel or OpenDocument workbook."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hotcrm_ai.domain.errors import MissingExtra, TrainingDataError
from hotcrm_ai.training.raw_table import RawTable, check_names, make_table


@dataclass(frozen=True, slots=True)
class Sheet:
    """The columns of a sheet that hold anything, the row of the header, and each filled row below it with its number; empty is None."""

    names: tuple[str, ...]
    header: int
    rows: tuple[tuple[int, list[Any]], ...]
    warnings: tuple[str, ...] = ()


def open_sheet(path: Path) -> Sheet:
    """Read the first sheet; its first row that is not empty is the header.

    Raises:
        TrainingDataError: the workbook is damaged, protected or empty.
        MissingExtra: python-calamine is not installed.
    """
    try:
        import python_calamine
    except ImportError:
        raise MissingExtra(feature="Reading Excel and OpenDocument files", extra="train") from None
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(path)
        sheet_names = workbook.sheet_names
        rows = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False) if sheet_names else []
    except (python_calamine.CalamineError, OSError) as problem:
        raise TrainingDataError(f"{path.name!r} cannot be read as a workbook: {problem}.", file=str(path)) from problem
    warnings: tuple[str, ...] = ()
    if len(sheet_names) > 1:
        warnings = (f"{path.name!r} has {len(sheet_names)} sheets; only the first, {sheet_names[0]!r}, was read",)
    filled = [(number, row) for number, row in enumerate(rows, start=1) if any(cell != "" for cell in row)]
    if not filled:
        raise TrainingDataError(f"{path.name!r} is empty; give a sheet with a header and rows.", file=str(path))
    used = [at for at in range(len(filled[0][1])) if any(row[at] != "" for _, row in filled)]
    return Sheet(
        names=tuple(_name(filled[0][1][at]) for at in used),
        header=filled[0][0],
        rows=tuple((number, [None if row[at] == "" else row[at] for at in used]) for number, row in filled[1:]),
        warnings=warnings,
    )


def read_sheet(path: Path) -> RawTable:
    """Read the first sheet; its first row that is not empty is the header.

    Raises:
        TrainingDataError: the workbook is damaged, protected or empty, or a column has no name.
        MissingExtra: python-calamine is not installed.
    """
    sheet = open_sheet(path)
    source = repr(path.name)
    check_names(sheet.names, source=source, line=sheet.header)
    columns = {name: [row[at] for _, row in sheet.rows] for at, name in enumerate(sheet.names)}
    return make_table(columns, source=source, lines=[number for number, _ in sheet.rows], warnings=sheet.warnings)


def _name(cell: Any) -> str:
    return (str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)).strip()
