"""``hotcrm-ai compare``: why two records get different predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hotcrm_ai.entrypoints.cli.given_features import read_features
from hotcrm_ai.entrypoints.cli.picked_records import file_record_options, picked_records
from hotcrm_ai.entrypoints.cli.session import Session, workspace_command

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI
    from hotcrm_ai.domain.explanation import Comparison
    from hotcrm_ai.domain.wording import Wording


@click.command("compare")
@click.argument("model")
@click.option("--features1", metavar="JSON", help="The first record, as JSON or @FILE.")
@click.option("--features2", metavar="JSON", help="The second record, as JSON or @FILE.")
@file_record_options
@workspace_command
def compare(session: Session, model: str, features1: str | None, features2: str | None, **of_file: Any) -> None:
    """Say which features make the predictions for two records differ, and by how much.

    The records are given as JSON, or as two records of a file with --id or --row.
    """
    picked = picked_records(**of_file, count=2)
    if (features1 is None) != (features2 is None) or (features1 is None) == (picked is None):
        raise click.UsageError("Give either --features1 and --features2, or --file.")
    given = [
        read_features(features, option=option)
        for option, features in (("--features1", features1), ("--features2", features2))
        if features is not None
    ]

    from hotcrm_ai.domain.wording import NEUTRAL
    from hotcrm_ai.ports.ai_feature import wording_of

    async def work(ai: AI) -> tuple[Comparison, dict[str, str], Wording]:
        first, second = given if picked is None else await picked.read(ai, model)
        comparison = await ai.compare(model, first, second)
        answered = await ai.registry.get_model(comparison.model_id)
        if answered is None:
            return comparison, {}, NEUTRAL
        return comparison, answered.titles, wording_of(ai.features, answered.feature)

    comparison, titles, wording = session.run(work)
    _show(session, comparison, titles, wording)


def _show(session: Session, comparison: Comparison, titles: dict[str, str], wording: Wording) -> None:
    from hotcrm_ai.domain.titles import fact_title
    from hotcrm_ai.entrypoints.cli.explanation_text import print_stand_in, signed
    from hotcrm_ai.entrypoints.cli.screen import screen, shown, shown_lines, table, write_json

    if session.as_json:
        write_json(comparison)
        return
    prediction = comparison.prediction2
    factor = 100.0 if isinstance(prediction, dict) and "probability" in prediction else 1.0
    rows: list[tuple[Any, ...]] = [
        (
            fact_title(part.feature, titles, part.value1, part.value2),
            shown(part.value1),
            shown(part.value2),
            signed(part.impact_difference * factor, wording=wording),
        )
        for part in comparison.differences
    ]
    console = screen()
    print_stand_in(console, comparison)
    console.print(shown_lines(comparison.explanation))
    console.print()
    console.print(
        table(
            ("Feature", "First", "Second", "Points" if factor == 100.0 else "Impact"), rows, right=("Points", "Impact")
        )
    )
    console.print(shown(f"First: {_words(comparison.prediction1)}   Second: {_words(comparison.prediction2)}"))
    console.print(shown(f"{comparison.model_id} {comparison.model_version}, {comparison.method}", "dim"))


def _words(prediction: Any) -> str:
    if not isinstance(prediction, dict):
        return str(prediction)
    return ", ".join(
        f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}" for name, value in prediction.items()
    )


COMMAND = compare
