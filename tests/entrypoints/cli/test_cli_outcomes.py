"""Outcomes are imported from files and queries, and past predictions answered again, on the command line."""

from __future__ import annotations

import json
import sqlite3

import pytest

MODEL = "lead-scoring-v1"


@pytest.fixture
def asked(cli, tmp_path):
    """Three predictions about leads 0 to 2; their ids."""
    ids = []
    for number in range(3):
        lead = json.dumps({"company_size": 10 ** (number + 1), "engagement_score": 30 * number})
        ids.append(
            cli("predict", MODEL, "--features", lead, "--record", f"Lead:{number}", "--json").document["predictionId"]
        )
    return ids


def test_a_replayed_prediction_is_the_same(cli, asked):
    """A real model's answer is the same when it is asked again, and is explained as it was given."""
    answer = cli("replay", asked[1], "--explain", "--json")
    assert answer.code == 0
    assert answer.document["same"] is True
    assert answer.document["prediction"] == answer.document["loggedPrediction"]
    assert answer.document["explanation"]["prediction"] == answer.document["loggedPrediction"]
    assert answer.document["explanation"]["warnings"] == []
    shown = cli("replay", asked[1])
    assert (shown.code, "same" in shown.out) == (0, True)
    unknown = cli("replay", "nowhere")
    assert (unknown.code, "'nowhere'" in unknown.err) == (2, True) or unknown.code == 1


def test_outcomes_of_a_file(cli, asked, tmp_path):
    """A file by object joins each row with its predictions, counts those without one, and gives the same again."""
    file = tmp_path / "outcomes.csv"
    file.write_text("object_id,actual\n0,lost\n1,won\n2,won\n9,won\n")
    for _ in range(2):
        answer = cli("outcomes", "import", str(file), "--object", "Lead", "--model", MODEL, "--json")
        assert answer.document == {"outcomes": 4, "predictions": 3, "withoutPrediction": 1}
    quality = cli("outcomes", "quality", MODEL, "--json").document["quality"]
    assert [(one["outcomes"], round(one["baseRate"], 1)) for one in quality] == [(3, 66.7)]
    assert "AUC" in cli("outcomes", "quality", MODEL, "--days", "1").out


def test_outcomes_by_prediction_id_and_of_a_query(cli, asked, home, tmp_path):
    """JSON lines may name predictions; a query of the CRM gives rows by column name."""
    file = tmp_path / "outcomes.jsonl"
    file.write_text(json.dumps({"predictionId": asked[0], "actual": True}) + "\n")
    assert cli("outcomes", "import", str(file)).out == "1 outcome was joined with 1 prediction.\n"
    assert cli("outcomes", "import", str(file), "--json").document["predictions"] == 1
    with sqlite3.connect(home / "crm.db") as crm:
        crm.execute("CREATE TABLE closed (id TEXT, won INTEGER)")
        crm.execute("INSERT INTO closed VALUES ('1', 1), ('2', 0)")
    crm.close()
    query = "SELECT id AS object_id, won AS actual FROM closed"
    found = cli("outcomes", "import", "--query", query, "--object", "Lead", "--model", MODEL, "--json")
    assert found.document["predictions"] == 2
    refused = cli("outcomes", "import", "--query", "DELETE FROM closed", "--object", "Lead", "--model", MODEL)
    assert refused.code == 1
    with sqlite3.connect(home / "crm.db") as crm:
        assert crm.execute("SELECT count(*) FROM closed").fetchone() == (2,)
    crm.close()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("object_id,actual\n1,won\n", "give --object and --model"),
        ("prediction_id,result\nx,won\n", "no value in the column 'actual'"),
        ("prediction_id,actual\nx\n", "the row has 1 cells"),
        (
            "object_type,model_id,object_id,actual\nLead,lead-scoring-v1,0,won\nLead,lead-scoring-v1,1,purple\n",
            "Row 2: 'purple' is no outcome of model 'lead-scoring-v1'; give yes or no",
        ),
    ],
)
def test_a_file_that_cannot_be_joined_says_why(cli, asked, tmp_path, content, says):
    """Rows that name nothing or lack the outcome are refused with their number, and nothing is joined."""
    file = tmp_path / "outcomes.csv"
    file.write_text(content)
    answer = cli("outcomes", "import", str(file))
    assert answer.code in (1, 2)
    assert says in answer.err
    assert cli("outcomes", "quality", MODEL, "--json").document["quality"] == []


def test_quality_without_outcomes_says_so(cli, asked):
    """A model whose outcomes nobody told has no quality, and the answer says what to do."""
    assert "No outcomes are known" in cli("outcomes", "quality", MODEL).out


def test_an_object_is_erased(cli, asked, home):
    """Erasing one lead takes its prediction and no other, and needs --yes where nobody can be asked."""
    assert cli("erase", "--object", "Lead:1").code == 2
    answer = cli("erase", "--object", "Lead:1", "--yes", "--json")
    assert (answer.code, answer.document["predictions"], answer.document["models"]) == (0, 1, [MODEL])
    assert cli("replay", asked[1]).code != 0
    assert cli("replay", asked[0]).code == 0
    assert cli("erase", "--object", "Lead", "--yes").code == 2


def test_a_backup_answers_like_the_workspace(cli, asked, home, tmp_path, monkeypatch):
    """A backup holds the log and the registry, and is refused where a file is in its place."""
    target = tmp_path / "copy.db"
    assert cli("db", "backup", str(target), "--json").document["rows"] > 3
    assert cli("db", "backup", str(target)).code == 1
    assert cli("db", "prune", "--json").document == {"deleted": 0}
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{target}")
    assert cli("replay", asked[2]).code == 0
