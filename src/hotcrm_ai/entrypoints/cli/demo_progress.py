"""Shows how the demonstration goes on: a bar for the step under way, one line for each step that is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from rich.text import Text

from hotcrm_ai.actions.demo_report import DemoStage
from hotcrm_ai.entrypoints.cli.screen import screen, shown
from hotcrm_ai.entrypoints.cli.waiting import share_bar


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
        self._bar = ExitStack()
        self._move: Callable[[str, float], None] | None = None

    def begin(self, title: str) -> None:
        """Show that a step is under way."""
        self._move = self._bar.enter_context(share_bar(title))

    def advance(self, stage: str, share: float) -> None:
        """Move the bar to the share (0-1) that is done."""
        if self._move is not None:
            self._move(stage, share)

    def end(self, stage: DemoStage) -> None:
        """Print the step's line."""
        self.close()
        if self._console is not None:
            self._console.print(Text.assemble(("✓", "green"), (f"{stage.seconds:6.1f} s  ", "dim"), shown(stage.title)))

    def close(self) -> None:
        """Take the bar away."""
        self._move = None
        self._bar.close()
