"""What every command is given: where the workspace is, how to answer, and a way to run the workspace's own code."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI
    from hotcrm_ai.settings import Settings

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Session:
    """One run of one command; ``home`` is None where the settings decide."""

    home: Path | None
    as_json: bool

    def settings(self) -> Settings:
        """Read the settings, with the workspace folder of this run; raises ``ConfigError`` listing all mistakes."""
        from hotcrm_ai.settings import Settings

        return Settings.load(home=self.home)

    def run(self, work: Callable[[AI], Awaitable[ResultT]]) -> ResultT:
        """Open the workspace, do the work, and close it again."""
        settings = self.settings()

        async def opened() -> ResultT:
            from hotcrm_ai.assembly import AI

            async with AI.open(settings) as ai:
                return await work(ai)

        return run_until_interrupted(opened())

    def in_this_workspace(self, command: str) -> str:
        """Return a command as one types it for this workspace, with ``--home`` where that was given."""
        return f"{command} --home {self.home}" if self.home is not None else command


def run_until_interrupted(work: Coroutine[Any, Any, ResultT]) -> ResultT:
    """Run a coroutine like ``asyncio.run``, but when interrupted do not wait for computations that nobody wants any more.

    What the coroutine opened is closed in order also then; the program ends the process (``program.main``).
    """
    runner = asyncio.Runner()
    try:
        answer = runner.run(work)
    except KeyboardInterrupt:
        raise
    except BaseException:
        runner.close()
        raise
    runner.close()
    return answer


def workspace_command(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """Give a command the options that all commands have, and a ``Session`` as its first argument."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
    @click.option(
        "--home",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="FOLDER",
        help="The workspace folder [default: HOTCRM_AI_HOME or ./.hotcrm-ai].",
    )
    @click.option("--debug", is_flag=True, help="Show the whole traceback of a failure.")
    @functools.wraps(function)
    def command(*, as_json: bool, home: Path | None, debug: bool, **options: Any) -> int | None:  # noqa: ARG001
        return function(Session(home=home, as_json=as_json), **options)

    return command
