"""Shows that long work goes on: bars on standard error, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int | None], None]]:
    """Show a bar that is told how many of how many are done (None: not known how many)."""
    with _bar(title) as move:
        yield lambda done, total: move(title, done, total)


@contextmanager
def share_bar(title: str) -> Iterator[Callable[[str, float], None]]:
    """Show a bar that is told the present stage and the share (0-1) of the work that is done."""
    with _bar(title) as move:
        yield lambda stage, share: move(f"{title}: {stage}", share, 1.0)


@contextmanager
def _bar(title: str) -> Iterator[Callable[[str, float, float | None], None]]:
    if not sys.stderr.isatty():
        yield lambda description, done, total: None  # noqa: ARG005 - nobody looks
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task(title, total=None)
        yield lambda description, done, total: bar.update(task, description=description, completed=done, total=total)
