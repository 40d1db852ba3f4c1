"""``hotcrm-ai db``: the version of the workspace database, and the way to the present one."""

from __future__ import annotations

import asyncio
from pathlib import Path

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


@database.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@workspace_command
def backup(session: Session, file: Path) -> None:
    """Copy the workspace database into a new SQLite file, as of one moment, while it is in use.

    The file is a workspace database of its own, also where the workspace lives in PostgreSQL. The models' files are not in it: copy
    the folder models/ beside it.
    """
    from hotcrm_ai.assembly.upkeep import back_up
    from hotcrm_ai.entrypoints.cli.screen import screen, shown, write_json

    rows = session.look(lambda ai: back_up(ai, file))
    if session.as_json:
        write_json({"file": str(file), "rows": rows})
        return
    screen().print(shown(f"{rows:,} rows were copied into {file}."))


@database.command("prune")
@workspace_command
def prune(session: Session) -> None:
    """Delete the predictions that are older than the setting log_keep_days; a server does so by itself every hour."""
    from hotcrm_ai.assembly.upkeep import prune as prune_log
    from hotcrm_ai.entrypoints.cli.screen import screen, shown, write_json

    deleted = session.look(prune_log)
    if session.as_json:
        write_json({"deleted": deleted})
        return
    screen().print(shown(f"{deleted:,} predictions were older and have been deleted."))


COMMAND = database
