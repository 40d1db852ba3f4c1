"""``models``: list, show, register, promote, status, history."""

from __future__ import annotations

import json

import pytest

REMOTE = {"id": "remote-lead", "version": "3.1.0", "provider": "custom", "status": "testing", "type": "classification"}


def test_a_new_workspace_has_the_five_models(cli):
    """The ids of the contract are there, and all of them are active."""
    document = cli("models", "list", "--json").document
    assert {model["id"]: model["status"] for model in document["models"]} == {
        "churn-prediction-v1": "active",
        "lead-scoring-v1": "active",
        "product-recommendation-v1": "active",
        "revenue-forecast-v1": "active",
        "sentiment-analysis-v1": "active",
    }
    assert "lead-scoring-v1" in cli("models", "list").out


def test_the_list_can_be_narrowed(cli):
    """``--status`` and ``--type`` choose; nothing found is said in words."""
    assert [model["id"] for model in cli("models", "list", "--type", "forecasting", "--json").document["models"]] == [
        "revenue-forecast-v1"
    ]
    assert "There is no such model" in cli("models", "list", "--status", "deprecated").out


def test_show_tells_metrics_with_their_source_and_features_with_their_range(cli):
    """What was measured, on how many rows, and what training saw of each feature."""
    out = cli("models", "show", "lead-scoring-v1").out
    assert "held-out rows of the sample CRM" in out
    assert "engagement_score" in out
    assert "0 to 100" in out
    assert cli("models", "show", "lead-scoring-v1", "--json").document["metricsSource"]["kind"] == "measured"


def test_register_promote_status_and_history(cli, tmp_path):
    """A model registered from a file keeps every revision with its reason."""
    (tmp_path / "model.json").write_text(json.dumps(REMOTE | {"metrics": {"accuracy": 91.0}}))
    registered = cli("models", "register", f"@{tmp_path / 'model.json'}", "--json")
    assert registered.code == 0, registered.err
    assert registered.document["metricsSource"]["kind"] == "declared"
    assert cli("models", "promote", "remote-lead", "--reason", "better in May").code == 0
    assert (
        cli("models", "status", "remote-lead", "deprecated", "--reason", "worse in June", "--json").document["status"]
        == "deprecated"
    )
    history = cli("models", "history", "remote-lead", "--json").document["revisions"]
    assert [(step["action"], step["note"]) for step in history] == [
        ("registered", None),
        ("promoted", "better in May"),
        ("status", "worse in June"),
    ]
    assert "worse in June" in cli("models", "history", "remote-lead").out


def test_a_model_rolls_back_with_its_reason(cli):
    """The version before answers again; where there is none, that is said. Code 1."""
    for version in ("1", "2"):
        cli("models", "register", json.dumps(REMOTE | {"version": version, "status": "active"}))
    assert (
        "remote-lead 1 is active now (revision 3)" in cli("models", "rollback", "remote-lead", "--reason", "worse").out
    )
    newest = cli("models", "history", "remote-lead", "--json").document["revisions"][-1]
    assert (newest["action"], newest["note"]) == ("rolled_back", "worse")
    assert cli("models", "rollback", "lead-scoring-v1", "--reason", "why not").code == 1


def test_a_transition_that_is_not_allowed_fails(cli):
    """The registry's own rules hold: an active model does not go back to training. Code 1."""
    answer = cli("models", "status", "lead-scoring-v1", "training", "--reason", "try")
    assert answer.code == 1
    assert "training" in answer.err


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"id": "../x"}, "id"),
        (REMOTE | {"colour": "red"}, "colour"),
        (REMOTE | {"status": "great"}, "status"),
        (REMOTE | {"providerConfig": {"provider": "custom", "credentials": {"apiKey": "sk-planted"}}}, "env"),
    ],
)
def test_a_wrong_configuration_is_bad_input_and_never_shows_a_secret(cli, config, said):
    """Code 2, one line; a literal credential is refused, not repeated, and the line tells how to give a reference."""
    answer = cli("models", "register", json.dumps(config), "--json")
    assert answer.code == 2
    assert said in answer.err
    assert "sk-planted" not in answer.err + answer.out


def test_references_of_credentials_are_not_shown_either(cli):
    """What is shown of a provider's configuration has neither credentials nor options."""
    given = REMOTE | {"providerConfig": {"provider": "custom", "credentials": {"apiKey": {"env": "PLANTED_NAME"}}}}
    answer = cli("models", "register", json.dumps(given), "--json")
    assert answer.code == 0, answer.err
    shown = (
        answer.out + cli("models", "show", "remote-lead").out + cli("models", "history", "remote-lead", "--json").out
    )
    assert "PLANTED_NAME" not in shown


def test_hostile_names_are_shown_escaped(cli):
    """A model's name with control characters and markup appears as text."""
    given = REMOTE | {"name": "\x1b]0;owned\x07[red]x[/red]", "description": "a\u202eb"}
    assert cli("models", "register", json.dumps(given)).code == 0
    out = cli("models", "show", "remote-lead").out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "[red]x[/red]" in out


@pytest.mark.parametrize(
    "command", [("show",), ("history",), ("promote", "--reason", "x"), ("rollback", "--reason", "x")]
)
def test_an_unknown_model_is_bad_input(cli, command):
    """Code 2 and the command that shows all models."""
    answer = cli("models", command[0], "no-such-model", *command[1:])
    assert answer.code == 2
    assert "models list" in answer.err
