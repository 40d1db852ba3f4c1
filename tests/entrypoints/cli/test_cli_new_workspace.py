"""A path that is mistyped makes no workspace where a command only looks, and one that is made is told."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "command",
    [
        ("models", "list"),
        ("models", "show", "lead-scoring-v1"),
        ("models", "promote", "lead-scoring-v1", "--reason", "x"),
        ("models", "history", "lead-scoring-v1"),
        ("models", "export", "lead-scoring-v1", "--out", "model.zip"),
        ("experiments", "list"),
        ("stats",),
        ("health",),
        ("replay", "p-1"),
        ("keys", "list"),
        ("alerts", "list"),
    ],
    ids=" ".join,
)
def test_looking_at_a_workspace_that_is_not_there_makes_none(cli, home, command):
    """The message names the folder and the commands that make a workspace."""
    home.rmdir()
    answer = cli(*command)
    assert (answer.code, home.exists()) == (1, False)
    assert f"There is no workspace at '{home}'" in answer.err
    assert "hotcrm-ai demo" in answer.err


def test_a_database_file_that_is_not_there_is_not_made_by_looking(cli, home, tmp_path, monkeypatch):
    """The file of DATABASE_URL counts like the folder."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'typo.db'}")
    answer = cli("models", "list")
    assert (answer.code, (tmp_path / "typo.db").exists()) == (1, False)
    assert "typo.db" in answer.err


def test_a_new_workspace_is_told_once_and_not_to_machines(cli, home, lead_json):
    """Predicting may be the first thing that somebody does; where the workspace now is, standard error says."""
    home.rmdir()
    first = cli("predict", "lead-scoring-v1", "--features", lead_json)
    assert (first.code, first.err) == (0, f"note: a new workspace was made at {home}\n")
    assert cli("predict", "lead-scoring-v1", "--features", lead_json).err == ""


def test_in_the_usual_folder_looking_may_be_the_first_thing(cli, tmp_path, monkeypatch):
    """Without --home the folder cannot be mistyped: the packaged models are listed, and the new folder is told."""
    monkeypatch.chdir(tmp_path)
    answer = cli("models", "list", at_home=False)
    assert (answer.code, "lead-scoring-v1" in answer.out) == (0, True)
    assert answer.err == f"note: a new workspace was made at {tmp_path / '.hotcrm-ai'}\n"
