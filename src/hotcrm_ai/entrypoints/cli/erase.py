"""``hotcrm-ai erase``: delete every trace of one CRM object."""

from __future__ import annotations

import sys

import click

from hotcrm_ai.entrypoints.cli.given_features import read_record_name
from hotcrm_ai.entrypoints.cli.session import Session, workspace_command


@click.command("erase")
@click.option("--object", "name", metavar="TYPE:ID", required=True, help="The object, such as Lead:LD-000123.")
@click.option("--yes", is_flag=True, help="Do not ask; needed where nobody can answer.")
@workspace_command
def erase(session: Session, name: str, yes: bool) -> None:
    """Delete every prediction about one CRM object: from the log with its free pages, the journals, and the cache.

    The record itself, backups, and files that you exported are not touched. The prediction log is written anew, which takes
    seconds on a large one; predictions are answered meanwhile.
    """
    from hotcrm_ai.assembly.upkeep import erase as erase_object
    from hotcrm_ai.entrypoints.cli.screen import screen, shown, write_json

    context = read_record_name(name)
    if context is None or context.object_type is None or context.object_id is None:
        raise click.BadParameter(f"{name!r} is no TYPE:ID.", param_hint="--object")
    kind, object_id = context.object_type, context.object_id
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("Nobody can be asked here; give --yes to delete for good.")
        click.confirm(f"Delete every prediction about {kind} {object_id!r} for good?", abort=True, err=True)
    found = session.look(lambda ai: erase_object(ai, kind, object_id))
    if session.as_json:
        write_json(found)
        return
    screen().print(
        shown(
            f"Erased {found.predictions:,} predictions and {found.cached_answers:,} cached answers about {kind} {object_id}."
        )
    )


COMMAND = erase
