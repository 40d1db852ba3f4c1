"""``explain`` and ``compare`` take their records out of the file that ``predict`` reads."""

from __future__ import annotations

import json

import pytest

MODEL = "lead-scoring-v1"


@pytest.fixture
def leads(tmp_path):
    """Four leads; two share an id, and one cannot be read."""
    path = tmp_path / "leads.csv"
    path.write_text("id;company_size;engagement_score\nL-1;500;85,5\nL-2;12;7\nL-2;13;8\nL-3;many;1\n")
    return str(path)


def test_a_record_of_a_file_is_explained_as_the_same_record_alone(cli, leads):
    """By id or by number, read as ``predict --file`` reads it."""
    alone = cli("explain", MODEL, "--features", '{"company_size": 500, "engagement_score": 85.5}', "--json").document
    for named in (("--id", "L-1"), ("--row", "1"), ("--id", "500", "--id-column", "company_size")):
        found = cli("explain", MODEL, "--file", leads, *named, "--json").document
        assert found["featureContributions"] == alone["featureContributions"]


def test_two_records_of_a_file_are_compared(cli, leads):
    """Those with ``--id`` come first, then those with ``--row``, each in the order given."""
    first, second = {"company_size": 500, "engagement_score": 85.5}, {"company_size": 13, "engagement_score": 8}
    alone = cli(
        "compare", MODEL, "--features1", json.dumps(first), "--features2", json.dumps(second), "--json"
    ).document
    found = cli("compare", MODEL, "--file", leads, "--row", "3", "--id", "L-1", "--json").document
    assert found["differences"] == alone["differences"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("explain", "--file", "{leads}", "--id", "L-9"), "has no record with id 'L-9'; ids stand in its column 'id'"),
        (("explain", "--file", "{leads}", "--id", "L-2"), "has id 'L-2' in records 2 and 3; say which one with --row"),
        (
            ("explain", "--file", "{leads}", "--id", "L-3"),
            "Record 4 of the file 'leads.csv' cannot be read: 'company_size'",
        ),
        (("explain", "--file", "{leads}", "--row", "9"), "has no record with number 9"),
        (("explain", "--file", "{leads}"), "say which record with --id or --row"),
        (("explain", "--file", "{leads}", "--row", "1", "--features", "{{}}"), "either --features or --file"),
        (("explain", "--features", "{{}}", "--row", "1"), "go with --file"),
        (("explain",), "either --features or --file"),
        (("compare", "--file", "{leads}", "--row", "1"), "say which 2 records"),
        (("compare", "--features1", "{{}}"), "either --features1 and --features2, or --file"),
    ],
)
def test_a_record_that_is_not_named_clearly_is_bad_input(cli, leads, arguments, said):
    """The message says what to name it by."""
    command, *options = (one.format(leads=leads) for one in arguments)
    answer = cli(command, MODEL, *options)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
