"""``predict --file``: every record of a file, in order, one JSON object for each."""

from __future__ import annotations

import gzip
import json

import pytest

MODEL = "lead-scoring-v1"
TABLE = (
    "id,company_size,industry,engagement_score,job_title,budget,colour\n"
    "A1,500,Technology,85,CTO,100000,red\n"
    "A2,many,Technology,85,CTO,100000,blue\n"
    "A3,,Finance,20,Clerk,,green\n"
    "A4,500,Technology\n"
)


def lines(path) -> list[dict]:
    """Return the objects of a JSON lines file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("name", ["leads.csv", "leads.csv.gz"])
def test_each_row_gives_an_answer_or_an_error_in_order(cli, tmp_path, name):
    """Rows keep their order and id; a row that cannot be read has an error that names the cell, and no other row suffers."""
    source, out = tmp_path / name, tmp_path / "scores.jsonl"
    source.write_bytes(gzip.compress(TABLE.encode()) if name.endswith(".gz") else TABLE.encode())
    answer = cli("predict", MODEL, "--file", str(source), "--out", str(out))
    assert answer.code == 0
    assert answer.out == ""
    assert "4 records: 2 answered, 2 failed" in answer.err
    first, second, third, fourth = lines(out)
    assert [row["id"] for row in (first, second, third)] == ["A1", "A2", "A3"]
    assert [row["row"] for row in (first, second, third, fourth)] == [1, 2, 3, 4]
    assert "prediction" in first
    assert "prediction" in third
    assert "'company_size'" in second["error"]["message"]
    assert "3 cells, the header 7" in fourth["error"]["message"]
    assert any("budget" in warning for warning in third["metadata"]["warnings"])


def test_a_file_gives_the_numbers_of_single_predictions(cli, tmp_path, lead_json):
    """A record of a file is scored as the same record alone."""
    source = tmp_path / "leads.jsonl"
    source.write_text(lead_json + "\n\n" + lead_json + "\n")
    document = cli("predict", MODEL, "--file", str(source), "--json").document
    alone = cli("predict", MODEL, "--features", lead_json, "--json").document["prediction"]
    assert [row["prediction"] for row in document["results"]] == [alone, alone]
    assert (document["rows"], document["failed"]) == (2, 0)


def test_parquet_is_read_with_its_own_types(cli, tmp_path):
    """Decimals, dates and missing values of Parquet become what the signature needs."""
    pyarrow = pytest.importorskip("pyarrow")
    from decimal import Decimal

    from pyarrow import parquet

    table = pyarrow.table(
        {"company_size": [500, None], "industry": ["Technology", None], "budget": [Decimal("100.50"), Decimal("7.00")]}
    )
    parquet.write_table(table, tmp_path / "leads.parquet")
    document = cli("predict", MODEL, "--file", str(tmp_path / "leads.parquet"), "--json").document
    assert [sorted(row["prediction"]) for row in document["results"]] == [["class", "probability", "score"]] * 2


def test_json_lines_go_to_standard_output_without_out(cli, tmp_path):
    """Without ``--out`` the answers are standard output, one object per line, and the summary is on standard error."""
    (tmp_path / "leads.csv").write_text(TABLE)
    answer = cli("predict", MODEL, "--file", str(tmp_path / "leads.csv"))
    assert [("error" in json.loads(line)) for line in answer.out.splitlines()] == [False, True, False, True]
    assert "2 failed" in answer.err


def test_a_file_none_of_whose_rows_can_be_answered_fails(cli, tmp_path):
    """Code 1 where no record could be answered."""
    (tmp_path / "leads.csv").write_text("company_size\nmany\n")
    assert cli("predict", MODEL, "--file", str(tmp_path / "leads.csv")).code == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.csv", None, "There is no file"),
        ("leads.txtx", "a", "is of no known format"),
        ("leads.csv", "", "is empty"),
        ("leads.jsonl", "\n \n", "is empty"),
        ("leads.csv", "colour\nred\n", "no column that the model knows"),
        (
            "leads.csv",
            "Leads of 2026\nbudget,job_title\n1,CTO\n",
            "columns are 'Leads of 2026'; the header comes first",
        ),
        ("leads.csv", 'budget,job_title\n1,"CTO\n2,CEO\n', "line 2: unexpected end of data"),
        ("leads.csv", b"budget\n1\0\n", "line 2: holds a NUL byte"),
        ("leads.csv", "budget,budget\n1,2\n", "'budget' twice"),
        ("leads.csv.gz", gzip.compress(TABLE.encode())[:-20], "cannot be read: Compressed file ended"),
        ("leads.xlsx", b"PK no", "cannot be read as a workbook"),
        ("leads.parquet", b"no parquet", "no readable Parquet"),
    ],
)
def test_a_file_that_cannot_be_read_is_bad_input(cli, tmp_path, name, content, said):
    """Code 2, one line, and no half-written answers."""
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    answer = cli("predict", MODEL, "--file", str(path), "--out", str(tmp_path / "out.jsonl"))
    assert answer.code == 2, answer.err
    assert said in answer.err
    assert answer.err.count("\n") == 1
    assert not list(tmp_path.glob("out.jsonl*"))


def test_the_file_that_is_read_is_never_written_over(cli, tmp_path):
    """``--out`` naming the source is refused and the source stays."""
    (tmp_path / "leads.csv").write_text(TABLE)
    assert cli("predict", MODEL, "--file", str(tmp_path / "leads.csv"), "--out", str(tmp_path / "leads.csv")).code == 2
    assert (tmp_path / "leads.csv").read_text() == TABLE


def test_features_and_file_exclude_one_another(cli):
    """Exactly one of the two is needed."""
    assert cli("predict", MODEL).code == 2
    assert cli("predict", MODEL, "--features", "{}", "--file", "x.csv").code == 2


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"company_size": 5, "company_size": 5000}', "'company_size' is given twice"),
        ('{"company_size": NaN}', "NaN is not a number that JSON knows"),
        ('{"companysizes": 5}', "no name that the model knows; it knows budget, company_size"),
        ("[" * 100_000, "nested too deep"),
    ],
)
def test_a_line_that_could_be_misread_is_an_error(cli, tmp_path, line, words):
    """A name given twice, no number, or no known name at all: such a record is not answered as if it were another one."""
    source = tmp_path / "leads.jsonl"
    source.write_text(f'{line}\n{{"company_size": 500}}\n')
    first, second = cli("predict", MODEL, "--file", str(source), "--json").document["results"]
    assert words in first["error"]["message"]
    assert "prediction" in second
