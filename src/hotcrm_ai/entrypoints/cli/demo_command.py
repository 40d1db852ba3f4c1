"""``hotcrm-ai demo``: the whole product on a sample CRM, from an empty folder to explained scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hotcrm_ai.entrypoints.cli.session import Session, workspace_command

if TYPE_CHECKING:
    from hotcrm_ai.actions.demo_report import DemoReport
    from hotcrm_ai.assembly import AI


@click.command("demo")
@click.option("--fresh", is_flag=True, help="Make the sample CRM anew, also where there is one.")
@click.option(
    "--leads",
    type=click.IntRange(500, 100_000),
    default=6000,
    show_default=True,
    help="How many leads a new sample CRM gets.",
)
@workspace_command
def demo(session: Session, fresh: bool, leads: int) -> None:
    """From an empty folder to explained lead scores on a sample CRM, in about a minute.

    Makes a sample CRM in the workspace folder, trains lead scoring on its closed leads, tests the new model against the old one
    on the open leads, writes scores and reasons back, and shows what came out. Nothing outside of the folder is touched. Run
    again, it goes on with the same A/B test where the model is the same.
    """
    from hotcrm_ai.entrypoints.cli.demo_progress import stage_watcher
    from hotcrm_ai.entrypoints.cli.demo_text import print_demo
    from hotcrm_ai.entrypoints.cli.screen import screen, write_json

    with stage_watcher(quiet=session.as_json) as watcher:

        async def work(ai: AI) -> DemoReport:
            from hotcrm_ai.actions.demo import run_demo

            return await run_demo(ai, watcher, fresh=fresh, leads=leads)

        report = session.run(work)
    if session.as_json:
        write_json(report)
        return
    print_demo(screen(), report, session)


COMMAND = demo
