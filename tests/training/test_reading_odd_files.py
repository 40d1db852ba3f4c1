"""Files as spreadsheets and other programs leave them: what can be read without a guess is read, the rest is refused with its place."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy
import pandas
import pyarrow
import pytest

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.training.infer_types import infer_types
from hotcrm_ai.training.read_csv import open_csv
from hotcrm_ai.training.reading import read_table

ROWS = [{"company": "Müller", "size": 12, "won": "yes"}, {"company": None, "size": None, "won": "no"}]


def written(folder: Path, name: str, content: str | bytes) -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def typed(table: Any) -> dict[str, list[Any]]:
    """Return the typed cells of a source, column by column."""
    return {name: list(column.cells) for name, column in infer_types(read_table(table)).columns.items()}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("leads.jsonl", "\n".join(json.dumps(row) for row in ROWS) + "\n\n"),
        ("leads.ndjson.gz", gzip.compress("\r\n".join(json.dumps(row) for row in ROWS).encode())),
        ("leads.json", json.dumps(ROWS, indent=1)),
        ("bom.jsonl", b"\xef\xbb\xbf" + "\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS).encode()),
    ],
    ids=["lines", "packed lines", "array", "byte order mark"],
)
def test_json_gives_the_table_that_the_records_are(tmp_path, name, content):
    """One object on each line, or an array in a ``.json`` file: the same content has the same fingerprint as the records themselves."""
    assert read_table(written(tmp_path, name, content)).fingerprint == read_table(ROWS).fingerprint


def test_objects_may_lack_what_others_have(tmp_path):
    """A name that only some objects have is a column that is missing in the others."""
    path = written(tmp_path, "leads.jsonl", '{"a": 1}\n{"b": "x"}\n{"a": 3, "b": "y"}\n')
    assert {name: list(cells) for name, cells in read_table(path).columns.items()} == {
        "a": [1, None, 3],
        "b": [None, "x", "y"],
    }


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.jsonl", "", "'x.jsonl' is empty"),
        ("x.jsonl", '{"a": 1}\n{"a": 2, "a": 3}\n', "line 2: the line is not valid JSON: 'a' is given twice"),
        ("x.jsonl", '{"a": 1}\n\n[1]\n', "line 3: the line is no JSON object"),
        ("x.jsonl", '{"a": NaN}\n', "line 1: the line is not valid JSON: NaN"),
        ("x.jsonl", '{"": 1}\n', "column 1 has no name"),
        ("x.json", '[{"a": 1},', "'x.json' is not valid JSON"),
        ("x.json", '[{"a": 1}, 2]', "line 2: is no JSON object"),
    ],
)
def test_json_that_is_no_table_is_refused_with_its_line(tmp_path, name, content, said):
    """What would be misread is refused: a name given twice, no number, no object."""
    with pytest.raises(TrainingDataError) as caught:
        read_table(written(tmp_path, name, content))
    assert said in str(caught.value)


def test_lines_that_are_no_objects_are_left_out_only_when_allowed(tmp_path):
    """Leaving lines out is never silent."""
    table = read_table(written(tmp_path, "x.jsonl", '{"a": 1}\nno\n{"a": 3}\n'), allow_bad_rows=True)
    assert (list(table.columns["a"]), table.left_out, list(table.lines)) == ([1, 3], 1, [1, 3])
    assert table.warnings == ("1 lines of 'x.jsonl' are no JSON objects and were left out",)


@pytest.mark.parametrize(
    "content",
    [
        "a,b,,\n1,x,,\n2,y,,\n",
        "a,b\n1,x,\n2,y,,\n",
        "sep=;\na;b\n1;x\n2;y\n",
        '"sep=|"\r\na|b\r\n1|x\r\n2|y\r\n',
        "a|b\n1|x\n2|y\n",
        "\na,b\n1,x\n2,y\n",
    ],
    ids=["empty columns", "empty cells beyond the last", "Excel's hint", "quoted hint", "bars", "blank first line"],
)
def test_what_a_spreadsheet_adds_to_a_file_changes_nothing(tmp_path, content):
    """Empty columns behind the last, the line that names the delimiter, and a blank line in front say nothing."""
    assert typed(written(tmp_path, "x.csv", content)) == {"a": [1.0, 2.0], "b": ["x", "y"]}


def test_lines_are_counted_from_the_first_of_the_file(tmp_path):
    """The line that names the delimiter counts as a line, as an editor counts it."""
    file = open_csv(written(tmp_path, "x.csv", "sep=;\na;b\n1;x\n\n2;y\n"))
    assert (file.line, [line for line, _ in file.rows()]) == (2, [3, 5])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Leads of 2026\na,b\n1,2\n", "if line 1 is a title, remove it: the header comes first"),
        ("Leads of 2026,,\na,b,c\n1,2,3\n", "if line 1 is a title, remove it"),
        ("a,b\n1,2,3\n", "line 2: has 3 columns, but the header has 2"),
    ],
)
def test_a_title_above_the_header_is_told_not_skipped(tmp_path, content, said):
    """Nobody knows whether the second line is a header; the message says what to do."""
    with pytest.raises(TrainingDataError) as caught:
        read_table(written(tmp_path, "x.csv", content))
    assert said in str(caught.value)


def test_a_folder_is_no_file(tmp_path):
    """The message says what stands there."""
    with pytest.raises(TrainingDataError, match="is a folder; name a file in it"):
        read_table(tmp_path)


def test_the_encoding_is_found_behind_the_first_piece(tmp_path):
    """A letter that is no UTF-8 is found however far down it stands, and its line is told."""
    content = b"a,b\n" + b"1,x\n" * 400_000 + "2,ü\n".encode("cp1252")
    table = read_table(written(tmp_path, "x.csv", content))
    assert table.columns["b"][-1] == "ü"
    assert "(line 400002)" in table.warnings[0]


def test_decimal_commas_of_one_column_decide_for_the_others():
    """1.500 is 1500 where another column surely has decimal commas, and 1.5 where another surely has points, or none decides."""
    german = {"budget": ["1.500", "2.000", "950"], "rate": ["0,5", "2,25", "3"]}
    mixed = german | {"length": ["0.5", "2.75", "3"]}
    alone = {"budget": german["budget"]}
    found = [
        infer_types(read_table([dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]))
        for columns in (german, mixed, alone)
    ]
    assert [table.columns["budget"].cells.tolist() for table in found] == [
        [1500.0, 2000.0, 950.0],
        [1.5, 2.0, 950.0],
        [1.5, 2.0, 950.0],
    ]
    assert [len(table.warnings) for table in found] == [1, 0, 0]
    assert found[0].columns["budget"].spec().decimal_sign == ","


def test_nobody_writes_thousands_with_a_leading_zero():
    """0,125 is an eighth, never 125."""
    rows = [{"rate": text} for text in ("0,125", "0,250", "0,375")]
    assert typed(rows) == {"rate": [0.125, 0.25, 0.375]}


@pytest.mark.parametrize(
    "table",
    [
        pyarrow.table({"open": [timedelta(days=1), timedelta(hours=1)]}),
        pandas.DataFrame({"open": pandas.to_timedelta([86_400, 3_600], unit="s")}),
        [{"open": timedelta(days=1)}, {"open": timedelta(hours=1)}],
    ],
    ids=["arrow", "pandas", "records"],
)
def test_durations_are_seconds_from_every_source(table):
    """The report says so, and a prediction takes a duration for seconds too."""
    column = infer_types(read_table(table)).columns["open"]
    assert (column.cells.tolist(), column.note) == ([86400.0, 3600.0], "a duration, in seconds")


def test_the_marks_of_pandas_for_missing_are_missing_in_records():
    """Records of a data frame hold NaN, NaT and NA where there is no value."""
    rows = [
        {"seen": pandas.NaT, "size": pandas.NA, "rate": numpy.nan},
        {"seen": pandas.Timestamp("2026-01-02"), "size": 3, "rate": 0.5},
        {"seen": pandas.Timestamp("2026-01-03"), "size": 4, "rate": 0.7},
    ]
    columns = infer_types(read_table(rows)).columns
    assert {name: column.missing.tolist() for name, column in columns.items()} == {
        "seen": [True, False, False],
        "size": [True, False, False],
        "rate": [True, False, False],
    }


@pytest.mark.parametrize(
    "column",
    [
        pyarrow.array([10**12, 1], pyarrow.timestamp("s")),
        pyarrow.array([10**7, 1], pyarrow.int32()).cast(pyarrow.date32()),
        pyarrow.array([1, 2], pyarrow.timestamp("s", tz="Mars/Phobos")),
    ],
    ids=["year 33658", "day beyond 9999", "unknown zone"],
)
def test_moments_that_python_has_not_are_refused_with_their_column(column):
    """A table that another system could write is an error that names the column, not one of another kind."""
    with pytest.raises(TrainingDataError, match="column 'seen': a value of type"):
        read_table(pyarrow.table({"seen": column}))


def test_a_whole_number_beyond_all_floats_is_missing(tmp_path):
    """JSON can write any number of digits; what no float holds has no value to learn from."""
    path = written(tmp_path, "x.jsonl", f'{{"a": 1}}\n{{"a": 1{"0" * 400}}}\n{{"a": 3}}\n')
    assert str(typed(path)["a"]) == "[np.float64(1.0), np.float64(nan), np.float64(3.0)]"
