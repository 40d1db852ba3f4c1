"""The rules of reading: every format gives the same table, and what does not fit is refused with its place."""

from __future__ import annotations

import gzip
import sqlite3
import zipfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pandas
import polars
import pyarrow
import pytest
from pyarrow import parquet

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.training.infer_types import infer_types
from hotcrm_ai.training.raw_table import SQLQuery
from hotcrm_ai.training.reading import read_table

ROWS: list[dict[str, Any]] = [
    {"company": "Müller & Söhne", "size": 12, "budget": 1500.5, "won": "yes"},
    {"company": "Ω Labs", "size": None, "budget": 0.0, "won": "no"},
    {"company": 'The "Old" Mill, Ltd', "size": 7, "budget": None, "won": "yes"},
    {"company": None, "size": 12, "budget": -3.25, "won": "no"},
]
CSV = (
    "company,size,budget,won\n"
    "Müller & Söhne,12,1500.5,yes\n"
    "Ω Labs,,0,no\n"
    '"The ""Old"" Mill, Ltd",7,,yes\n'
    ",12,-3.25,no\n"
)


def write_xlsx(path: Path, rows: list[list[Any]]) -> None:
    """Write the smallest workbook that Excel would open, with texts and numbers in its only sheet."""
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = []
        for letter, cell in zip("ABCDEFGH", row, strict=False):
            place = f'r="{letter}{number}"'
            if isinstance(cell, str):
                cells.append(f'<c {place} t="inlineStr"><is><t>{escape(cell)}</t></is></c>')
            elif cell is not None:
                cells.append(f"<c {place}><v>{cell}</v></c>")
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="Leads" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{main}"><sheetData>{"".join(lines)}</sheetData></worksheet>'
        )


def read_in_every_format(folder: Path) -> dict[str, Any]:
    """Return the source of the same four rows in each format."""
    names = list(ROWS[0])
    (folder / "plain.csv").write_text(CSV, encoding="utf-8")
    (folder / "packed.csv.gz").write_bytes(gzip.compress(CSV.encode()))
    (folder / "tabs.tsv").write_text("\t".join(names) + "\n" + _separated("\t"), encoding="utf-8")
    (folder / "semicolons.csv").write_text(";".join(names) + "\n" + _separated(";"), encoding="utf-8")
    arrow = pyarrow.table({name: [row[name] for row in ROWS] for name in names})
    parquet.write_table(arrow, folder / "columns.parquet")
    write_xlsx(folder / "book.xlsx", [names, *([row[name] for name in names] for row in ROWS)])
    connection = sqlite3.connect(folder / "crm.db")
    connection.execute("CREATE TABLE leads (company TEXT, size INTEGER, budget REAL, won TEXT)")
    connection.executemany("INSERT INTO leads VALUES (:company, :size, :budget, :won)", ROWS)
    connection.commit()
    connection.close()
    url = f"sqlite:///{folder / 'crm.db'}"
    return {
        "csv": folder / "plain.csv",
        "gzip": str(folder / "packed.csv.gz"),
        "tsv": folder / "tabs.tsv",
        "semicolons": folder / "semicolons.csv",
        "parquet": folder / "columns.parquet",
        "xlsx": folder / "book.xlsx",
        "sql": SQLQuery(query="SELECT * FROM leads", url=url),
        "sql pair": (url, "SELECT * FROM leads"),
        "pandas": pandas.DataFrame(ROWS),
        "polars": polars.DataFrame(ROWS),
        "arrow": arrow,
        "records": ROWS,
    }


def _separated(delimiter: str) -> str:
    quoted = [
        ["" if cell is None else '"' + str(cell).replace('"', '""') + '"' for cell in row.values()] for row in ROWS
    ]
    return "".join(delimiter.join(row) + "\n" for row in quoted)


def test_every_format_gives_the_same_typed_table(tmp_path: Path) -> None:
    """The same rows are the same columns, types and values, from whatever source they come."""
    for name, source in read_in_every_format(tmp_path).items():
        typed = infer_types(read_table(source))
        found = {column.name: column.type for column in typed.columns.values()}
        assert found == {"company": "category", "size": "number", "budget": "number", "won": "category"}, name
        assert typed.columns["company"].cells == ["Müller & Söhne", "Ω Labs", 'The "Old" Mill, Ltd', None], name
        assert str(typed.columns["size"].cells.tolist()) == "[12.0, nan, 7.0, 12.0]", name
        assert str(typed.columns["budget"].cells.tolist()) == "[1500.5, 0.0, nan, -3.25]", name


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_byte_order_marks_and_line_ends_change_nothing(tmp_path: Path, encoding: str) -> None:
    """UTF-8 with and without BOM, UTF-16, LF and CRLF: one fingerprint."""
    path, plain = tmp_path / "leads.csv", tmp_path / "plain.csv"
    path.write_bytes(CSV.replace("\n", "\r\n").encode(encoding))
    plain.write_bytes(CSV.encode())
    assert read_table(path).fingerprint == read_table(plain).fingerprint
    assert read_table(path).warnings == ()


def test_latin_letters_are_read_with_a_warning_that_says_so(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are read as Windows-1252, and the warning names the line."""
    path = tmp_path / "leads.csv"
    path.write_bytes("name,won\nAnna,yes\nJosé,no\n".encode("latin-1"))
    table = read_table(path)
    assert list(table.columns["name"]) == ["Anna", "José"]
    assert table.warnings == ("'leads.csv' is not UTF-8 (line 3); it was read as Windows-1252: check accented letters",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "'leads.csv' is empty"),
        (b"\n\n", "'leads.csv' is empty"),
        (b"a,b\n", "has a header but no rows"),
        (b"a,b,a\n1,2,3\n", "line 1: the name 'a' belongs to columns 1, 3"),
        (b"a,,c\n1,2,3\n", "line 1: column 2 has no name"),
        (b"a,b\n1,2\n1,2,3\n", "line 3: has 3 columns, but the header has 2"),
        (b'a,b\n"1\n1",2\n1\n', "line 4: has 1 columns, but the header has 2"),
        (b"a,b\n1,\0\n", "line 2: holds a NUL byte"),
        (b'a,b\n1,"open\n', "line 2: unexpected end of data"),
        (b'a,b\n1,"x"y\n', "line 2: "),
        (b"a,b\n1," + b"x" * 300_000 + b"\n", "line 2: field larger than field limit"),
    ],
    ids=[
        "empty",
        "blank",
        "header",
        "twice",
        "nameless",
        "wide",
        "narrow",
        "nul",
        "open quote",
        "odd quote",
        "huge field",
    ],
)
def test_files_that_do_not_fit_are_refused_with_their_line(tmp_path: Path, content: bytes, message: str) -> None:
    """A damaged file is one clear error that says where, never a traceback of another kind."""
    path = tmp_path / "leads.csv"
    path.write_bytes(content)
    with pytest.raises(TrainingDataError) as caught:
        read_table(path)
    assert message in str(caught.value)


def test_cells_that_a_spreadsheet_left_empty_are_no_columns_and_no_rows(tmp_path: Path) -> None:
    """A column without name and cells, a row without any cell and delimiters at a row's end are not there; lines are the file's."""
    path = tmp_path / "leads.csv"
    path.write_text("a,b,, \n1,2,,\n ,,,\n5,6,, \n,,,\n7,8,,,\n")
    table = read_table(path)
    assert {name: list(cells) for name, cells in table.columns.items()} == {"a": ["1", "5", "7"], "b": ["2", "6", "8"]}
    assert (list(table.lines), table.left_out, table.warnings) == ([2, 4, 6], 0, ())


def test_rows_that_do_not_fit_are_left_out_only_when_allowed_and_then_counted(tmp_path: Path) -> None:
    """Leaving rows out is never silent."""
    path = tmp_path / "leads.csv"
    path.write_text("a,b\n1,2\n3\n5,6\n")
    table = read_table(path, allow_bad_rows=True)
    assert (list(table.columns["a"]), table.left_out, list(table.lines)) == (["1", "5"], 1, [2, 4])
    assert "1 rows of 'leads.csv' have another number of columns" in table.warnings[0]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.parquet", b"PAR1 no"),
        ("x.xlsx", b"PK no"),
        ("x.csv.gz", b"\x1f\x8b no"),
        ("x.ods", b""),
        ("x.pickle", b"\x80"),
    ],
)
def test_damaged_and_unknown_files_are_refused_by_name(tmp_path: Path, name: str, content: bytes) -> None:
    """A file that is not what its ending says is a training data error that names it."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TrainingDataError, match=name.replace(".", r"\.")):
        read_table(tmp_path / name)


@pytest.mark.parametrize(
    "query",
    ["DELETE FROM leads", "SELECT 1; DROP TABLE leads", "PRAGMA writable_schema = 1", "", "UPDATE leads SET won = 1"],
)
def test_queries_that_could_change_something_are_refused(tmp_path: Path, query: str) -> None:
    """Only a single SELECT or WITH reads training rows."""
    with pytest.raises(TrainingDataError, match="single SELECT or WITH"):
        read_table(SQLQuery(query=query, url=f"sqlite:///{tmp_path / 'crm.db'}"))


def test_a_query_that_writes_behind_a_with_changes_nothing(tmp_path: Path) -> None:
    """The connection itself is read-only, whatever the text of the query."""
    read_in_every_format(tmp_path)
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    with pytest.raises(TrainingDataError, match="The training query failed"):
        read_table((url, "WITH old AS (SELECT 1) DELETE FROM leads"))
    assert read_table((url, "-- how many\nSELECT count(*) AS n FROM leads")).columns["n"] == (4,)


@pytest.mark.parametrize("place", ["me:s3cret-word@127.0.0.1:1/crm?", "127.0.0.1:1/crm?password=s3cret-word&"])
def test_a_failed_query_does_not_show_the_password(place: str) -> None:
    """The error names the database without its secret, wherever in the URL that stands."""
    with pytest.raises(TrainingDataError) as caught:
        read_table((f"postgresql+psycopg://{place}connect_timeout=1", "SELECT 1"))
    assert "s3cret-word" not in str(caught.value)


def test_the_order_of_columns_does_not_change_the_fingerprint() -> None:
    """The fingerprint is that of the content: another order is the same, another cell is not."""
    shuffled = [dict(reversed(row.items())) for row in ROWS]
    changed = [{**row, "size": 13} for row in ROWS]
    assert read_table(shuffled).fingerprint == read_table(ROWS).fingerprint
    assert read_table(changed).fingerprint != read_table(ROWS).fingerprint


@pytest.mark.parametrize("source", [42, b"bytes", [1, 2], [{1: 2}], [], [{}]])
def test_what_is_no_table_is_refused(source: Any) -> None:
    """Sources of another kind, and empty ones, are training data errors."""
    with pytest.raises(TrainingDataError):
        read_table(source)


def test_emoji_quotes_and_formulas_are_only_text(tmp_path: Path) -> None:
    """Odd names and cells that look like formulas pass through as they are."""
    path = tmp_path / "leads.csv"
    path.write_text('😀,"a ""b"" [c]: d",=SUM(A1)\n=cmd|\' /C calc\'!A0,@x,+1\n', encoding="utf-8")
    table = read_table(path)
    assert list(table.columns) == ["😀", 'a "b" [c]: d', "=SUM(A1)"]
    assert [cells[0] for cells in table.columns.values()] == ["=cmd|' /C calc'!A0", "@x", "+1"]


def test_a_query_of_a_file_that_is_not_there_makes_none(tmp_path):
    """The error names the file, and no empty database is left behind."""
    missing = tmp_path / "crm.db"
    with pytest.raises(TrainingDataError, match=r"crm\.db of the training query is not there"):
        read_table(SQLQuery(query="SELECT 1", url=f"sqlite:///{missing}"))
    assert not missing.exists()
