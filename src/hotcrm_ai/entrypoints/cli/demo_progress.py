"""Shows how the demonstration goes on: a bar for the step under way, one line for each step that is done."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from hotcrm_ai.actions.demo_report import DemoStage
from hotcrm_ai.entrypoints.cli.screen import screen, shown


@contextmanager
def stage_watcher(*, quiet: bool) -> Iterator[StageWatcher]:
    """Give the demonstration somebody to tell; ``quiet`` keeps standard output for one JSON document."""
    watcher = StageWatcher(quiet=quiet)
    try:
        yield watcher
    finally:
        watcher.close()


class StageWatcher:
    """Prints each step when it is done, and on a terminal shows a bar meanwhile."""

    def __init__(self, *, quiet: bool) -> None:
        self._console = None if quiet else screen()
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def begin(self, title: str) -> None:
        """Show that a step is under way."""
        if not sys.stderr.isatty():
            return
        self._bar = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24), TaskProgressColumn(), TimeElapsedColumn(),
            console=Console(stderr=True), transient=True,
        )  # fmt: skip
        self._task = self._bar.add_task(title, total=None)
        self._bar.start()

    def advance(self, done: int, total: int | None) -> None:
        """Move the bar."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=total)

    def end(self, stage: DemoStage) -> None:
        """Print the step's line."""
        self.close()
        if self._console is not None:
            line = Text.assemble(("✓ ", "green"), shown(stage.title), (f"  {stage.seconds:.1f} s", "dim"))
            self._console.print(line)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
