"""``hotcrm-ai experiments``: A/B tests, their arms, and whether the split is as it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hotcrm_ai.domain.experiment import ExperimentReport
from hotcrm_ai.entrypoints.cli.session import Session, workspace_command

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI


@click.group("experiments")
def experiments() -> None:
    """Look at A/B tests; a test is called by its challenger's id."""


@experiments.command("list")
@workspace_command
def list_experiments(session: Session) -> None:
    """List all A/B tests."""

    async def work(ai: AI) -> list[ExperimentReport]:
        return sorted(await ai.experiments.list(), key=lambda report: report.id)

    found = session.run(work)
    from hotcrm_ai.entrypoints.cli.experiment_rows import experiment_table
    from hotcrm_ai.entrypoints.cli.screen import screen, write_json

    if session.as_json:
        write_json({"experiments": found})
        return
    screen().print(experiment_table(found) if found else "No model has an A/B test.")


@experiments.command("report")
@click.argument("experiment_id", metavar="ID")
@workspace_command
def report(session: Session, experiment_id: str) -> None:
    """Show the arms of one A/B test: predictions, subjects, outcomes."""

    async def work(ai: AI) -> ExperimentReport:
        return await ai.experiments.report(experiment_id)

    found = session.run(work)
    from hotcrm_ai.entrypoints.cli.experiment_rows import print_experiment
    from hotcrm_ai.entrypoints.cli.screen import screen, write_json

    if session.as_json:
        write_json(found)
        return
    print_experiment(screen(), found)


COMMAND = experiments
