"""Makes a table of records: mappings from Python, or the objects of a JSON file, which may lack what others have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.domain.json_text import parse_json
from hotcrm_ai.domain.missing_values import is_missing_mark
from hotcrm_ai.training.raw_table import RawTable, check_names, make_table
from hotcrm_ai.training.text_file import TextFile, look_at_text, readable

_ARRAY_ENDINGS: Final = (".json", ".json.gz")


def read_records(records: Sequence[Any]) -> RawTable:
    """Make a table of a list of mappings.

    Raises:
        TrainingDataError: a record is no mapping, or has a name that is no text.
    """
    source = "list of records"
    for number, record in enumerate(records, start=1):
        if not isinstance(record, Mapping):
            raise TrainingDataError(f"Record {number} of the {source} is no mapping but {type(record).__name__!r}.")
        for name in record:
            if not isinstance(name, str):
                raise TrainingDataError(f"Record {number} of the {source} has the name {name!r}, which is no text.")
    return make_table(_columns(records, source), source=source, lines=range(1, len(records) + 1), place="record")


def read_json(path: Path, *, allow_bad_rows: bool = False) -> RawTable:
    """Read the objects of a file, one on each line, or all in one array where the file is called ``.json``.

    Raises:
        TrainingDataError: the file is empty, damaged or not text, or a line is no JSON object; the message names the line.
    """
    text = look_at_text(path)
    records: list[dict[str, Any]] = []
    lines: list[int] = []
    left_out = 0
    for line, record in json_objects(text):
        if not isinstance(record, str):
            records.append(record)
            lines.append(line)
        elif allow_bad_rows:
            left_out += 1
        else:
            raise TrainingDataError(
                f"{path.name!r}, line {line}: {record}; mend it, or allow bad rows to leave it out.",
                file=str(path),
                line=line,
            )
    source, warnings = repr(path.name), text.warnings
    if not records:
        raise TrainingDataError(f"{source} is empty; give a file with one JSON object on each line.", file=str(path))
    if left_out:
        warnings = (*warnings, f"{left_out} lines of {source} are no JSON objects and were left out")
    columns = _columns(records, source)
    return make_table(columns, source=source, lines=lines, place="line", warnings=warnings, left_out=left_out)


def json_objects(text: TextFile) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Read each object of a file with its line (its number in an array), or why what stands there is none.

    Raises:
        TrainingDataError: the file is an array that cannot be read.
    """
    with readable(text.path), text.open() as stream:
        if _is_array(text):
            yield from _array_objects(text, stream.read())
            return
        for line, written in enumerate(stream, start=1):
            if written.strip():
                yield line, _json_object(written)


def _is_array(text: TextFile) -> bool:
    if not text.path.name.lower().endswith(_ARRAY_ENDINGS):
        return False
    with text.open() as stream:
        return next((line for line in stream if line.strip()), "").lstrip().startswith("[")


def _array_objects(text: TextFile, written: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    try:
        found = parse_json(written)
    except ValueError as problem:
        raise TrainingDataError(
            f"{text.path.name!r} is not valid JSON: {problem}; give an array of objects, or one object on each line.",
            file=str(text.path),
        ) from problem
    for number, record in enumerate(found, start=1):
        yield number, record if isinstance(record, dict) else "is no JSON object"


def _json_object(written: str) -> dict[str, Any] | str:
    try:
        found = parse_json(written)
    except ValueError as problem:
        return f"the line is not valid JSON: {problem}"
    return found if isinstance(found, dict) else "the line is no JSON object"


def _columns(records: Sequence[Mapping[str, Any]], source: str) -> dict[str, list[Any]]:
    names = list(dict.fromkeys(name for record in records for name in record))
    check_names(names, source=source)
    return {name: [_cell(record.get(name)) for record in records] for name in names}


def _cell(value: Any) -> Any:
    return None if is_missing_mark(value) else value
