"""``hotcrm-ai score leads``: scores CRM records and writes score, confidence, reasons and date back to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hotcrm_ai.entrypoints.cli.conditions import read_condition
from hotcrm_ai.entrypoints.cli.failures import DONE, FAILED
from hotcrm_ai.entrypoints.cli.session import Session, workspace_command

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI

_MOST_ROWS = 25


@click.group("score")
def score() -> None:
    """Score CRM records and write the scores back."""


@score.command("leads")
@click.option("--id", "lead_ids", multiple=True, metavar="ID", help="A lead to score; may be given several times.")
@click.option("--all", "everything", is_flag=True, help="Score every lead of the CRM.")
@click.option(
    "--where", "conditions", multiple=True, metavar="CONDITION",
    help="Score the leads that meet this, for example 'status = open' or 'converted is null'; several must all be met.",
)  # fmt: skip
@click.option(
    "--model", default="lead-scoring-v1", show_default=True, help="The model to ask (or the challenger of an A/B test)."
)
@workspace_command
def leads(
    session: Session, lead_ids: tuple[str, ...], everything: bool, conditions: tuple[str, ...], model: str
) -> int:
    """Score leads and write ai_score, ai_confidence, ai_explanation and last_scored_date to them.

    Leads that cannot be scored are left as they were. The exit code is 1 when there were leads and none could be scored.
    """
    from hotcrm_ai.entrypoints.cli.screen import note

    if sum((bool(lead_ids), everything, bool(conditions))) != 1:
        raise click.UsageError("Give one of --id, --all and --where.")
    wanted: list[str] | dict[str, Any] = (
        list(lead_ids) if lead_ids else {"filters": [read_condition(text) for text in conditions]}
    )
    results = session.run(lambda ai: _score(ai, wanted, model))
    _show(session, results)
    for challenger in session.run(lambda ai: _challengers(ai, model)):
        note(
            f"note: {challenger!r} is in an A/B test against {model!r}; these scores are all of {model!r}, "
            f"with --model {challenger} the test decides who answers."
        )
    return FAILED if results and all("error" in result for result in results) else DONE


async def _score(ai: AI, wanted: list[str] | dict[str, Any], model: str) -> list[dict[str, Any]]:
    from hotcrm_ai.actions import batch_score_leads
    from hotcrm_ai.entrypoints.cli.waiting import progress_bar

    with progress_bar("Scoring leads") as advance:
        return await batch_score_leads(ai, wanted, model_id=model, progress=advance)


async def _challengers(ai: AI, model_id: str) -> list[str]:
    """Return the models that may answer and are under a running split test against this one."""
    return [
        model.id
        for model in await ai.registry.list_models(status="active")
        if model.ab_test is not None
        and model.ab_test.enabled
        and model.ab_test.mode == "split"
        and model.ab_test.champion_model_id == model_id
    ]


def _show(session: Session, results: list[dict[str, Any]]) -> None:
    from hotcrm_ai.entrypoints.cli.lead_rows import lead_table
    from hotcrm_ai.entrypoints.cli.screen import screen, shown, write_json

    scored = [result for result in results if "error" not in result]
    failed = [result for result in results if "error" in result]
    if session.as_json:
        write_json({"scored": len(scored), "failed": len(failed), "results": results})
        return
    console = screen()
    best = sorted(scored, key=lambda result: (-result["score"], result["id"]))[:_MOST_ROWS]
    if best:
        console.print(lead_table(best))
    if len(scored) > len(best):
        console.print(
            shown(f"… and {len(scored) - len(best):,} more, all written back; --json gives every one.", "dim")
        )
    console.print(
        shown(
            f"{len(scored):,} leads scored and written back, {len(failed):,} not." if results else "No lead meets that."
        )
    )
    for result in failed[:_MOST_ROWS]:
        console.print(shown(f"  {result['id']}: {result['error']['message']}", "red"))


COMMAND = score
