"""``models export`` and ``models import``: folders for other places, files for other workspaces."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("target", ["sagemaker", "azure-ml", "mlflow", "onnx"])
def test_a_folder_is_written_and_told(cli, tmp_path, target):
    """The document names the folder, its files and the bundle; the README says how to run it there."""
    document = cli(
        "models", "export", "lead-scoring-v1", "--for", target, "--out", str(tmp_path / "out"), "--json"
    ).document
    assert document["target"] == target
    assert sorted(document["files"]) == sorted(
        path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()
    )
    assert "README.md" in document["files"]


def test_a_file_goes_out_and_comes_in(cli, tmp_path):
    """A model imported under another id is registered as testing, and the next command is said."""
    file = str(tmp_path / "model.zip")
    assert "models import" in cli("models", "export", "lead-scoring-v1", "--out", file).out
    came = cli("models", "import", file, "--id", "second")
    assert came.code == 0
    assert "status testing" in came.out
    assert "models promote second" in came.out
    assert cli("models", "show", "second", "--json").document["status"] == "testing"


def test_what_cannot_be_done_is_one_line(cli, tmp_path):
    """No bundle, no such model, a folder in use, a file that is no model, an id that is taken: each fails with its reason."""
    file = str(tmp_path / "model.zip")
    cli("models", "export", "lead-scoring-v1", "--out", file)
    (tmp_path / "text").write_text("hello")
    cli("models", "register", '{"id": "remote-lead", "provider": "custom"}')
    failing = {
        ("export", "remote-lead", "--for", "onnx", "--out", str(tmp_path / "a")): "nothing to export",
        ("export", "no-such", "--for", "onnx", "--out", str(tmp_path / "a")): "No model is called",
        ("export", "lead-scoring-v1", "--for", "onnx", "--out", str(tmp_path)): "not an empty folder",
        ("export", "lead-scoring-v1", "--out", file): "there already",
        ("import", file): "exists already",
        ("import", str(tmp_path / "text")): "no exported model",
    }
    for arguments, reason in failing.items():
        answer = cli("models", *arguments)
        assert answer.code in (1, 2)
        assert answer.err.count("\n") == 1
        assert reason in answer.err
    assert cli("models", "export", "lead-scoring-v1", "--for", "nowhere", "--out", file).code == 2
