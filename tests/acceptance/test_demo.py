"""The demonstration as users run it: a process in an empty folder, whose every claim is checked against the databases."""

from __future__ import annotations

import json
import os
import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.slow

PROGRAM = (sys.executable, "-c", "from hotcrm_ai.entrypoints.cli import main; main()")
QUICK = {**os.environ, "OMP_NUM_THREADS": "2"}


def start(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program in a folder."""
    return subprocess.run(
        [*PROGRAM, *arguments], cwd=folder, capture_output=True, text=True, check=False, env=QUICK, timeout=240
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The folder in which the demonstration was run once."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def document(folder) -> dict:
    """What the demonstration gave as JSON."""
    done = start(folder, "demo", "--json", "--leads", "3000")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


@pytest.fixture
def crm(folder, document):
    """The sample CRM that the demonstration left."""
    connection = sqlite3.connect(folder / ".hotcrm-ai" / "crm.db")
    yield connection
    connection.close()


@pytest.fixture
def log(folder, document):
    """The workspace database that the demonstration left."""
    connection = sqlite3.connect(folder / ".hotcrm-ai" / "workspace.db")
    yield connection
    connection.close()


def test_every_open_lead_was_scored_and_written_back(document, crm):
    """All open leads, and no closed one, have score, confidence, reasons and date."""
    filled = "ai_score IS NOT NULL AND ai_confidence IS NOT NULL AND ai_explanation LIKE 'The prediction was%'"
    (open_leads,) = crm.execute("SELECT count(*) FROM leads WHERE converted IS NULL").fetchone()
    (scored,) = crm.execute(
        f"SELECT count(*) FROM leads WHERE converted IS NULL AND {filled} AND last_scored_date IS NOT NULL"
    ).fetchone()
    (closed,) = crm.execute(
        "SELECT count(*) FROM leads WHERE converted IS NOT NULL AND ai_score IS NOT NULL"
    ).fetchone()
    assert (open_leads, scored, closed) == (document["scoring"]["openLeads"], open_leads, 0)
    assert document["scoring"]["failed"] == 0


def test_the_leads_to_call_first_are_the_highest_scores_of_the_crm(document, crm):
    """The list is what the CRM holds, in order."""
    rows = crm.execute(
        "SELECT id, ai_score FROM leads WHERE ai_score IS NOT NULL ORDER BY ai_score DESC, id LIMIT 10"
    ).fetchall()
    assert [(lead["id"], lead["score"]) for lead in document["callFirst"]] == rows


def test_the_ab_test_counts_what_the_log_holds(document, log):
    """Arms, answers and outcomes are those of the log; every lead has one arm; the split raises no alarm."""
    counted = log.execute(
        "SELECT variant, count(*), count(DISTINCT object_id), count(is_correct) FROM ai_prediction "
        "WHERE experiment_id = 'lead-scoring-v2' GROUP BY variant ORDER BY variant"
    ).fetchall()
    arms = sorted(document["experiment"]["arms"], key=lambda arm: arm["variant"])
    assert [(arm["variant"], arm["predictions"], arm["subjects"], arm["outcomes"]) for arm in arms] == counted
    assert sum(arm["subjects"] for arm in arms) == document["scoring"]["scored"]
    assert document["experiment"]["mismatch"] is False
    (in_both,) = log.execute(
        "SELECT count(*) FROM (SELECT object_id FROM ai_prediction WHERE object_type = 'Lead' "
        "GROUP BY object_id HAVING count(DISTINCT model_id) > 1)"
    ).fetchone()
    assert in_both == 0


def test_the_cache_hits_are_real(document, log):
    """The leads that were asked again, and only they, were answered from the cache, and the log says so."""
    (cached,) = log.execute("SELECT count(*) FROM ai_prediction WHERE was_cached").fetchone()
    assert cached == document["cache"]["hits"] == document["scoring"]["again"]


def test_held_out_quality_is_between_knowing_nothing_and_knowing_all(document):
    """The model beats the base rate and the naive Bayes, and nothing beats the true probabilities."""
    metrics, best = document["training"]["metrics"], document["quality"]["bestPossible"]
    for baseline in document["training"]["baselines"].values():
        assert metrics["log_loss"] < baseline["log_loss"]
    assert best["log_loss"] < metrics["log_loss"]
    assert best["roc_auc"] > metrics["roc_auc"] > 0.7
    assert document["quality"]["leads"] == document["training"]["heldOutRows"]


def test_the_held_out_quality_is_that_of_the_registered_model(document, folder, crm):
    """Predicting the newest closed leads through the command line gives the reported log loss: these are the held-out leads."""
    features = [
        spec["name"]
        for spec in json.loads(start(folder, "models", "show", "lead-scoring-v2", "--json").stdout)["signature"][
            "features"
        ]
    ]
    count = document["training"]["heldOutRows"]
    cursor = crm.execute(
        f"SELECT {', '.join(features)}, converted FROM leads WHERE converted IS NOT NULL ORDER BY created_date DESC, id LIMIT {count}"
    )
    rows = cursor.fetchall()
    with (folder / "held_out.jsonl").open("w") as file:
        for row in rows:
            file.write(json.dumps(dict(zip(features, row[:-1], strict=True))) + "\n")
    stop_test = ("models", "register", "@without_test.json")
    config = json.loads(start(folder, "models", "show", "lead-scoring-v2", "--json").stdout)
    kept = ("version", "type", "provider", "feature", "signature", "bundleDigest")
    (folder / "without_test.json").write_text(
        json.dumps({"id": "held-out-check", "status": "active", **{name: config[name] for name in kept}})
    )
    assert start(folder, *stop_test).returncode == 0
    answered = json.loads(start(folder, "predict", "held-out-check", "--file", "held_out.jsonl", "--json").stdout)
    chances = np.array([result["prediction"]["probability"] for result in answered["results"]])
    won = np.array([row[-1] for row in rows])
    log_loss = -np.mean(np.log(np.where(won == 1, chances, 1 - chances)))
    assert log_loss == pytest.approx(document["training"]["metrics"]["log_loss"], abs=1e-6)


def test_the_leak_guard_kept_every_planted_leak_out(document):
    """The columns that are filled after the outcome are excluded by evidence; the honest ones are not."""
    excluded = {column["column"] for column in document["training"]["excluded"]}
    leaks = {
        "status",
        "closed_date",
        "contract_value",
        "close_reason",
        "sales_stage_final",
        "next_step",
        "last_activity_type",
    }
    assert leaks <= excluded
    assert not {"engagement_score", "industry", "job_title", "lead_source", "estimated_budget"} & excluded


def test_the_explanation_adds_up_to_the_score_that_was_written(document, crm):
    """Average plus contributions is the score, the picture is one, and the text is in the CRM."""
    explained = document["explained"]
    explanation = explained["explanation"]
    total = explanation["baseValue"] + 100 * sum(part["contribution"] for part in explanation["featureContributions"])
    (score, text) = crm.execute(
        "SELECT ai_score, ai_explanation FROM leads WHERE id = ?", (explained["leadId"],)
    ).fetchone()
    assert total == pytest.approx(score, abs=0.006)
    assert text.startswith(explanation["explanation"])


def test_a_second_run_uses_what_is_there_and_every_command_that_it_names_works(document, folder):
    """The text for people fits 80 columns, says where everything is, and its commands run as they stand."""
    done = subprocess.run(
        [*PROGRAM, "demo"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        env={**QUICK, "COLUMNS": "80"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "Sample CRM found: 3,000 leads" in done.stdout
    shown = [line for line in done.stdout.splitlines() if not line.startswith("hotcrm-ai ")]
    assert max(map(len, shown)) <= 80
    commands = [line for line in done.stdout.splitlines() if line.startswith("hotcrm-ai ")]
    assert len(commands) == 7
    for command in commands:
        words = shlex.split(command)[1:]
        if words != ["serve"]:
            ran = start(folder, *words)
            assert ran.returncode == 0, (command, ran.stderr)
    model_id = shlex.split(commands[0])[2]
    assert model_id == "lead-scoring-v2"
    assert "against lead-scoring-v2" in done.stdout
    assert "goes on, for the model is the same as before" in " ".join(done.stdout.split())
    tests = json.loads(start(folder, "experiments", "list", "--json").stdout)["experiments"]
    assert [test["id"] for test in tests] == ["lead-scoring-v2"]
    assert " ".join(tests[0]["verdict"]["explanation"].split()) in " ".join(done.stdout.split())
    models = {model["id"] for model in json.loads(start(folder, "models", "list", "--json").stdout)["models"]}
    assert "lead-scoring-v3" not in models
    explain = start(folder, *shlex.split(commands[0])[1:], "--json")
    notes = [line for line in start(folder, *shlex.split(commands[0])[1:]).stdout.splitlines() if "note:" in line]
    assert all("missing" in note for note in notes)
    lead_id = Path(shlex.split(commands[0])[4]).stem
    with sqlite3.connect(folder / ".hotcrm-ai" / "crm.db") as connection:
        (text,) = connection.execute("SELECT ai_explanation FROM leads WHERE id = ?", (lead_id,)).fetchone()
    assert text.startswith(json.loads(explain.stdout)["explanation"])
    assert (folder / "why.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "report" / "report.md").exists()


def test_the_same_sample_gives_the_same_model(document, folder):
    """Trained twice on the same leads with the same seed: the same files."""
    again = json.loads(start(folder, "models", "show", "lead-scoring-v2", "--json").stdout)
    assert again["bundleDigest"] == document["training"]["bundleDigest"]


def test_a_crm_that_is_no_sample_is_left_alone(tmp_path):
    """A CRM of your own in the folder, or in the settings, is refused with code 2, and stays as it was."""
    home = tmp_path / ".hotcrm-ai"
    home.mkdir()
    with sqlite3.connect(home / "crm.db") as connection:
        connection.execute("CREATE TABLE leads (id TEXT PRIMARY KEY)")
    before = (home / "crm.db").read_bytes()
    done = start(tmp_path, "demo", "--fresh")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert (home / "crm.db").read_bytes() == before
    own = subprocess.run(
        [*PROGRAM, "demo", "--home", "other"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
        env={**QUICK, "HOTCRM_AI_CRM_URL": "sqlite:///own.db"},
    )  # fmt: skip
    assert own.returncode == 2
    assert not (tmp_path / "own.db").exists()
