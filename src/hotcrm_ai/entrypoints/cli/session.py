"""What every command is given: where the workspace is, how to answer, and a way to run the workspace's own code."""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hotcrm_ai.domain.errors import StorageError

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI
    from hotcrm_ai.domain.secret import Secret
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
        """Open the workspace, or make a new one and say so, do the work, and close it again."""
        settings = self.settings()
        is_new = not settings.home.exists()

        async def opened() -> ResultT:
            from hotcrm_ai.assembly import AI

            async with AI.open(settings) as ai:
                if is_new and not self.as_json:
                    _tell_new(settings.home)
                return await work(ai)

        return run_until_interrupted(opened())

    def look(self, work: Callable[[AI], Awaitable[ResultT]]) -> ResultT:
        """Do work that only looks at a workspace: where one was named that is not there, nothing is made.

        Raises:
            StorageError: the folder or the database file that was named does not exist.
        """
        settings = self.settings()
        is_named = self.home is not None or "HOTCRM_AI_HOME" in os.environ
        absent = [settings.home] if is_named and not settings.home.exists() else []
        absent += [file for file in (_file_of(settings.database_url),) if file is not None and not file.exists()]
        if absent:
            raise StorageError(
                f"There is no workspace at {str(absent[0])!r}, so there is nothing to look at; check the path. `hotcrm-ai demo`, `train`, "
                "`predict` and `serve` make a new workspace."
            )
        return self.run(work)

    def in_this_workspace(self, command: str) -> str:
        """Return a command as one types it for this workspace, with ``--home`` where that was given."""
        return f"{command} --home {self.home}" if self.home is not None else command


def _tell_new(home: Path) -> None:
    from hotcrm_ai.entrypoints.cli.screen import note

    note(f"note: a new workspace was made at {home.absolute()}")


def _file_of(url: Secret | None) -> Path | None:
    """Return the file of a SQLite database that the settings name; nothing for another one, or for the workspace's own."""
    if url is None:
        return None
    from sqlalchemy import make_url

    parsed = make_url(url.reveal())
    is_file = parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:")
    return Path(str(parsed.database)) if is_file else None


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
