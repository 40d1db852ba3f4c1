"""``hotcrm-ai outcomes``: tell what really happened, and see how good the predictions were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from hotcrm_ai.domain.errors import InvalidRequest
from hotcrm_ai.domain.outcome import KnownOutcome
from hotcrm_ai.domain.spelling import to_snake
from hotcrm_ai.entrypoints.cli.session import Session, workspace_command

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI
    from hotcrm_ai.assembly.outcomes import ImportedOutcomes
    from hotcrm_ai.domain.live_quality import LiveQuality

_NAMES: Final = ("prediction_id", "object_type", "object_id", "model_id", "actual")


@click.group("outcomes")
def outcomes() -> None:
    """Tell what really happened, and see how good the predictions were."""


@outcomes.command("import")
@click.argument("file", required=False, type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--query", metavar="SQL", help="A SELECT that gives the outcomes, instead of a file; it runs on the CRM.")
@click.option("--object", "object_type", metavar="TYPE", help="The object type of all rows, such as Lead.")
@click.option("--model", "model_id", metavar="ID", help="The model of all rows.")
@workspace_command
def import_(
    session: Session, file: Path | None, query: str | None, object_type: str | None, model_id: str | None
) -> None:
    """Join outcomes with the prediction log: from a CSV, JSON lines, Parquet or Excel file (`-`: standard input), or from a query.

    Columns are `prediction_id`, or `object_id` with `object_type` and `model_id` (which --object and --model can give), and `actual`:
    what such a prediction is about, such as yes or no in any usual word. An object's outcome goes to all predictions about it by the
    model. Importing again changes nothing.
    """
    if (file is None) == (query is None):
        raise click.UsageError("Give either a file or --query.")
    given = {"object_type": object_type, "model_id": model_id}

    async def work(ai: AI) -> ImportedOutcomes:
        from hotcrm_ai.assembly.outcomes import import_outcomes, query_rows
        from hotcrm_ai.entrypoints.cli.waiting import progress_bar

        rows = _rows_of(file) if file is not None else iter(await query_rows(ai.settings.crm.reveal(), query or ""))
        known = [_outcome(number, row, given) for number, row in enumerate(rows, 1)]
        with progress_bar("Outcomes") as progress:
            return await import_outcomes(ai, known, progress=progress)

    _show_import(session, session.run(work))


@outcomes.command("quality")
@click.argument("model")
@click.option(
    "--window", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS", help="Only predictions so new."
)
@click.option("--days", type=click.FloatRange(min=0, min_open=True), help="Measure each stretch of so many days apart.")
@workspace_command
def quality(session: Session, model: str, window: float | None, days: float | None) -> None:
    """Show how good a model's predictions were, per version and arm of an A/B test, where outcomes are known."""
    period = None if days is None else 86_400.0 * days

    async def work(ai: AI) -> list[LiveQuality]:
        return await ai.predictions.get_live_quality(model, window, period=period)

    _show_quality(session, session.look(work))


def _rows_of(path: Path) -> Iterator[Mapping[str, Any]]:
    from hotcrm_ai.domain.signature import FeatureSpec, Signature
    from hotcrm_ai.entrypoints.cli.record_file import open_records
    from hotcrm_ai.entrypoints.cli.screen import note
    from hotcrm_ai.entrypoints.cli.standard_input import file_of

    columns = Signature(features=tuple(FeatureSpec(name=name, type="text") for name in _NAMES))
    with file_of(path) as file:
        records = open_records(file, columns)
        for remark in records.notes:
            note(f"note: {remark}.")
        for record in records.rows:
            if record.problem is not None:
                raise InvalidRequest(f"Row {record.row} of {file.name!r}: {record.problem}; nothing was joined.")
            yield record.features


def _outcome(number: int, row: Mapping[str, Any], given: Mapping[str, str | None]) -> KnownOutcome:
    from hotcrm_ai.training.infer_types import cell_text

    values = {to_snake(name): value for name, value in row.items() if value is not None}
    if "actual" not in values:
        raise InvalidRequest(f"Row {number} has no value in the column 'actual'; nothing was joined.")
    named = {name: cell_text(values.get(name, given.get(name))) or None for name in _NAMES[:-1]}
    if named["prediction_id"] is None and None in (named["object_type"], named["object_id"], named["model_id"]):
        raise InvalidRequest(
            f"Row {number} has neither a prediction_id, nor an object_id with object_type and model_id; "
            "give --object and --model where all rows have the same. Nothing was joined."
        )
    return KnownOutcome(actual=values["actual"], **named)


def _show_import(session: Session, found: ImportedOutcomes) -> None:
    from hotcrm_ai.entrypoints.cli.screen import counted, screen, shown, write_json

    if session.as_json:
        write_json(found)
        return
    console = screen()
    verb = "was" if found.outcomes == 1 else "were"
    console.print(
        shown(f"{counted(found.outcomes, 'outcome')} {verb} joined with {counted(found.predictions, 'prediction')}.")
    )
    if found.without_prediction:
        console.print(shown(f"{found.without_prediction:,} of them fit no logged prediction.", "yellow"))


def _show_quality(session: Session, found: list[LiveQuality]) -> None:
    from hotcrm_ai.entrypoints.cli.screen import number, screen, table, write_json

    if session.as_json:
        write_json({"quality": found, "reason": None if found else "No outcomes are known"})
        return
    if not found:
        screen().print("No outcomes are known; tell them with: hotcrm-ai outcomes import")
        return
    rows = [
        (
            one.model_version,
            one.variant,
            None if one.period_start is None else one.period_start.date().isoformat(),
            number(one.outcomes, 0),
            number(one.base_rate, 1, " %"),
            number(one.accuracy, 1, " %"),
            number(None if one.auc is None else one.auc / 100.0, 3),
            number(one.brier, 3),
            number(one.top_decile_lift, 2),
            number(one.calibration_error, 3),
        )
        for one in found
    ]
    columns = ("Version", "Arm", "From", "Outcomes", "Happened", "Right", "ROC-AUC", "Brier", "Lift", "Calibr. error")
    screen().print(table(columns, rows, right=columns[3:]))


COMMAND = outcomes
