"""``hotcrm-ai models drift``: how far what a model is asked has moved from what it was trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from hotcrm_ai.entrypoints.cli.session import Session, workspace_command

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI
    from hotcrm_ai.domain.drift import DriftMeasure, DriftReport

_DAY_SECONDS: Final = 86_400.0


@click.command("drift")
@click.argument("model_id", metavar="ID")
@click.option(
    "--days",
    type=click.FloatRange(min=0, max=366, min_open=True),
    default=7.0,
    show_default=True,
    help="Compare the last so many days.",
)
@workspace_command
def drift(session: Session, model_id: str, days: float) -> None:
    """Say how far what a model is asked has moved from the records that it was judged on.

    Fewer than 50 predictions say nothing; what chance alone explains is not called a drift.
    """

    async def work(ai: AI) -> DriftReport:
        return await ai.drift(model_id, window=days * _DAY_SECONDS)

    found = session.look(work)
    from hotcrm_ai.entrypoints.cli.screen import number, screen, shown, table, write_json

    if session.as_json:
        write_json(found)
        return
    console = screen()
    console.print(shown(found.reason, "bold"))
    measures: list[DriftMeasure] = [*found.features, *([found.prediction] if found.prediction else [])]
    if measures:
        rows = [
            (
                one.name,
                one.status,
                number(one.psi, 3),
                number(one.noise, 3),
                number(one.jensen_shannon, 3),
                number(one.missing_rate, 1, " %"),
                number(one.reference_missing_rate, 1, " %"),
            )
            for one in measures
        ]
        columns = ("Feature", "Status", "PSI", "Chance", "JS", "Missing", "Before")
        console.print(table(columns, rows, right=columns[2:]))
    for name, reason in found.skipped.items():
        console.print(shown(f"  not compared: {name}: {reason}", "dim"))
