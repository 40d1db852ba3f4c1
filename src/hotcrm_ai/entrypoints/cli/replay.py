"""``hotcrm-ai replay``: answer a logged request again, and say whether the answer is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from hotcrm_ai.entrypoints.cli.failures import DONE, FAILED
from hotcrm_ai.entrypoints.cli.session import Session, workspace_command

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI
    from hotcrm_ai.domain.explanation import Explanation
    from hotcrm_ai.domain.replay import Replay


@click.command("replay")
@click.argument("prediction_id")
@click.option("--explain", is_flag=True, help="Also say why the prediction came out as it did.")
@workspace_command
def replay(session: Session, prediction_id: str, explain: bool) -> int:
    """Answer a logged request again by the revision and bundle that answered it; the exit code is 1 where the answer differs."""

    async def work(ai: AI) -> tuple[Replay, Explanation | None]:
        found = await ai.predictions.replay(prediction_id)
        return found, await ai.explainer.explain_past(prediction_id) if explain else None

    found, explanation = session.look(work)
    _show(session, found, explanation)
    return DONE if found.same else FAILED


def _show(session: Session, found: Replay, explanation: Explanation | None) -> None:
    from hotcrm_ai.entrypoints.cli.screen import facts, screen, shown, shown_lines, write_json

    if session.as_json:
        record = msgspec.to_builtins(found)
        write_json(record if explanation is None else {**record, "explanation": explanation})
        return
    console = screen()
    console.print(
        facts(
            [
                ("prediction", found.prediction_id),
                ("model", f"{found.model_id} version {found.model_version}, revision {found.model_revision}"),
                ("bundle", found.bundle_digest),
                ("logged", found.logged_prediction),
                ("now", found.prediction),
            ]
        )
    )
    difference = found.difference
    if difference is None:
        console.print(shown("same", "green"))
    else:
        console.print(shown("different, first at", "bold red"), shown(difference.place))
        console.print(facts([("logged", difference.logged), ("now", difference.replayed)]))
    if explanation is not None:
        console.print(shown_lines(explanation.explanation))


COMMAND = replay
