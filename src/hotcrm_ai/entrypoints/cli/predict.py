"""``hotcrm-ai predict``: one record from the command line, or a whole file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from hotcrm_ai.domain.errors import InvalidRequest
from hotcrm_ai.domain.titles import title_of
from hotcrm_ai.entrypoints.cli.failures import DONE, FAILED
from hotcrm_ai.entrypoints.cli.given_features import read_features, read_record_name
from hotcrm_ai.entrypoints.cli.session import Session, workspace_command

if TYPE_CHECKING:
    from rich.table import Table

    from hotcrm_ai.assembly import AI
    from hotcrm_ai.domain.prediction import Context, PredictionResponse
    from hotcrm_ai.domain.wording import Wording
    from hotcrm_ai.entrypoints.cli.predict_file import FileQuestion, FileResult
    from hotcrm_ai.entrypoints.cli.record_file import FileRecords

_LONGEST_CELL: Final = 120


@click.command("predict")
@click.argument("model")
@click.option("--features", metavar="JSON", help="The record as JSON, as @FILE, or as @- for standard input.")
@click.option(
    "--file",
    "source",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="Records: CSV or JSON lines (also .gz), Parquet or Excel; - for standard input.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="Where the answers go: .csv or .parquet (one row per record), else one JSON object per record [default: standard output].",
)
@click.option(
    "--id-column",
    metavar="COLUMN",
    help="The column that names the records of the file; their answers carry it [default: id].",
)
@click.option(
    "--object",
    "object_type",
    metavar="TYPE",
    help="The object type of all records, such as Lead: their ids decide the arms of an A/B test, and outcomes find their answers.",
)
@click.option(
    "--reasons", is_flag=True, help="Also tell for each record which features moved its answer most; takes longer."
)
@click.option(
    "--full", is_flag=True, help="Tell all of each answer: also the provider, the cache, and the time of each step."
)
@click.option(
    "--job",
    "ticket",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Answer the file by a job where the model runs; TICKET keeps it, and the same call again takes it up.",
    metavar="TICKET",
)
@click.option(
    "--record",
    metavar="TYPE:ID",
    help="The record this is about, such as Lead:LD-000123; it decides the arm of an A/B test.",
)
@workspace_command
def predict(
    session: Session,
    model: str,
    features: str | None,
    source: Path | None,
    out: Path | None,
    ticket: Path | None,
    record: str | None,
    **of_file: Any,
) -> int:
    """Predict for one record (--features) or for every record of a file (--file).

    From a file, each record gives one line of JSON (or one row of CSV or Parquet), in order: its number and id, the `prediction` and who
    gave it, or an `error` where the record failed. The exit code is 1 when no record of the file could be answered.
    """
    if (features is None) == (source is None):
        raise click.UsageError("Give either --features or --file.")
    if ticket is not None and (source is None or out is None):
        raise click.UsageError("--job goes with --file and --out.")
    if source is not None:
        if record is not None:
            raise click.UsageError("--record goes with --features.")
        from hotcrm_ai.entrypoints.cli.predict_file import FileQuestion
        from hotcrm_ai.entrypoints.cli.standard_input import file_of

        with file_of(source) as file:
            target = None if out is None or str(out) == "-" else out
            return _predict_file(session, FileQuestion(model_id=model, source=file, out=target, **of_file), ticket)
    misplaced = [f"--{name.replace('_', '-')}" for name, value in {"out": out, **of_file}.items() if value]
    if misplaced:
        raise click.UsageError(f"{misplaced[0].replace('-type', '')} goes with --file.")
    given = read_features(str(features), option="--features")
    context = read_record_name(record)
    response, wording = session.run(lambda ai: _answer(ai, model, given, context))
    _show(session, response, wording)
    return DONE


async def _answer(
    ai: AI, model: str, features: dict[str, Any], context: Context | None
) -> tuple[PredictionResponse, Wording]:
    from hotcrm_ai.ports.ai_feature import wording_of

    response = await ai.predict(model, features, context=context)
    answered = await ai.registry.get_model(response.model_id)
    return response, wording_of(ai.features, answered.feature if answered is not None else None)


def _show(session: Session, response: PredictionResponse, wording: Wording) -> None:
    from hotcrm_ai.entrypoints.cli.notes import print_notes
    from hotcrm_ai.entrypoints.cli.screen import facts, interval_text, number, screen, shown, status_text, write_json

    if session.as_json:
        write_json(response.for_json())
        return
    answer = response.prediction if isinstance(response.prediction, dict) else {"prediction": response.prediction}
    listed = {name: value for name, value in answer.items() if _is_list_of_records(value)}
    rows: list[tuple[str, Any]] = [(title_of(name), _value(answer[name])) for name in answer if name not in listed]
    sure = interval_text(response.metadata.get("interval"), as_score="score" in answer)
    if sure:
        rows.append(("95 % interval", sure))
    for name in ("class", "risk"):
        rows = [(title, status_text(str(answer[name])) if title == title_of(name) else value) for title, value in rows]
    rows.append(("Confidence", wording.confidence_text(answer, response.confidence)))
    rows.append(("Answered by", f"{response.model_id} {response.model_version}"))
    rows += _details(response)
    rows.append(("Time", number(response.processing_time, 1, " ms")))
    rows.append(("Prediction id", response.prediction_id))
    console = screen()
    console.print(facts(rows))
    for name, records in listed.items():
        console.print()
        console.print(shown(title_of(name), "bold"))
        console.print(_record_table(records))
    print_notes(console, response.metadata.get("warnings", ()))


def _details(response: PredictionResponse) -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    if response.metadata.get("variant", "none") != "none":
        rows.append(("A/B arm", f"{response.metadata['variant']} (asked for {response.requested_model_id})"))
    if response.metadata.get("fallback"):
        rows.append(("Fallback for", response.metadata["fallback"]))
    return rows


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return "; ".join(map(str, value)) or "none"
    return round(value, 4) if isinstance(value, float) else value


def _is_list_of_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _record_table(records: list[dict[str, Any]]) -> Table:
    """Return the periods of a forecast, or the items of a recommendation, one in a row."""
    from hotcrm_ai.domain.value_text import value_text
    from hotcrm_ai.entrypoints.cli.screen import table

    names = list(dict.fromkeys(name for one in records for name in one))
    numbers = [name for name in names if all(isinstance(one.get(name), int | float) for one in records)]
    rows = [[value_text(one.get(name, ""), longest=_LONGEST_CELL) for name in names] for one in records]
    titles = {name: title_of(name) for name in names}
    return table(list(titles.values()), rows, right=[titles[name] for name in numbers])


def _predict_file(session: Session, asked: FileQuestion, ticket: Path | None) -> int:
    from hotcrm_ai.entrypoints.cli.answer_file import check_answer_file
    from hotcrm_ai.entrypoints.cli.predict_file import predict_file
    from hotcrm_ai.entrypoints.cli.screen import counted, note, write_json

    source, out = asked.source, asked.out
    if out is not None and out.exists() and source.exists() and out.samefile(source):
        raise InvalidRequest(f"--out {str(out)!r} is the file that is read; choose another one.")
    if out is not None:
        check_answer_file(out)

    def tell(records: FileRecords) -> None:
        for remark in () if session.as_json else records.remarks():
            note(f"note: {remark}.")

    if ticket is not None:
        from hotcrm_ai.entrypoints.cli.predict_job import predict_by_job

        result: FileResult = session.run(lambda ai: predict_by_job(ai, asked, ticket, tell=tell))
    else:
        result = session.run(lambda ai: predict_file(ai, asked, collect=session.as_json, tell=tell))
    if session.as_json:
        write_json(result)
    else:
        place = f", written to {str(out)!r}" if out is not None else ""
        note(f"{counted(result.rows, 'record')}: {result.answered:,} answered, {result.failed:,} failed{place}.")
    return FAILED if result.rows and not result.answered else DONE


COMMAND = predict
