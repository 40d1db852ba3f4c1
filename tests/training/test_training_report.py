"""The rules of report files: complete, readable, and harmless whatever the data hold."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.domain.training import Exclusion, TrainingReport
from hotcrm_ai.training.report_files import report_markdown, write_report

REPORT = TrainingReport(
    model_id="lead-scoring-v1",
    version="1.0.0",
    feature="lead-scoring",
    target="won = Yes",
    metrics={"roc_auc": 0.8125, "log_loss": 0.4321},
    intervals={"roc_auc": (0.78, 0.84)},
    baselines={"majority": {"roc_auc": 0.5, "log_loss": 0.66}, "naive_bayes": {"roc_auc": 0.7}},
    excluded=(Exclusion(column="a|b<script>", kind="identifier", reason="names\nthe record"),),
    bundle_digest="d" * 64,
    seconds=1.25,
    warnings=("few outcomes to measure on",),
    rows=400,
    training_rows=300,
    held_out_rows=100,
    positives=140,
    chosen="blend",
    choice={"linear": 0.44, "blend": 0.43},
    columns=(
        {"name": "größe $x$ 😀", "type": "number", "missing": 0.25, "distinct": 7, "values": "1 to 7", "used": True},
    ),
    reliability=(
        {"rows": 50.0, "predicted": 0.2, "observed": 0.25, "lower": 0.15, "upper": 0.39},
        {"rows": 50.0, "predicted": 0.7, "observed": 0.65, "lower": 0.5, "upper": 0.77},
    ),
    gains=tuple(
        {"share": at / 20, "captured": min(1.0, at / 10), "lift": 2.0 if at <= 10 else 20 / at} for at in range(1, 21)
    ),
    importance={"activity": 0.12, "größe $x$ _1": 0.02},
    bands={"hot": 0.61, "warm": 0.35},
    confusion={"truePositive": 20, "falsePositive": 8, "falseNegative": 15, "trueNegative": 57},
)


def test_the_files_of_a_report_are_written_and_named(tmp_path: Path) -> None:
    """Markdown, JSON and four pictures are made, and the report knows where they are."""
    written = write_report(REPORT, tmp_path / "new" / "folder")
    assert set(written.files) == {"markdown", "json", "reliability", "gains", "importance", "confusion"}
    for kind in ("reliability", "gains", "importance", "confusion"):
        assert Path(written.files[kind]).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    read = msgspec.json.decode(Path(written.files["json"]).read_bytes(), type=TrainingReport)
    assert read == written


def test_the_markdown_shows_metrics_beside_baselines_with_intervals() -> None:
    """Each metric stands in a row with its interval, the baselines and the direction that is better."""
    text = report_markdown(REPORT, pictures={"reliability": "reliability.png"})
    assert "| metric | this model | 95 % interval | majority | naive bayes |  |" in text
    assert "| ROC-AUC | **0.8125** | 0.7800 to 0.8400 | 0.5000 | 0.7000 | higher is better |" in text
    assert "| log loss | **0.4321** |  | 0.6600 |  | lower is better |" in text
    assert "![reliability](reliability.png)" in text
    assert "hot from 61.0 %, warm from 35.0 %" in text
    assert "- few outcomes to measure on" in text


def test_text_from_the_data_cannot_break_the_markdown() -> None:
    """Bars, tags and line ends in names and reasons are shown, not obeyed."""
    text = report_markdown(REPORT, pictures={})
    assert "| a\\|b&lt;script&gt; | identifier | names the record |" in text


def test_a_folder_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    """The error names the folder."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        write_report(REPORT, tmp_path / "file" / "report")
