"""``hotcrm-ai doctor``: checks this installation and says how to mend it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from hotcrm_ai.entrypoints.cli.failures import DONE, FAILED
from hotcrm_ai.entrypoints.cli.session import Session, workspace_command

if TYPE_CHECKING:
    from hotcrm_ai.entrypoints.cli.doctor_checks import Finding


@click.command("doctor")
@workspace_command
def doctor(session: Session) -> int:
    """Check Python, SQLite, packages, settings, database, models and CRM; the exit code is 1 where something needed is broken."""
    from hotcrm_ai.entrypoints.cli.doctor_checks import examine

    findings = asyncio.run(examine(session.settings))
    _show(session, findings)
    return FAILED if any(finding.status == "broken" for finding in findings) else DONE


def _show(session: Session, findings: list[Finding]) -> None:
    from hotcrm_ai.entrypoints.cli.screen import screen, shown, status_text, table, write_json

    broken = sum(finding.status == "broken" for finding in findings)
    if session.as_json:
        write_json({"broken": broken, "findings": findings})
        return
    console = screen()
    console.print(
        table(
            ("Part", "", "Found"), [(finding.part, status_text(finding.status), finding.found) for finding in findings]
        )
    )
    for finding in findings:
        if finding.mend:
            console.print(shown(f"{finding.part}: {finding.mend}", "red" if finding.status == "broken" else "yellow"))
    console.print(
        shown(f"{broken} broken." if broken else "Nothing needed is broken.", "bold red" if broken else "green")
    )


COMMAND = doctor
