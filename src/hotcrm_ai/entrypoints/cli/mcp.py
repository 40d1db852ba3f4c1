"""``hotcrm-ai mcp``: turns this process into a server of tools for one assistant."""

from __future__ import annotations

import importlib.util
import os
import sys
from typing import Final

import click

from hotcrm_ai.domain.errors import MissingExtra
from hotcrm_ai.entrypoints.cli.session import Session, workspace_command

_PROGRAM: Final = "hotcrm_ai.entrypoints.launch_mcp"


@click.command("mcp")
@click.option(
    "--scope",
    type=click.Choice(("read", "write")),
    default="read",
    show_default=True,
    help="read: ask models and look; write: also tell outcomes and write scores back to leads.",
)
@workspace_command
def mcp(session: Session, scope: str) -> None:
    """Serve this workspace's models as tools to an assistant, over standard input and output (Model Context Protocol).

    An assistant starts this command itself and ends it by closing standard input.
    """
    if importlib.util.find_spec("mcp") is None:
        raise MissingExtra(feature="The server for assistants", extra="mcp")
    environment = {**os.environ, "HOTCRM_AI_HOME": str(session.settings().home)}
    flags = [flag for flag in ("--debug",) if flag in sys.argv]
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, "-P", "-m", _PROGRAM, scope, *flags], environment)  # noqa: S606


COMMAND = mcp
