"""``hotcrm-ai train``: from a table of closed records to a measured, registered model."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from msgspec.structs import replace

from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.domain.ways import told
from hotcrm_ai.entrypoints.cli.session import Session, workspace_command
from hotcrm_ai.entrypoints.cli.standard_input import file_of

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI
    from hotcrm_ai.domain.training import TrainingReport

_ENVIRONMENT: Final = "env:"


_PARTS: Final = ("series", "text", "group", "account", "product_name", "quantity", "industry", "company_size")
"""Parts of the tables of features other than yes or no; the target and the time have options of their own."""


def _read_directions(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """Return the direction of each column of ``--monotone COLUMN=+``."""
    found: dict[str, str] = {}
    for one in given:
        column, sign, direction = one.rpartition("=")
        if not (column and sign and direction in ("+", "-")):
            raise click.BadParameter(f"{one!r} is not COLUMN=+ or COLUMN=-.")
        found[column] = direction
    return found


def _read_columns(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """Return the column of each part of ``--column PART=COLUMN``."""
    found: dict[str, str] = {}
    for one in given:
        part, sign, column = one.partition("=")
        if not (sign and column) or part not in _PARTS:
            raise click.BadParameter(f"{one!r} is not PART=COLUMN with a part among {', '.join(_PARTS)}.")
        found[part] = column
    return found


@click.command("train")
@click.argument("feature")
@click.option(
    "--data",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="The table: CSV or JSON lines (also .gz), Parquet or Excel; - for standard input.",
)
@click.option("--query", metavar="SQL", help="A SELECT that gives the table, instead of --data.")
@click.option("--url", metavar="URL", help="Where the query runs [default: the CRM]; with a password only as env:NAME.")
@click.option(
    "--target",
    metavar="COLUMN",
    help="The column to learn: what was won and what was lost, the label, the value or the product. "
    "[default: label, value or product for texts, forecasts and purchases]",
)
@click.option("--id", "model_id", metavar="ID", help="The model's id [default: the feature's own].")
@click.option("--model-version", "version", metavar="VERSION", help="The model's version [default: the next one].")
@click.option(
    "--positive",
    metavar="VALUE",
    help="The target's value that means success (of churn: that the customer left), where it is no word like won.",
)
@click.option("--negative", metavar="VALUE", help="The target's value that means failure.")
@click.option("--exclude", multiple=True, metavar="COLUMN", help="A column to leave out; may be given several times.")
@click.option(
    "--keep", multiple=True, metavar="COLUMN", help="A column to keep although the leak guard would leave it out."
)
@click.option("--time-column", metavar="COLUMN", help="Learn from older records, measure on the newest by this column.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="PART=COLUMN",
    callback=_read_columns,
    help="Where a part of the table is called otherwise: series of forecasts, text and group of sentiment, account, product_name, "
    "quantity, industry and company_size of recommendations; may be given several times.",
)
@click.option(
    "--monotone",
    multiple=True,
    metavar="COLUMN=+|-",
    callback=_read_directions,
    help="With more of this column the probability may only rise (+) or only fall (-); may be given several times.",
)
@click.option("--segment", metavar="COLUMN", help="Measure each value of this column apart in the report.")
@click.option(
    "--value",
    metavar="COLUMN",
    help="A column of amounts: answers say what a record is worth, the report what it gains.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Same data and seed, same model."
)
@click.option(
    "--promote",
    is_flag=True,
    help="Let the model answer at once, if it beats the base rate, chance and the running model on held-out rows.",
)
@click.option(
    "--report",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the report here: Markdown, pictures, JSON.",
)
@click.option("--allow-bad-rows", is_flag=True, help="Leave out rows that cannot be read, also when they are many.")
@workspace_command
def train(
    session: Session,
    feature: str,
    data: Path | None,
    query: str | None,
    url: str | None,
    folder: Path | None,
    columns: dict[str, str],
    **options: Any,
) -> None:
    """Train a model of an AI feature such as lead-scoring on your own records, measure it, and register it.

    Records without an outcome are left out as open. Columns that give the outcome away are found, named, and left out.
    """
    if (data is None) == (query is None):
        raise click.UsageError("Give either --data or --query.")
    if url is not None and query is None:
        raise click.UsageError("--url goes with --query.")
    given = {
        name: value
        for name, value in options.items()
        if value is not None and value is not False and value not in ((), {})
    } | columns
    with ExitStack() as stack:
        source: Any = stack.enter_context(file_of(data)) if data is not None else (_query_url(session, url), query)
        trained = session.run(lambda ai: _train(ai, feature, source, given))
    report = replace(trained, warnings=tuple(told(warning, "command") for warning in trained.warnings))
    if folder is not None:
        from hotcrm_ai.training.report_files import write_report

        report = write_report(report, folder)
    _show(session, report)


async def _train(ai: AI, feature: str, source: Any, options: dict[str, Any]) -> TrainingReport:
    from hotcrm_ai.entrypoints.cli.waiting import share_bar

    with share_bar("Training") as progress:
        return await ai.train(feature, source, progress=progress, **options)


def _query_url(session: Session, url: str | None) -> str:
    """Return the URL of the query; a password never comes from the command line, where every process can read it."""
    if url is None:
        return session.settings().crm.reveal()
    if url.startswith(_ENVIRONMENT):
        name = url.removeprefix(_ENVIRONMENT)
        value = os.environ.get(name)
        if not value:
            raise ConfigError(
                f"--url names the environment variable {name!r}, which is not set; set it to the database's URL."
            )
        return value
    from sqlalchemy import exc, make_url

    try:
        parsed = make_url(url)
    except exc.ArgumentError:
        raise ConfigError("--url is no database URL; give, for example, sqlite:///crm.db, or env:NAME.") from None
    if parsed.password is not None or any("pass" in name.lower() for name in parsed.query):
        raise ConfigError(
            "--url holds a password, which other processes can read; put the URL into a variable and give --url env:NAME."
        )
    return url


def _show(session: Session, report: TrainingReport) -> None:
    from hotcrm_ai.entrypoints.cli.screen import screen, write_json
    from hotcrm_ai.entrypoints.cli.training_rows import print_training

    if session.as_json:
        write_json(report)
        return
    print_training(screen(), report)


COMMAND = train
