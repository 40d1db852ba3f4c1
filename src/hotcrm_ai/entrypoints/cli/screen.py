"""Writes answers for people (tables and text) and for machines (JSON), with hostile characters shown, not obeyed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final

import click
import msgspec
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hotcrm_ai.domain.value_text import printable, value_text

_WIDTH_WITHOUT_TERMINAL: Final = 120
_NARROWEST_NAME: Final = 20
"""The first column names the row; it is not made narrower than this, or than what it holds."""

STATUS_STYLES: Final = {
    "active": "green",
    "healthy": "green",
    "ok": "green",
    "hot": "bold red",
    "warm": "yellow",
    "cold": "blue",
    "testing": "yellow",
    "training": "cyan",
    "degraded": "yellow",
    "warning": "yellow",
    "unhealthy": "bold red",
    "broken": "bold red",
    "unknown": "dim",
    "deprecated": "dim",
    "expired": "dim",
    "revoked": "dim",
}


class PipeConsole(Console):
    """A console that leaves a closed pipe to the program, which ends quietly."""

    def on_broken_pipe(self) -> None:
        """Raise the error on to the program."""
        raise BrokenPipeError


def screen() -> Console:
    """Return the console of standard output; without a terminal it has no colours and a fixed width."""
    width = None if sys.stdout.isatty() else int(os.environ.get("COLUMNS") or _WIDTH_WITHOUT_TERMINAL)
    return PipeConsole(highlight=False, markup=False, emoji=False, soft_wrap=False, width=width)


def write_json(answer: Any) -> None:
    """Write one JSON document, in camelCase, to standard output."""
    click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2))


def note(message: str) -> None:
    """Write a remark for people to standard error."""
    click.echo(printable(message), err=True)


def shown(value: Any, style: str = "") -> Text:
    """Return a value as text for the screen: escaped, never read as markup; missing is a dash."""
    text = "–" if value is None else printable(value) if isinstance(value, str) else value_text(value)
    return Text(text, style=style)


def shown_lines(text: str) -> Text:
    """Return text of several lines for the screen, each escaped."""
    return Text("\n").join(shown(line) for line in text.split("\n"))


def status_text(status: str | None) -> Text:
    """Return a status in its colour."""
    return shown(status, STATUS_STYLES.get(status or "", ""))


def number(value: float | None, decimals: int = 1, unit: str = "") -> Text:
    """Return a number with so many decimals and its unit; a dash where it is not known."""
    return Text("–" if value is None else f"{value:,.{decimals}f}{unit}")


def counted(count: int, noun: str) -> str:
    """Return a count with its noun, in the plural except for one."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def interval_text(interval: Sequence[float] | None, *, as_score: bool) -> str:
    """Return the 95 % interval of a probability as people read it beside the answer: on the scale of a score, or as a probability.

    Nothing where the model learned from many outcomes and gives none.
    """
    if interval is None:
        return ""
    low, high = interval
    return f"{100.0 * low:.1f} to {100.0 * high:.1f}" if as_score else f"{low:.4f} to {high:.4f}"


def facts(rows: Iterable[tuple[str, Any]]) -> Table:
    """Build a table of names and values, without a heading."""
    built = Table.grid(padding=(0, 2))
    built.add_column(style="dim", no_wrap=True)
    built.add_column(overflow="fold")
    for name, value in rows:
        built.add_row(Text(name), value if isinstance(value, Text) else shown(value))
    return built


def table(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], *, right: Iterable[str] = (), whole: Iterable[str] = ()
) -> Table:
    """Build a table; the columns named in ``right`` are set flush right, those in ``whole`` are never broken."""
    aligned = set(right)
    built = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False)
    unbroken = set(whole)
    cells = [[cell if isinstance(cell, Text) else shown(cell) for cell in row] for row in rows]
    narrowest = min(max((row[0].cell_len for row in cells), default=0), _NARROWEST_NAME)
    for place, column in enumerate(columns):
        built.add_column(
            Text(column),
            justify="right" if column in aligned else "left",
            overflow="fold",
            no_wrap=column in unbroken,
            min_width=None if place else narrowest,
        )
    for row in cells:
        built.add_row(*row)
    return built
