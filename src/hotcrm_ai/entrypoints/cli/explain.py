"""``hotcrm-ai explain``: why a record gets its prediction, in words, numbers and a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from hotcrm_ai.entrypoints.cli.given_features import read_features, read_record_name
from hotcrm_ai.entrypoints.cli.picked_records import file_record_options, picked_records
from hotcrm_ai.entrypoints.cli.session import Session, workspace_command
from hotcrm_ai.entrypoints.cli.written_file import check_writable

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI
    from hotcrm_ai.domain.explanation import Counterfactual, Explanation
    from hotcrm_ai.domain.wording import Wording


@click.command("explain")
@click.argument("model")
@click.option("--features", metavar="JSON", help="The record as JSON, as @FILE, or as @- for standard input.")
@file_record_options
@click.option(
    "--plot", type=click.Path(dir_okay=False, path_type=Path), help="Also draw a waterfall into this .png or .svg file."
)
@click.option(
    "--record",
    metavar="TYPE:ID",
    help="The record this is about, such as Lead:LD-000123; it decides the arm of an A/B test.",
)
@click.option(
    "--what-if",
    "changeable",
    multiple=True,
    metavar="FIELD",
    help="Also say how this field would have to change for the goal; may be given up to 8 times.",
)
@click.option(
    "--goal", metavar="GOAL", help="With --what-if: a class such as hot or low, or a probability such as 0.6."
)
@workspace_command
def explain(
    session: Session,
    model: str,
    features: str | None,
    plot: Path | None,
    record: str | None,
    changeable: tuple[str, ...],
    goal: str | None,
    **of_file: Any,
) -> None:
    """Say why a record gets its prediction; the contributions add up to the number that is shown.

    With --what-if also the smallest change of the named fields after which the model gives the wished answer.
    """
    picked = picked_records(**of_file, count=1)
    if (features is None) == (picked is None):
        raise click.UsageError("Give either --features or --file.")
    given = [] if features is None else [read_features(features, option="--features")]
    context = read_record_name(record)
    wished = _read_goal(goal, changeable)
    if plot is not None and plot.suffix.lower() not in (".png", ".svg"):
        raise click.BadParameter(f"{str(plot)!r} ends neither in .png nor in .svg.", param_hint="--plot")
    if plot is not None:
        check_writable(plot, option="--plot")

    from hotcrm_ai.ports.ai_feature import wording_of

    async def work(ai: AI) -> tuple[Explanation, dict[str, str], Wording, Counterfactual | None]:
        (asked,) = given if picked is None else await picked.read(ai, model)
        explanation = await ai.explain(model, asked, context=context)
        answered = await ai.registry.get_model(explanation.model_id)
        titles = answered.titles if answered is not None else {}
        wording = wording_of(ai.features, answered.feature if answered is not None else None)
        if wished is None:
            return explanation, titles, wording, None
        found = await ai.explainer.counterfactual(model, asked, changeable=changeable, goal=wished, context=context)
        return explanation, titles, wording, found

    explanation, titles, wording, found = session.run(work)
    if plot is not None:
        from hotcrm_ai.explainers import draw_waterfall

        draw_waterfall(explanation, plot, titles=titles, wording=wording)
    _show(session, explanation, titles, wording, plot, found)


def _read_goal(goal: str | None, changeable: tuple[str, ...]) -> str | float | None:
    if (goal is None) == bool(changeable):
        raise click.UsageError("--what-if and --goal belong together: which fields may change, and for which answer.")
    if goal is None:
        return None
    try:
        return float(goal)
    except ValueError:
        return goal


def _show(
    session: Session,
    explanation: Explanation,
    titles: dict[str, str],
    wording: Wording,
    plot: Path | None,
    found: Counterfactual | None,
) -> None:
    from hotcrm_ai.entrypoints.cli.explanation_text import print_explanation
    from hotcrm_ai.entrypoints.cli.screen import screen, shown_lines, write_json

    if session.as_json:
        write_json(explanation if found is None else {**msgspec.to_builtins(explanation), "whatIf": found})
        return
    console = screen()
    print_explanation(console, explanation, titles, wording)
    if found is not None:
        console.print()
        console.print(shown_lines(found.explanation))
    if plot is not None:
        console.print(f"The picture is in {plot}.")


COMMAND = explain
