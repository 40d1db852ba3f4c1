"""``hotcrm-ai explain``: why a record gets its prediction, in words, numbers and a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotcrm_ai.entrypoints.cli.given_features import read_features, read_record_name
from hotcrm_ai.entrypoints.cli.session import Session, workspace_command
from hotcrm_ai.entrypoints.cli.written_file import check_writable

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI
    from hotcrm_ai.domain.explanation import Explanation


@click.command("explain")
@click.argument("model")
@click.option(
    "--features", metavar="JSON", required=True, help="The record as JSON, as @FILE, or as @- for standard input."
)
@click.option(
    "--plot", type=click.Path(dir_okay=False, path_type=Path), help="Also draw a waterfall into this .png or .svg file."
)
@click.option(
    "--record",
    metavar="TYPE:ID",
    help="The record this is about, such as Lead:LD-000123; it decides the arm of an A/B test.",
)
@workspace_command
def explain(session: Session, model: str, features: str, plot: Path | None, record: str | None) -> None:
    """Say why a record gets its prediction; the contributions add up to the number that is shown."""
    given = read_features(features, option="--features")
    context = read_record_name(record)
    if plot is not None and plot.suffix.lower() not in (".png", ".svg"):
        raise click.BadParameter(f"{str(plot)!r} ends neither in .png nor in .svg.", param_hint="--plot")
    if plot is not None:
        check_writable(plot, option="--plot")

    async def work(ai: AI) -> tuple[Explanation, dict[str, str]]:
        explanation = await ai.explain(model, given, context=context)
        answered = await ai.registry.get_model(explanation.model_id)
        signature = answered.signature if answered is not None else None
        return explanation, {spec.name: spec.title for spec in signature.features} if signature else {}

    explanation, titles = session.run(work)
    if plot is not None:
        from hotcrm_ai.explainers import draw_waterfall

        draw_waterfall(explanation, plot, titles=titles)
    _show(session, explanation, titles, plot)


def _show(session: Session, explanation: Explanation, titles: dict[str, str], plot: Path | None) -> None:
    from hotcrm_ai.entrypoints.cli.explanation_text import print_explanation
    from hotcrm_ai.entrypoints.cli.screen import screen, write_json

    if session.as_json:
        write_json(explanation)
        return
    console = screen()
    print_explanation(console, explanation, titles)
    if plot is not None:
        console.print(f"The picture is in {plot}.")


COMMAND = explain
