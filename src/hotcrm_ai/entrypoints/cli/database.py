"""``hotcrm-ai db``: the version of the workspace database, and the way to the present one."""

from __future__ import annotations

import asyncio

import click

from hotcrm_ai.entrypoints.cli.failures import DONE, FAILED
from hotcrm_ai.entrypoints.cli.session import Session, workspace_command


@click.group("db")
def database() -> None:
    """Look at and upgrade the workspace database."""


@database.command("status")
@workspace_command
def status(session: Session) -> int:
    """Show the version of the database's tables; the exit code is 1 where an upgrade is needed."""
    from hotcrm_ai.assembly.inspection import database_status
    from hotcrm_ai.entrypoints.cli.screen import screen, shown, write_json

    found, notes = asyncio.run(database_status(session.settings()))
    if session.as_json:
        write_json({"version": found.version, "wanted": found.wanted, "current": found.is_current, "notes": notes})
    else:
        console = screen()
        todo = "up to date" if found.is_current else "run `hotcrm-ai db upgrade`"
        console.print(
            shown(f"The tables have version {found.version or 'none'}; this package needs {found.wanted}: {todo}.")
        )
        for remark in notes:
            console.print(shown(f"  note: {remark}", "yellow"))
    return DONE if found.is_current else FAILED


@database.command("upgrade")
@workspace_command
def upgrade(session: Session) -> None:
    """Bring the database to the version that this package needs; one that has it already is left alone."""
    from hotcrm_ai.assembly.inspection import upgrade_database
    from hotcrm_ai.entrypoints.cli.screen import screen, shown, write_json

    before, after = asyncio.run(upgrade_database(session.settings()))
    if session.as_json:
        write_json({"before": before.version, "after": after.version})
        return
    change = "was up to date already" if before.is_current else f"was brought from version {before.version or 'none'}"
    screen().print(shown(f"The database {change}; it has version {after.version}."))


COMMAND = database
