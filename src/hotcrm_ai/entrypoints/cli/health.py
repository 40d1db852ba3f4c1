"""``hotcrm-ai health``: whether each active model can answer, and how it did lately."""

from __future__ import annotations

import click

from hotcrm_ai.entrypoints.cli.failures import DONE, FAILED
from hotcrm_ai.entrypoints.cli.session import Session, workspace_command


@click.command("health")
@workspace_command
def health(session: Session) -> int:
    """Say whether every active model can answer; the exit code is 1 where one cannot.

    Each model's provider is asked now, and a local model's files are checked; failures and latency are those of the last five
    minutes, of all processes of the workspace.
    """
    from hotcrm_ai.actions.model_health import check_models
    from hotcrm_ai.entrypoints.cli.screen import number, screen, shown, status_text, table, write_json

    found = session.look(check_models)
    if session.as_json:
        write_json(found)
    else:
        rows = [
            (model.model_id, status_text(model.status), number(model.samples, 0), model.reason)
            for model in found.models
        ]
        console = screen()
        console.print(table(("Model", "Status", "Recent calls", "Reason"), rows, right=("Recent calls",)))
        console.print(
            "Checked now: each model's provider and files. Calls: the last five minutes of all processes.",
            style="dim",
        )
        for remark in found.notes:
            console.print(shown(f"  note: {remark}", "yellow"))
    return FAILED if found.status == "unhealthy" else DONE


COMMAND = health
