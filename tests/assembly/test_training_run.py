"""Training through the workspace: measured, published, registered, and nothing left behind when it fails."""

from __future__ import annotations

import asyncio
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
    assert report.status == "testing"
    assert any("not promoted" in warning for warning in report.warnings)
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


async def test_a_model_that_answers_is_not_taken_out_of_service_by_one_that_may_not(ai: AI) -> None:
    """Without a promotion, or with one that is refused, the active model of the id goes on and the new one gets the next id."""
    await ai.train("lead-scoring", _rows(), target="won", model_id="mine", promote=True)
    report = await ai.train("lead-scoring", _rows(), target="won", model_id="mine", seed=1)
    assert (report.model_id, report.status) == ("lead-scoring-v2", "testing")
    assert "'mine' stays as it is; the new model was registered as 'lead-scoring-v2'" in report.warnings
    chance = random.Random(11)
    noise = [{"x": chance.random(), "won": number % 2} for number in range(ROWS)]
    worthless = await ai.train("lead-scoring", noise, target="won", model_id="mine", promote=True)
    assert (worthless.model_id, worthless.status) == ("lead-scoring-v3", "testing")
    kept = await ai.registry.get_model("mine")
    assert kept is not None
    assert (kept.status, kept.version) == ("active", "1.0.0")


async def test_a_retrained_model_keeps_what_people_have_set_on_it(ai: AI) -> None:
    """Name, tags, time in the cache, fallback and A/B test belong to the id, not to the rows that it was trained on."""
    await ai.train("lead-scoring", _rows(), target="won", model_id="mine")
    test = {"champion_model_id": "lead-scoring-v1", "mode": "shadow"}
    told = {"name": "Ours", "tags": ["north"], "cache_ttl": 60.0, "fallback_model_id": "lead-scoring-v1"}
    await ai.registry.update("mine", **told, ab_test=test)
    await ai.train("lead-scoring", _rows(), target="won", model_id="mine", seed=1)
    model = await ai.registry.get_model("mine")
    assert model is not None
    assert (model.name, model.tags, model.cache_ttl) == ("Ours", ("north",), 60.0)
    assert model.fallback_model_id == "lead-scoring-v1"
    assert model.ab_test is not None
    assert (model.ab_test.champion_model_id, model.ab_test.mode, model.version) == (
        "lead-scoring-v1",
        "shadow",
        "1.1.0",
    )


async def test_two_trainings_at_once_give_two_models(ai: AI) -> None:
    """The one that ends last does not take the id that the other one got meanwhile."""
    both = await asyncio.gather(*(ai.train("lead-scoring", _rows(), target="won", seed=seed) for seed in (1, 2)))
    assert sorted(report.model_id for report in both) == ["lead-scoring-v2", "lead-scoring-v3"]


async def test_an_id_of_another_feature_is_refused_before_the_training(ai: AI) -> None:
    """A model of leads never takes the place of one of churn."""
    with pytest.raises(
        ConfigError, match="'churn-prediction-v1' is of AI feature 'churn-prediction'; choose another id"
    ):
        await ai.train("lead-scoring", _rows(), target="won", model_id="churn-prediction-v1")


async def test_a_champion_whose_files_are_damaged_does_not_cost_the_new_model(ai: AI, tmp_path: Path) -> None:
    """Nothing can be compared, so people decide; what was learned is registered."""
    first = await ai.train("lead-scoring", _rows(), target="won", model_id="mine", promote=True)
    for member in (tmp_path / "home" / "models" / first.bundle_digest).iterdir():
        member.write_bytes(b"damaged")
    report = await ai.train("lead-scoring", _rows(), target="won", promote=True, seed=1)
    assert (report.model_id, report.status) == ("lead-scoring-v2", "testing")
    assert any("not promoted: the files of the champion 'mine' are damaged" in warning for warning in report.warnings)


async def test_the_champion_is_the_model_that_was_trained_last(ai: AI) -> None:
    """A change of an older model's description does not make it the one to beat."""
    await ai.train("lead-scoring", _rows(), target="won", model_id="older", promote=True)
    newer = [{**row, "visits": 20 - int(str(row["visits"]))} for row in _rows()]
    await ai.train("lead-scoring", newer, target="won", model_id="newer")
    await ai.registry.update_status("newer", "active")
    await ai.registry.update("older", description="the one of last year")
    report = await ai.train("lead-scoring", newer, target="won", promote=True)
    assert report.champion["champion"] == "newer"
