"""``hotcrm-ai experiments``: A/B tests, their arms, what the outcomes say, and how a test ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hotcrm_ai.domain.experiment import ExperimentReport
from hotcrm_ai.entrypoints.cli.session import Session, workspace_command

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI


@click.group("experiments")
def experiments() -> None:
    """Look at A/B tests and end them; a test is called by its challenger's id."""


@experiments.command("list")
@workspace_command
def list_experiments(session: Session) -> None:
    """List all A/B tests."""

    async def work(ai: AI) -> list[ExperimentReport]:
        return sorted(await ai.experiments.list(), key=lambda report: report.id)

    found = session.look(work)
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
    """Show the arms of one A/B test: predictions, subjects, outcomes, and what the outcomes say."""

    async def work(ai: AI) -> ExperimentReport:
        return await ai.experiments.report(experiment_id)

    _show(session, session.look(work))


@experiments.command("promote")
@click.argument("experiment_id", metavar="ID")
@click.option("--reason", required=True, help="Why; kept in the challenger's history.")
@click.option("--anyway", is_flag=True, help="Promote it even where the figures do not speak for it.")
@workspace_command
def promote(session: Session, experiment_id: str, reason: str, anyway: bool) -> None:
    """End a test in favour of the challenger: it becomes the champion of its AI feature.

    Refused unless the outcomes say clearly that it is better, the split is right, and its held-out figures speak for it.
    """

    async def work(ai: AI) -> ExperimentReport:
        from hotcrm_ai.assembly.releases import promote_experiment

        return await promote_experiment(ai, experiment_id, reason=reason, anyway=anyway)

    _show(session, session.look(work), done=f"{experiment_id} is the champion now; the test is over.")


@experiments.command("stop")
@click.argument("experiment_id", metavar="ID")
@click.option("--reason", required=True, help="Why; kept in the challenger's history.")
@workspace_command
def stop(session: Session, experiment_id: str, reason: str) -> None:
    """End a test in favour of the champion: nobody gets the challenger any more."""

    async def work(ai: AI) -> ExperimentReport:
        from hotcrm_ai.assembly.releases import stop_experiment

        return await stop_experiment(ai, experiment_id, reason=reason)

    _show(session, session.look(work), done=f"Nobody gets {experiment_id} any more; the champion answers.")


def _show(session: Session, found: ExperimentReport, *, done: str | None = None) -> None:
    from hotcrm_ai.entrypoints.cli.experiment_rows import print_experiment
    from hotcrm_ai.entrypoints.cli.screen import screen, shown, write_json

    if session.as_json:
        write_json(found)
        return
    if done is not None:
        screen().print(shown(done, "bold"))
    print_experiment(screen(), found)


COMMAND = experiments
