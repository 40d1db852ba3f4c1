"""What ``predict --file`` tells of each record, in JSON lines, CSV and Parquet, and of the file as a whole."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sqlite3
import subprocess
import sys

import pytest

from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.entrypoints.cli.answer_file import open_answers

MODEL = "lead-scoring-v1"
TABLE = (
    "id,company_size,industry,engagement_score,job_title,budget\n"
    "A1,500,Technology,85,CTO,100000\n"
    "A2,many,Technology,85,CTO,100000\n"
    "A3,,Alchemy,20,CTO,\n"
)


@pytest.fixture
def leads(tmp_path):
    """Three leads, the second of which cannot be read."""
    path = tmp_path / "leads.csv"
    path.write_text(TABLE)
    return path


def test_a_line_holds_what_one_needs_and_no_timings(cli, leads):
    """Number, id, prediction, confidence, who gave it, and what is to be said of this record; nothing else."""
    first, second, third = (json.loads(line) for line in cli("predict", MODEL, "--file", str(leads)).out.splitlines())
    assert list(first) == ["row", "id", "prediction", "confidence", "modelId", "modelVersion", "predictionId"]
    assert list(second) == ["row", "id", "error"]
    assert third["metadata"] == {
        "warnings": [
            "industry = 'Alchemy' (text) was not seen in training; the model treated it as rare",
            "budget is missing; the model treated it as unknown",
            "company_size is missing; the model treated it as unknown",
        ]
    }


def test_all_of_an_answer_is_told_when_asked_for(cli, leads):
    """``--full`` gives what a single prediction gives."""
    first = json.loads(cli("predict", MODEL, "--file", str(leads), "--full").out.splitlines()[0])
    assert {"processingTime", "cached", "requestedModelId", "metadata"} <= set(first)
    assert set(first["metadata"]) == {"provider", "variant", "warnings", "stages"}


def test_csv_has_a_column_for_each_fact(cli, leads, tmp_path):
    """``--out x.csv`` has one row per record in order, the parts of the prediction as columns, and errors beside them."""
    out = tmp_path / "scores.csv"
    answer = cli("predict", MODEL, "--file", str(leads), "--out", str(out))
    assert "3 records: 2 answered, 1 failed" in answer.err
    lines = list(csv.DictReader(io.StringIO(out.read_text())))
    assert list(lines[0]) == [
        "row", "id", "score", "class", "probability", "confidence", "model_id", "model_version", "prediction_id", "warnings", "error",
    ]  # fmt: skip
    alone = cli("predict", MODEL, "--file", str(leads), "--json").document["results"][0]
    assert float(lines[0]["score"]) == alone["prediction"]["score"]
    assert [(line["row"], line["id"], line["class"] != "") for line in lines] == [
        ("1", "A1", True),
        ("2", "A2", False),
        ("3", "A3", True),
    ]
    assert "'company_size'" in lines[1]["error"]
    assert "'Alchemy'" in lines[2]["warnings"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["leads.csv", "scores.csv", "workspace"]


@pytest.mark.parametrize("name", ["scores.csv.gz", "scores.jsonl.gz"])
def test_answers_are_packed_where_the_name_says_so(cli, leads, tmp_path, name):
    """A name that ends in .gz gives a gzip file."""
    assert cli("predict", MODEL, "--file", str(leads), "--out", str(tmp_path / name)).code == 0
    assert "A3" in gzip.decompress((tmp_path / name).read_bytes()).decode()


def test_parquet_keeps_the_types(cli, leads, tmp_path):
    """Numbers are numbers, and what a record lacks is null."""
    parquet = pytest.importorskip("pyarrow.parquet")
    assert cli("predict", MODEL, "--file", str(leads), "--out", str(tmp_path / "scores.parquet")).code == 0
    table = parquet.read_table(tmp_path / "scores.parquet")
    types = {name: str(table.schema.field(name).type) for name in ("row", "id", "score", "class", "confidence")}
    assert types == {"row": "int64", "id": "string", "score": "double", "class": "string", "confidence": "double"}
    assert [score is None for score in table.column("score").to_pylist()] == [False, True, False]


def test_lists_of_an_answer_are_json_in_a_cell(cli, tmp_path):
    """A forecast is one cell of its row, as JSON."""
    (tmp_path / "revenue.jsonl").write_text('{"id": "R1", "historical_revenue": [10, 12, 11, 13, 14], "horizon": 2}\n')
    out = tmp_path / "forecast.csv"
    assert cli("predict", "revenue-forecast-v1", "--file", str(tmp_path / "revenue.jsonl"), "--out", str(out)).code == 0
    (line,) = csv.DictReader(io.StringIO(out.read_text()))
    assert sorted(json.loads(line["forecast"])[0]) == ["lower", "period", "upper", "value"]


def test_reasons_add_up_beside_each_answer_when_asked_for(cli, leads, tmp_path):
    """``--reasons`` gives what ``explain`` gives: the features that moved the answer most."""
    answer = cli("predict", MODEL, "--file", str(leads), "--reasons", "--json")
    first, second, _ = answer.document["results"]
    features = {
        "company_size": 500,
        "industry": "Technology",
        "engagement_score": 85,
        "job_title": "CTO",
        "budget": 1e5,
    }
    explained = cli("explain", MODEL, "--features", json.dumps(features), "--json").document["topFeatures"]
    assert first["topFeatures"] == [
        {name: one[name] for name in ("feature", "value", "contribution")} for one in explained
    ]
    assert "topFeatures" not in second
    out = tmp_path / "scores.csv"
    cli("predict", MODEL, "--file", str(leads), "--reasons", "--out", str(out))
    assert "engagement_score +0." in next(csv.DictReader(io.StringIO(out.read_text())))["top_features"]


def test_columns_that_no_record_fills_are_told_once(cli, tmp_path):
    """A column that is not there and one that is blank throughout are named before the answers, with what that means, not in each line."""
    path = tmp_path / "leads.csv"
    path.write_text(
        "id,company_size,industry,engagement_score,budget,colour\nA1,500,Technology,85,,red\nA2,,Technology,8,,red\n"
    )
    answer = cli("predict", MODEL, "--file", str(path))
    told = (
        "no record has budget and job_title: the model takes that for unknown in every answer, "
        "which may be less good than it was measured"
    )
    assert answer.err.splitlines() == [
        f"note: {told}.",
        "note: not used, for the model does not know them: colour.",
        "2 records: 2 answered, 0 failed.",
    ]
    first, second = map(json.loads, answer.out.splitlines())
    assert "metadata" not in first
    assert second["metadata"]["warnings"] == ["company_size is missing; the model treated it as unknown"]
    document = cli("predict", MODEL, "--file", str(path), "--json").document
    assert (document["missing"], document["unused"], document["notes"]) == (["budget", "job_title"], ["colour"], [])


def test_the_id_and_type_of_a_record_go_to_the_log(cli, home, tmp_path):
    """``--object`` makes the ids those of records: the log leads back to them, and outcomes by object find the answers."""
    path = tmp_path / "leads.csv"
    path.write_text("Lead No,company_size\n L-7 ,500\n,12\n")
    options = ("predict", MODEL, "--file", str(path), "--id-column", "Lead No")
    assert json.loads(cli(*options).out.splitlines()[0])["id"] == "L-7"
    cli(*options, "--object", "Lead")
    with sqlite3.connect(home / "workspace.db") as log:
        found = log.execute("SELECT object_type, object_id FROM ai_prediction").fetchall()
    log.close()
    assert sorted(found, key=str) == [("Lead", "L-7"), (None, None), (None, None), (None, None)]
    (tmp_path / "won.csv").write_text("object_id,actual\nL-7,won\n")
    joined = cli("outcomes", "import", str(tmp_path / "won.csv"), "--object", "Lead", "--model", MODEL, "--json")
    assert joined.document == {"outcomes": 1, "predictions": 1, "withoutPrediction": 0}


def test_answers_in_csv_take_their_outcomes_back(cli, leads, tmp_path):
    """A table of answers with a column ``actual`` more is a table of outcomes."""
    out = tmp_path / "scores.csv"
    cli("predict", MODEL, "--file", str(leads), "--out", str(out))
    lines = [line for line in csv.DictReader(io.StringIO(out.read_text())) if not line["error"]]
    with out.open("w", newline="") as file:
        writer = csv.DictWriter(file, [*lines[0], "actual"])
        writer.writeheader()
        writer.writerows({**line, "actual": "won"} for line in lines)
    assert cli("outcomes", "import", str(out), "--json").document["predictions"] == 2


def test_a_german_file_is_read_as_it_was_meant(cli, tmp_path):
    """Semicolons, decimal commas and Windows-1252: 1.500 is 1500, for other columns have commas, and both are told."""
    path = tmp_path / "leads.csv"
    path.write_bytes("id;company_size;engagement_score;budget\nMüller;1.500;7,5;20.000\n".encode("cp1252"))
    answer = cli("predict", MODEL, "--file", str(path), "--json").document
    plain = {"company_size": 1500, "engagement_score": 7.5, "budget": 20000}
    assert answer["results"][0]["id"] == "Müller"
    assert (
        answer["results"][0]["prediction"]
        == cli("predict", MODEL, "--features", json.dumps(plain), "--json").document["prediction"]
    )
    assert answer["notes"] == [
        "'leads.csv' is not UTF-8 (line 2); it was read as Windows-1252: check accented letters",
        "the numbers of company_size, engagement_score, budget were read with decimal commas (1.234,5), as the file writes them",
    ]


@pytest.mark.parametrize("content", [TABLE, json.dumps([{"id": "A1", "company_size": 500}])], ids=["csv", "json"])
def test_standard_input_is_a_file_too(cli, monkeypatch, content):
    """``--file -`` takes what comes through a pipe, and finds out what kind it is."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
    answer = cli("predict", MODEL, "--file", "-", "--out", "-")
    assert json.loads(answer.out.splitlines()[0])["id"] == "A1"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--out", "{folder}/scores.xlsx"), "spreadsheets are not written; give .csv"),
        (("--out", "{folder}"), "is a directory"),
        (("--out", "/dev/null"), "is no regular file"),
        (("--id-column", "lead_id"), "has no column 'lead_id'; its columns are 'id', 'company_size'"),
    ],
)
def test_what_cannot_be_asked_of_a_file_is_bad_input(cli, leads, tmp_path, options, said):
    """Told before anything is answered."""
    answer = cli("predict", MODEL, "--file", str(leads), *(one.format(folder=tmp_path) for one in options))
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err


@pytest.mark.parametrize("option", [("--full",), ("--reasons",), ("--id-column", "x"), ("--object", "Lead")])
def test_options_of_files_go_with_a_file(cli, option):
    """With ``--features`` they would say nothing."""
    answer = cli("predict", MODEL, "--features", "{}", *option)
    assert answer.code == 2
    assert f"{option[0]} goes with --file" in answer.err


@pytest.mark.parametrize("name", ["scores.jsonl", "scores.csv", "scores.csv.gz"])
def test_a_file_that_cannot_be_finished_is_not_there(tmp_path, name):
    """Whatever ends the work, neither the file nor a part of it is left, and one that was there stays."""
    out = tmp_path / name
    out.write_text("before")
    answers = open_answers(out)
    write = answers.__enter__()
    write({"row": 1, "prediction": {"score": 1.0}})
    assert not answers.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert out.read_text() == "before"


def test_a_full_disk_is_told_with_the_file(tmp_path):
    """The error names the file and what to do."""
    out = tmp_path / "scores.jsonl"
    (tmp_path / "scores.jsonl.part").symlink_to("/dev/full")
    words = r"scores\.jsonl' could not be written \(No space left on device\)"
    with pytest.raises(StorageError, match=words), open_answers(out) as write:
        write({"row": 1})
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_behind_standard_output_is_one_sentence(leads, home):
    """The exit code is 1, and there is no traceback."""
    program = [sys.executable, "-c", "from hotcrm_ai.entrypoints.cli import main; main()"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*program, "predict", MODEL, "--file", str(leads), "--home", str(home)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "hotcrm-ai: Standard output, or a file, cannot be used: No space left on device; check it."
    )
