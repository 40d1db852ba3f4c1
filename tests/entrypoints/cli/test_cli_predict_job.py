"""``predict --job``: usage, and models whose provider runs no jobs."""

from __future__ import annotations


def test_a_job_needs_a_file_for_its_answers(cli, tmp_path):
    """Without --file and --out the usage is said."""
    answer = cli("predict", "lead-scoring-v1", "--features", "{}", "--job", str(tmp_path / "ticket"))
    assert answer.code == 2
    assert "--job goes with --file and --out" in answer.err


def test_a_local_model_runs_no_jobs(cli, tmp_path):
    """The error names the provider; nothing is written."""
    (tmp_path / "leads.csv").write_text("budget\n3\n")
    given = ["--file", str(tmp_path / "leads.csv"), "--out", str(tmp_path / "out"), "--job", str(tmp_path / "ticket")]
    answer = cli("predict", "lead-scoring-v1", *given)
    assert answer.code == 2
    assert "runs no jobs" in answer.err
    assert not (tmp_path / "ticket").exists()
    assert not (tmp_path / "out").exists()
