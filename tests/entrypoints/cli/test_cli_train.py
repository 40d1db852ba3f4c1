"""``train``: a measured model from a table, or one line that says what is wrong with it."""

from __future__ import annotations

import csv
import io
import json
import sys

import pytest

from hotcrm_ai.sample_crm import generate_sample_crm

ARGUMENTS = ("train", "lead-scoring", "--target", "converted", "--id", "mine")


@pytest.fixture
def table(tmp_path):
    """The leads of a small sample CRM as a CSV file, leaking columns and all."""
    leads = generate_sample_crm(leads=500, accounts=30).tables["leads"]
    path = tmp_path / "leads.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(leads[0]))
        writer.writeheader()
        writer.writerows(leads)
    return path


def test_train_measures_registers_and_reports(cli, table, tmp_path):
    """The report names metrics, baselines and leaks; its files are there; the model waits as testing."""
    answer = cli(*ARGUMENTS, "--data", str(table), "--report", str(tmp_path / "report"), "--json")
    assert answer.code == 0, answer.err
    report = answer.document
    assert report["modelId"] == "mine"
    assert set(report["baselines"]) >= {"majority"}
    assert {"status", "close_reason"} <= {excluded["column"] for excluded in report["excluded"]}
    assert json.loads((tmp_path / "report" / "report.json").read_text())["bundleDigest"] == report["bundleDigest"]
    shown = cli("models", "show", "mine", "--json").document
    assert (shown["status"], shown["bundleDigest"]) == ("testing", report["bundleDigest"])


def test_the_same_data_and_seed_give_the_same_model_from_file_and_query(cli, crm, home):
    """A query on the CRM trains; twice the same gives the same files, under a version of its own."""
    query = ("--query", "SELECT * FROM leads ORDER BY id", "--seed", "3", "--exclude", "notes")
    first = cli(*ARGUMENTS, *query, "--json")
    second = cli(*ARGUMENTS, *query)
    assert first.code == second.code == 0, first.err + second.err
    assert first.document["bundleDigest"] in second.out
    assert "Held out" in second.out
    assert "ROC-AUC" in second.out
    assert [step["config"]["version"] for step in cli("models", "history", "mine", "--json").document["revisions"]] == [
        "1.0.0",
        "1.1.0",
    ]


def test_a_feature_whose_column_has_a_usual_name_needs_no_target(cli, tmp_path):
    """A forecast learns from ``value`` unless told otherwise, and ``--target`` names another column."""
    path = tmp_path / "revenue.csv"
    rows = [f"20{20 + month // 12}-{month % 12 + 1:02d}-01,{100 + month},{200 - month}" for month in range(36)]
    path.write_text("\n".join(["period,value,cost", *rows]))
    usual = cli("train", "revenue-forecast", "--data", str(path), "--json")
    other = cli("train", "revenue-forecast", "--data", str(path), "--target", "cost", "--json")
    assert usual.code == other.code == 0, usual.err + other.err
    assert [answer.document["target"] for answer in (usual, other)] == ["value", "cost"]


def test_a_table_may_come_through_standard_input(cli, table, monkeypatch):
    """``--data -`` trains the model that the same file trains."""
    with table.open("rb") as pipe:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(pipe))
        piped = cli(*ARGUMENTS, "--data", "-", "--json").document
    assert piped["dataFingerprint"] == cli(*ARGUMENTS, "--data", str(table), "--json").document["dataFingerprint"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("train", "lead-scoring", "--target", "converted", "--data", "missing.csv"), "missing.csv"),
        (("train", "mind-reading", "--target", "converted", "--data", "{table}"), "mind-reading"),
        (("train", "lead-scoring", "--target", "convertd", "--data", "{table}"), "'converted'"),
        (("train", "lead-scoring", "--data", "{table}"), "--target"),
        (("train", "lead-scoring", "--target", "x"), "--data or --query"),
        (("train", "lead-scoring", "--target", "x", "--data", "{table}", "--url", "sqlite://"), "--url"),
        (("train", "lead-scoring", "--target", "x", "--query", "DROP TABLE leads"), "SELECT"),
        (("train", "lead-scoring", "--target", "x", "--query", "SELECT 1", "--url", "env:UNSET_NAME"), "UNSET_NAME"),
        (("train", "lead-scoring", "--target", "converted", "--data", "{table}", "--id", "../x"), "'../x'"),
    ],
)
def test_what_cannot_be_trained_is_bad_input(cli, table, home, arguments, said):
    """Code 2, one line that names the matter, and no model is left."""
    answer = cli(*(argument.format(table=table) for argument in arguments))
    assert answer.code == 2
    assert said in answer.err
    assert answer.err.count("\n") == 1
    assert not list(home.glob("models/*"))


@pytest.mark.parametrize("place", ["crm:planted@localhost/crm", "localhost/crm?user=crm&password=planted"])
def test_a_password_on_the_command_line_is_refused_and_not_repeated(cli, place):
    """Other processes can read arguments, so a URL with a password is refused with the way to give it."""
    answer = cli(*ARGUMENTS, "--query", "SELECT 1", "--url", f"postgresql://{place}")
    assert answer.code == 2
    assert "env:NAME" in answer.err
    assert "planted" not in answer.err


def test_directions_segments_and_money_are_asked_for_and_shown(cli, table):
    """The options reach the training; the table for people names the segments, the direction and the gain in money."""
    asked = ("--monotone", "engagement_score=+", "--segment", "lead_source", "--value", "estimated_budget")
    answer = cli(*ARGUMENTS, "--data", str(table), *asked)
    assert answer.code == 0, answer.err
    assert "engagement_score only raises the probability" in answer.out
    assert "Came true" in answer.out
    assert "too few" in answer.out
    assert "by expected value hold" in answer.out
    lead = '{"engagement_score": 80, "estimated_budget": 20000}'
    cli("models", "promote", "mine", "--reason", "to ask it")
    found = cli("predict", "mine", "--features", lead, "--json").document["prediction"]
    assert found["worth"] == pytest.approx(20000 * found["probability"])


def test_a_direction_is_a_column_and_a_sign(cli, table):
    """Anything else is a slip of usage, told in one line."""
    answer = cli(*ARGUMENTS, "--data", str(table), "--monotone", "engagement_score")
    assert answer.code == 2
    assert "COLUMN=+ or COLUMN=-" in answer.err


def test_columns_of_other_names_are_named_and_every_figure_is_shown(cli, tmp_path):
    """A table of series with names of its own is learned from; the text tells what forecasts are measured at, and nothing of won."""
    file = tmp_path / "sales.csv"
    rows = [
        f"{shop},{year}-{month:02},{100 + 7 * month + year - 2020}"
        for shop in "ab"
        for year in range(2020, 2025)
        for month in range(1, 13)
    ]
    file.write_text("shop,ds,y\n" + "\n".join(rows) + "\n")
    wrong = cli("train", "revenue-forecast", "--data", str(file), "--column", "series=shop")
    assert wrong.code == 2
    assert "has no column 'period'" in wrong.err
    assert "Name the column to use with --time-column." in wrong.err
    named = ("--target", "y", "--time-column", "ds", "--column", "series=shop")
    answer = cli("train", "revenue-forecast", "--data", str(file), *named, "--report", str(tmp_path / "report"))
    assert answer.code == 0, answer.err
    assert "Error against the naive guess (MASE)" in answer.out
    assert "120 rows; learned from" in answer.out
    assert "won" not in answer.out
    report = (tmp_path / "report" / "report.md").read_text()
    assert "Inside the 80 % interval" in report
    assert "positive" not in report
    odd = cli("train", "revenue-forecast", "--data", str(file), "--column", "shop=series")
    assert (odd.code, "not PART=COLUMN with a part among series" in odd.err) == (2, True)
