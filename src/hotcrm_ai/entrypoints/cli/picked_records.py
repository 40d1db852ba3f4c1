"""Takes single records out of a file, by id or by number, for the commands that are about one record or two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hotcrm_ai.domain.errors import InvalidRequest

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI
    from hotcrm_ai.entrypoints.cli.record_file import FileRecord

CommandT = TypeVar("CommandT", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class PickedRecords:
    """Which records of which file are meant: those with these ids, then those with these numbers."""

    source: Path
    ids: tuple[str, ...]
    rows: tuple[int, ...]
    id_column: str | None

    async def read(self, ai: AI, model_id: str) -> list[dict[str, Any]]:
        """Return the features of the records that are meant.

        Raises:
            ModelNotFound: no model has this id.
            InvalidRequest: the file cannot be read, a record is not in it or not only once, or its cells do not fit the model.
        """
        from hotcrm_ai.entrypoints.cli.predict_file import signature_of
        from hotcrm_ai.entrypoints.cli.record_file import open_records

        signature = await signature_of(ai, model_id)
        records = open_records(self.source, signature, id_column=self.id_column)
        found = [one for one in records.rows if one.row in self.rows or str(one.id) in self.ids]
        return [self._features(f"id {id_!r}", [one for one in found if str(one.id) == id_]) for id_ in self.ids] + [
            self._features(f"number {row}", [one for one in found if one.row == row]) for row in self.rows
        ]

    def _features(self, wanted: str, found: list[FileRecord]) -> dict[str, Any]:
        name = repr(self.source.name)
        if not found:
            where = f"ids stand in its column {self.id_column or 'id'!r} (--id-column names another)"
            raise InvalidRequest(
                f"The file {name} has no record with {wanted}; {where if self.ids else 'it has fewer'}."
            )
        if len(found) > 1:
            rows = " and ".join(str(one.row) for one in found[:2])
            raise InvalidRequest(f"The file {name} has {wanted} in records {rows}; say which one with --row.")
        if found[0].problem is not None:
            raise InvalidRequest(f"Record {found[0].row} of the file {name} cannot be read: {found[0].problem}.")
        return found[0].features


def file_record_options(command: CommandT) -> CommandT:
    """Give a command the options by which records of a file are named."""
    for option in (
        click.option(
            "--id-column",
            metavar="COLUMN",
            help="The column of the file that holds the ids [default: id].",
        ),
        click.option(
            "--row", "rows", multiple=True, type=click.IntRange(min=1), help="The record with this number, from 1."
        ),
        click.option("--id", "ids", multiple=True, metavar="ID", help="The record with this id."),
        click.option(
            "--file",
            "source",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Take the record out of this file, as `predict --file` reads it.",
        ),
    ):
        command = option(command)
    return command


def picked_records(
    source: Path | None, ids: tuple[str, ...], rows: tuple[int, ...], id_column: str | None, *, count: int
) -> PickedRecords | None:
    """Return which records of a file are meant, nothing where no file is; raises ``UsageError`` unless they are so many."""
    if source is None:
        if ids or rows or id_column:
            raise click.UsageError("--id, --row and --id-column go with --file.")
        return None
    if len(ids) + len(rows) != count:
        raise click.UsageError(
            f"With --file, say which {'record' if count == 1 else f'{count} records'} with --id or --row."
        )
    return PickedRecords(source, ids, rows, id_column)
