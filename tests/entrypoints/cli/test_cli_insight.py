"""``stats``, ``health``, ``experiments``, ``doctor`` and ``db``: looking into a workspace."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from datetime import date
from decimal import Decimal

import pytest

import hotcrm_ai
from hotcrm_ai import AI, Settings
from hotcrm_ai.domain.spending import Claim
from hotcrm_ai.entrypoints.cli.doctor_checks import check_packages, check_python, check_sqlite

MODEL = "lead-scoring-v1"
CHALLENGER = '{"id": "lead-scoring-b", "version": "2.0.0", "status": "active", "feature": "lead-scoring"'


def test_stats_without_predictions_says_so(cli):
    """No numbers are invented where nothing was asked."""
    assert "No recent predictions" in cli("stats").out
    document = cli("stats", "--json").document
    assert document["models"] == []
    assert document["reason"] == "No recent predictions"


def test_stats_are_those_of_earlier_commands(cli, lead_json):
    """Three predictions of earlier processes are counted, and longer windows hold them too."""
    for _ in range(3):
        cli("predict", MODEL, "--features", lead_json)
    document = cli("stats", MODEL, "--window", "600", "--json").document
    (stats,) = document["models"]
    assert document["source"] == "all-processes"
    assert stats["totalPredictions"] == 3
    assert 0 < stats["medianLatency"] <= stats["p99Latency"]
    assert stats["liveAccuracy"] is None
    out = cli("stats").out
    assert MODEL in out
    assert "Counted by all processes" in out
    assert cli("stats", MODEL, "--window", "86400", "--json").document["models"][0]["totalPredictions"] == 3


def test_health_says_how_sqlite_had_to_be_opened(cli):
    """The notes of the database are those of health, in the JSON and on the screen."""
    told = cli("health", "--json").document["notes"]
    assert told == cli("db", "status", "--json").document["notes"]
    assert cli("health").out.count("note:") == len(told)


def test_stats_of_an_unknown_model_are_bad_input(cli):
    """An invented id is no series of its own."""
    assert cli("stats", "no-such-model").code == 2
    for window in ("0", "nan", "1e300"):
        assert cli("stats", "--window", window).code == 2


def test_usage_of_language_models_is_told_with_the_budget_and_the_date_of_the_price(cli, home):
    """What earlier processes booked is in the table and in the JSON; without any, no number is made up."""
    assert "No language model was asked" in cli("stats", "--usage").out
    model = {"id": "texts", "provider": "openai", "status": "active", "parameters": {"model": "small"}}
    model["parameters"] |= {"task": "scoring", "daily_budget": {"amount": 5, "currency": "EUR", "tokens": 2000000}}
    cli("models", "register", json.dumps(model))
    with AI.open_sync(Settings(home=home)) as ai:
        asyncio.run_coroutine_threadsafe(_spend(ai._ai), ai._loop).result(30)
    (usage,) = cli("stats", "texts", "--usage", "--json").document["usage"]
    assert (usage["calls"], usage["tokens"], usage["amounts"]) == (1, 132, {"EUR": 0.25})
    assert (usage["priceAsOf"], usage["dailyBudget"]["amount"]) == ("2026-01-01", 5.0)
    out = cli("stats", "--usage", "--days", "7").out
    assert all(
        words in out for words in ("0.2500 EUR", "5 EUR, 2,000,000 tokens", "2026-01-01", "Days are those of UTC")
    )
    assert cli("stats", "--days", "7").code == 2
    assert cli("stats", "--usage", "--window", "7").code == 2
    assert cli("stats", "no-such-model", "--usage").code == 2


async def _spend(ai):
    claim = Claim(
        model_id="texts",
        day=ai.now().date(),
        tokens=900,
        currency="EUR",
        amount=Decimal(1),
        price_as_of=date(2026, 1, 1),
    )
    await ai._parts.kept.ledger.reserve(claim, budget=None)
    await ai._parts.kept.ledger.settle(claim, tokens=132, amount=Decimal("0.25"))


def test_health_without_traffic_is_unknown_and_no_failure(cli):
    """Nobody asked: unknown, with the reason, and code 0."""
    answer = cli("health", "--json")
    assert answer.code == 0
    assert {"modelId": MODEL, "status": "unknown", "reason": "No recent predictions", "samples": 0} in (
        answer.document["models"]
    )
    assert {model["status"] for model in answer.document["models"]} == {"unknown"}


def test_health_counts_recent_answers(cli, lead_json):
    """A model that just answered is healthy, or degraded where the machine was slow; never unhealthy."""
    cli("predict", MODEL, "--features", lead_json)
    model = next(one for one in cli("health", "--json").document["models"] if one["modelId"] == MODEL)
    assert model["samples"] == 1
    assert model["status"] in ("healthy", "degraded")


@pytest.fixture
def broken_model(cli, home):
    """A workspace with an active model whose files were altered after they were published."""
    packaged = hotcrm_ai.__path__[0] + "/packaged_models"
    digest = cli("models", "show", MODEL, "--json").document["bundleDigest"]
    shutil.copytree(f"{packaged}/{digest}", home / "models" / digest, dirs_exist_ok=True)
    altered = "f" * 64
    config = f'{CHALLENGER}, "provider": "local", "bundleDigest": "{altered}"}}'
    assert cli("models", "register", config).code == 0
    return "lead-scoring-b"


def test_health_fails_where_a_model_cannot_answer(cli, broken_model):
    """A model whose files are not there is unhealthy, with the reason, and the code is 1."""
    answer = cli("health", "--json")
    assert answer.code == 1
    found = {model["modelId"]: model for model in answer.document["models"]}
    assert found[broken_model]["status"] == "unhealthy"
    assert "bundle" in found[broken_model]["reason"]
    assert found[MODEL]["status"] == "unknown"


def test_doctor_finds_the_broken_model_and_says_how_to_mend_it(cli, broken_model):
    """The model is named as broken, with what to do, and the code is 1."""
    answer = cli("doctor", "--json")
    assert answer.code == 1
    (finding,) = [one for one in answer.document["findings"] if one["status"] == "broken"]
    assert finding["part"] == f"model {broken_model}"
    assert "Train" in finding["mend"]


def test_doctor_of_a_machine_without_a_workspace_warns_but_does_not_fail(cli, home):
    """Nothing is created by looking, and what is not there yet is no failure."""
    home.rmdir()
    answer = cli("doctor", "--json")
    assert answer.code == 0
    status = {finding["part"]: finding["status"] for finding in answer.document["findings"]}
    assert (status["workspace"], status["database"], status["crm"]) == ("warning", "warning", "warning")
    assert not home.exists()


def test_doctor_of_a_whole_workspace_checks_every_part(cli, crm):
    """Database, model files and CRM fields are all looked at."""
    cli("models", "list")
    answer = cli("doctor")
    assert answer.code == 0
    for words in ("tables of version", f"model {MODEL}", "leads have ai_score", "Nothing needed is broken."):
        assert words in answer.out


@pytest.mark.parametrize(("version", "mend"), [("0011", "hotcrm-ai db upgrade"), ("9999", "or a newer one")])
def test_doctor_changes_nothing_in_a_database_of_another_version(cli, home, version, mend):
    """Older tables are to be upgraded and newer ones need the version that made them; a look does neither."""
    cli("models", "list")
    with sqlite3.connect(home / "workspace.db") as connection:
        connection.execute("DROP INDEX ix_ai_prediction_newest")
        (table,) = connection.execute("SELECT name FROM sqlite_master WHERE name LIKE '%version%'").fetchone()
        connection.execute(f"UPDATE {table} SET version_num = ?", (version,))
    answer = cli("doctor", "--json")
    assert answer.code == 1
    (finding,) = [one for one in answer.document["findings"] if one["status"] == "broken"]
    assert (finding["part"], mend in finding["mend"]) == ("database", True)
    with sqlite3.connect(home / "workspace.db") as connection:
        assert connection.execute(f"SELECT version_num FROM {table}").fetchone() == (version,)


def test_doctor_tells_a_crm_without_the_fields(cli, home):
    """A CRM whose leads lack the fields that scores are written to is broken, and the fields are named."""
    cli("models", "list")
    with sqlite3.connect(home / "crm.db") as connection:
        connection.execute("CREATE TABLE leads (id TEXT PRIMARY KEY)")
    answer = cli("doctor", "--json")
    assert answer.code == 1
    (finding,) = [one for one in answer.document["findings"] if one["status"] == "broken"]
    assert "ai_score" in finding["found"]
    assert "HOTCRM_AI_CRM_OBJECTS" in finding["mend"]


def test_doctor_lists_wrong_settings(cli, monkeypatch):
    """Wrong settings are one broken finding that names them; the other parts are still checked."""
    monkeypatch.setenv("HOTCRM_AI_TIMEOUT_SECONDS", "soon")
    answer = cli("doctor", "--json")
    assert answer.code == 1
    (finding,) = [one for one in answer.document["findings"] if one["status"] == "broken"]
    assert "timeout_seconds" in finding["found"]
    assert "python" in {one["part"] for one in answer.document["findings"]}


def test_old_versions_are_told():
    """An old Python is broken; an SQLite that loses commits under WAL is a warning with the way out."""
    assert check_python((3, 10, 9)).status == "broken"
    assert check_python((3, 11, 0)).status == "ok"
    assert check_sqlite((3, 40, 1)).status == "warning"
    assert "3.51.3" in str(check_sqlite((3, 40, 1)).mend)
    assert check_sqlite((3, 51, 3)).status == "ok"


def test_a_missing_driver_is_broken_only_where_it_is_needed(monkeypatch):
    """The same missing package is a warning, or broken where the settings need PostgreSQL; both name the extra."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for needed, status in ((False, "warning"), (True, "broken")):
        found = {finding.part: finding for finding in check_packages(needs_postgres=needed)}
        assert found["packages: postgres"].status == status
        assert found["packages: postgres"].mend == "pip install 'hotcrm-ai[postgres]'"
        assert found["packages: train"].status == "warning"


def test_experiments_are_listed_and_reported(cli, lead_json):
    """A test is called by its challenger's id; both arms are there before anybody asked."""
    assert "No model has an A/B test." in cli("experiments", "list").out
    bundle = cli("models", "show", MODEL, "--json").document["bundleDigest"]
    signature = '"abTest": {"championModelId": "lead-scoring-v1", "trafficPercentage": 100}'
    config = f'{CHALLENGER}, "bundleDigest": "{bundle}", {signature}}}'
    registered = cli("models", "register", config)
    assert registered.code == 0, registered.err
    cli("predict", "lead-scoring-b", "--features", lead_json)
    (listed,) = cli("experiments", "list", "--json").document["experiments"]
    assert listed["id"] == "lead-scoring-b"
    report = cli("experiments", "report", "lead-scoring-b", "--json").document
    assert {arm["variant"]: arm["predictions"] for arm in report["arms"]}["challenger"] == 1
    assert "Split check" in cli("experiments", "report", "lead-scoring-b").out
    assert "Not enough outcomes" in cli("experiments", "report", "lead-scoring-b").out
    assert cli("experiments", "report", MODEL).code == 2
    assert cli("experiments", "report", "no-such-model").code == 2


def test_an_explanation_says_first_that_the_champion_answered(cli, lead_json):
    """Where the record belongs to the champion, explain and compare begin with who answered; the JSON names both models and the arm."""
    bundle = cli("models", "show", MODEL, "--json").document["bundleDigest"]
    test = '"abTest": {"championModelId": "lead-scoring-v1", "trafficPercentage": 0}'
    assert cli("models", "register", f'{CHALLENGER}, "bundleDigest": "{bundle}", {test}}}').code == 0
    version = cli("models", "show", MODEL, "--json").document["version"]
    first = f"Answered by lead-scoring-v1 {version}, not by lead-scoring-b: this record belongs to the champion of its A/B test."
    explained = ("explain", "lead-scoring-b", "--features", lead_json)
    compared = ("compare", "lead-scoring-b", "--features1", lead_json, "--features2", '{"budget": 5}')
    for command in (explained, compared):
        assert cli(*command).out.splitlines()[0] == first
        told = cli(*command, "--json").document
        assert (told["modelId"], told["requestedModelId"], told["variant"]) == (MODEL, "lead-scoring-b", "champion")
    assert cli("explain", MODEL, "--features", lead_json).out.startswith("The prediction was influenced by:")


def test_a_test_ends_for_the_champion_or_for_the_challenger(cli):
    """`stop` leaves everybody to the champion; `promote` asks for outcomes that speak for the challenger, or for `--anyway`."""
    config = f'{CHALLENGER}, "provider": "custom", "abTest": {{"championModelId": "lead-scoring-v1", "trafficPercentage": 20}}}}'
    assert cli("models", "register", config).code == 0
    assert "the champion answers" in cli("experiments", "stop", "lead-scoring-b", "--reason", "complaints").out
    assert "stopped" in cli("experiments", "list").out
    refused = cli("experiments", "promote", "lead-scoring-b", "--reason", "a feeling")
    assert refused.code == 1
    assert "Not enough outcomes" in refused.err
    promoted = cli("experiments", "promote", "lead-scoring-b", "--reason", "a feeling", "--anyway", "--json")
    assert promoted.document["enabled"] is False
    notes = [one["note"] for one in cli("models", "history", "lead-scoring-b", "--json").document["revisions"]]
    assert notes[1] == "complaints"
    assert notes[2].startswith("a feeling (in spite of: Not enough outcomes")
    assert cli("experiments", "stop", "no-such-model", "--reason", "x").code == 2


def test_db_status_and_upgrade(cli, home):
    """A database that is not there is said so; an upgrade makes it, and a second one changes nothing."""
    assert cli("db", "status").code == 1
    first = cli("db", "upgrade", "--json").document
    assert first["before"] is None
    second = cli("db", "upgrade", "--json").document
    assert second["before"] == second["after"] == first["after"]
    assert cli("db", "status", "--json").document["current"] is True
    assert (home / "workspace.db").exists()
