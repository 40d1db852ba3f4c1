"""Training through the workspace: measured, published, registered, and nothing left behind when it fails."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from hotcrm_ai import AI, ConfigError, TrainingDataError

ROWS = 400


def _rows() -> list[dict[str, object]]:
    chance = random.Random(3)
    rows: list[dict[str, object]] = []
    for number in range(ROWS):
        visits, source = chance.randint(0, 20), chance.choice(["web", "fair", "referral"])
        won = chance.random() < 0.1 + 0.03 * visits + (0.2 if source == "referral" else 0.0)
        rows.append({"visits": visits, "source": source, "won": "yes" if won else "no", "number": f"N{number:05d}"})
    return rows


async def test_a_trained_model_is_testing_first_and_answers_after_its_promotion(ai: AI) -> None:
    """The next free id is taken; metrics carry fingerprint and row count."""
    report = await ai.train("lead-scoring", _rows(), target="won")
    assert (report.model_id, report.version, report.status) == ("lead-scoring-v2", "1.0.0", "testing")
    assert [one.column for one in report.excluded] == ["number"]
    model = await ai.registry.get_model("lead-scoring-v2")
    assert model is not None
    assert model.metrics_source is not None
    assert model.metrics_source.rows == report.held_out_rows
    assert model.metrics["auc"] == pytest.approx(100 * report.metrics["roc_auc"], abs=1e-3)
    await ai.registry.update_status("lead-scoring-v2", "active")
    response = await ai.predict("lead-scoring-v2", {"visits": 18, "source": "referral"})
    assert response.prediction["probability"] > 0.5


async def test_training_again_under_an_id_is_a_new_version_with_history(ai: AI) -> None:
    """The same rows and seed give the same bundle, so both revisions name one digest."""
    first = await ai.train("lead-scoring", _rows(), target="won", model_id="mine", seed=5)
    again = await ai.train("lead-scoring", _rows(), target="won", model_id="mine", seed=5)
    assert (first.version, again.version) == ("1.0.0", "1.1.0")
    assert first.bundle_digest == again.bundle_digest
    assert len(await ai.registry.history("mine")) == 2


async def test_promotion_is_refused_where_the_model_knows_no_more_than_the_base_rate(ai: AI) -> None:
    """An outcome by the toss of a coin teaches nothing, and the report says so."""
    chance = random.Random(11)
    rows = [{"x": chance.random(), "won": chance.choice([0, 1])} for _ in range(ROWS)]
    report = await ai.train("lead-scoring", rows, target="won", promote=True, seed=1)
    if report.metrics["log_loss"] >= report.baselines["majority"]["log_loss"]:
        assert report.status == "testing"
        assert any("not promoted" in warning for warning in report.warnings)
    else:
        assert report.status == "active"
    assert any("signal" in warning for warning in report.warnings)


async def test_a_failed_run_leaves_neither_model_nor_files(ai: AI, tmp_path: Path) -> None:
    """One class is refused before anything is written."""
    before = [model.id for model in await ai.registry.list_models()]
    with pytest.raises(TrainingDataError):
        await ai.train("lead-scoring", [{"x": number, "won": "yes"} for number in range(50)], target="won")
    with pytest.raises(ConfigError, match="Unknown training option"):
        await ai.train("lead-scoring", _rows(), target="won", colour="red")
    assert [model.id for model in await ai.registry.list_models()] == before
    models = tmp_path / "home" / "models"
    assert not models.exists() or not list(models.iterdir())
