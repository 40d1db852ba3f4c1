"""Reads the first sheet of an Excel or OpenDocument workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hotcrm_ai.domain.errors import MissingExtra, TrainingDataError
from hotcrm_ai.training.raw_table import RawTable, check_names, make_table


def read_sheet(path: Path) -> RawTable:
    """Read the first sheet; its first row that is not empty is the header.

    Raises:
        TrainingDataError: the workbook is damaged, protected or empty, or a column has no name.
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
    source = repr(path.name)
    if len(sheet_names) > 1:
        warnings = (f"{source} has {len(sheet_names)} sheets; only the first, {sheet_names[0]!r}, was read",)
    return _from_rows(rows, source=source, warnings=warnings)


def _from_rows(rows: list[list[Any]], *, source: str, warnings: tuple[str, ...]) -> RawTable:
    filled = [position for position, row in enumerate(rows) if any(cell != "" for cell in row)]
    if not filled:
        raise TrainingDataError(f"{source} is empty; give a sheet with a header and rows.")
    header = rows[filled[0]]
    used = [at for at in range(len(header)) if any(rows[position][at] != "" for position in filled)]
    names = [_name(header[at]) for at in used]
    check_names(names, source=source, line=filled[0] + 1)
    body = filled[1:]
    columns = {
        name: [None if rows[position][at] == "" else rows[position][at] for position in body]
        for name, at in zip(names, used, strict=True)
    }
    return make_table(columns, source=source, lines=[position + 1 for position in body], warnings=warnings)


def _name(cell: Any) -> str:
    return (str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)).strip()
