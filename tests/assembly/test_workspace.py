"""A workspace from its first start: what is in it, what it answers, and what it keeps."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from hotcrm_ai import AI, ArtifactIntegrity, ConfigError, Settings, StorageError
from hotcrm_ai.testing import FakeProvider


async def test_a_fresh_workspace_has_the_five_models_and_all_of_them_answer(ai: AI) -> None:
    """Each answers in its own shape from the first start, and says that a sample trained it."""
    asked = {
        "lead-scoring-v1": ({"engagement_score": 85}, {"score", "class", "probability"}),
        "churn-prediction-v1": ({"nps_score": 2}, {"risk", "probability"}),
        "sentiment-analysis-v1": ({"text": "Thank you, this works wonderfully."}, {"sentiment", "score"}),
        "revenue-forecast-v1": ({"historical_revenue": [100, 110, 120, 130]}, {"forecast"}),
        "product-recommendation-v1": ({"current_products": ["PR-001"]}, {"items"}),
    }
    models = {model.id: model for model in await ai.registry.list_models()}
    assert set(models) == set(asked)
    for model_id, (features, keys) in asked.items():
        source = models[model_id].metrics_source
        assert source is not None
        assert (models[model_id].status, source.kind, source.trained_on) == ("active", "measured", "sample")
        response = await ai.predict(model_id, features)
        assert keys <= set(response.prediction)
        assert response.model_id == model_id


async def test_the_packaged_model_says_that_a_sample_trained_it_and_what_was_measured(ai: AI) -> None:
    """Nobody should take it for a model of their own records."""
    model = await ai.registry.get_model("lead-scoring-v1")
    assert model is not None
    assert model.metrics_source is not None
    assert (model.metrics_source.kind, model.metrics_source.trained_on) == ("measured", "sample")
    assert 50 < model.metrics["auc"] < 100
    assert model.signature is not None
    assert {spec.name for spec in model.signature.features} == {
        "company_size",
        "industry",
        "engagement_score",
        "job_title",
        "budget",
    }


async def test_prediction_and_explanation_are_about_the_same_number(ai: AI, lead: dict[str, object]) -> None:
    """Base value and contributions give the score that the user sees."""
    response = await ai.predict("lead-scoring-v1", lead)
    explanation = await ai.explain("lead-scoring-v1", lead)
    total = explanation.base_value + 100 * sum(part.contribution for part in explanation.feature_contributions)
    assert total == pytest.approx(response.prediction["score"], abs=1e-4)
    assert explanation.prediction == response.prediction
    assert response.prediction["score"] == 100 * response.prediction["probability"]


async def test_any_subset_of_the_features_is_answered_and_the_missing_ones_are_named(ai: AI) -> None:
    """A missing feature is no zero."""
    response = await ai.predict("lead-scoring-v1", {"engagement_score": 0})
    nothing = await ai.predict("lead-scoring-v1", {})
    assert response.prediction["probability"] != nothing.prediction["probability"]
    missing = [warning for warning in nothing.metadata["warnings"] if "is missing" in warning]
    assert len(missing) == 5


async def test_better_leads_score_higher(ai: AI, lead: dict[str, object]) -> None:
    """The model learned what the sample's truth says: engagement and seniority matter."""
    high = await ai.predict("lead-scoring-v1", lead)
    low = await ai.predict("lead-scoring-v1", {**lead, "engagement_score": 5, "job_title": "Intern"})
    assert high.prediction["score"] > low.prediction["score"] + 30
    assert high.prediction["class"] == "hot"
    assert low.prediction["class"] == "cold"


async def test_a_second_start_keeps_models_and_log(tmp_path: Path, lead: dict[str, object]) -> None:
    """The registry is not filled again, and a logged prediction is still there."""
    settings = Settings(home=tmp_path / "home")
    async with AI.open(settings) as ai:
        first = await ai.predict("lead-scoring-v1", lead, context={"object_type": "Lead", "objectId": "L1"})
        await ai.registry.update_status("lead-scoring-v1", "deprecated")
        workspace = ai.workspace
    async with AI.open(settings) as ai:
        assert ai.workspace == workspace
        model = await ai.registry.get_model("lead-scoring-v1")
        assert model is not None
        assert model.status == "deprecated"
        await ai.predictions.record_outcome(first.prediction_id, actual=True)


async def test_two_workspaces_live_side_by_side(tmp_path: Path, lead: dict[str, object]) -> None:
    """What one does, the other does not see."""
    async with AI.open(Settings(home=tmp_path / "a")) as one, AI.open(Settings(home=tmp_path / "b")) as two:
        await one.predict("lead-scoring-v1", lead)
        assert (await two.predict("lead-scoring-v1", lead)).cached is False
        await one.registry.unregister("sentiment-analysis-v1")
        assert await two.registry.get_model("sentiment-analysis-v1") is not None
        assert one.workspace != two.workspace


async def test_two_workspaces_in_one_database_never_meet(tmp_path: Path, postgres_url: str) -> None:
    """Rows carry the workspace's name."""
    async with (
        AI.open(Settings(home=tmp_path / "a", database_url=postgres_url)) as one,  # type: ignore[arg-type]
        AI.open(Settings(home=tmp_path / "b", database_url=postgres_url)) as two,  # type: ignore[arg-type]
    ):
        await one.registry.unregister("sentiment-analysis-v1")
        assert await one.registry.get_model("sentiment-analysis-v1") is None
        assert await two.registry.get_model("sentiment-analysis-v1") is not None


async def test_several_first_starts_at_once_register_each_model_once(tmp_path: Path) -> None:
    """Two workers that open the same new workspace do not double its history."""
    settings = Settings(home=tmp_path / "home")

    async def open_once() -> str:
        async with AI.open(settings) as ai:
            assert await ai.registry.get_model("lead-scoring-v1") is not None
            return ai.workspace

    names = await asyncio.gather(*(open_once() for _ in range(4)))
    async with AI.open(settings) as ai:
        assert len(await ai.registry.history("lead-scoring-v1")) == 1
        assert set(names) == {ai.workspace}


async def test_a_workspace_without_its_name_is_not_opened_as_another_one(tmp_path: Path) -> None:
    """An empty name, such as a start that was killed could leave, would hide everything that was kept under the real one."""
    settings = Settings(home=tmp_path / "home")
    async with AI.open(settings) as ai:
        name = ai.workspace
    (tmp_path / "home" / "workspace.name").write_text("")
    with pytest.raises(StorageError, match=r"workspace.name' is empty, so nobody can tell which workspace this is"):
        await AI.open(settings)
    (tmp_path / "home" / "workspace.name").write_text(name)
    async with AI.open(settings) as ai:
        assert ai.workspace == name


async def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """A file where the folder should be is a clear error."""
    (tmp_path / "home").write_text("not a folder")
    with pytest.raises(StorageError, match="HOTCRM_AI_HOME"):
        await AI.open(Settings(home=tmp_path / "home"))


async def test_training_an_unknown_feature_names_the_known_ones(ai: AI) -> None:
    """The message says what could be trained."""
    with pytest.raises(ConfigError, match=r"'mind-reading' to train; known are .*lead-scoring"):
        await ai.train("mind-reading", [{"a": 1}], target="a")
    with pytest.raises(
        ConfigError, match=r"Say which column holds the outcome that 'lead-scoring' learns: give target"
    ):
        await ai.train("lead-scoring", [{"a": 1}])


def test_the_blocking_door_gives_the_same_numbers_without_await(tmp_path: Path, lead: dict[str, object]) -> None:
    """Scripts and notebooks get every part, too."""
    settings = Settings(home=tmp_path / "home")
    with AI.open_sync(settings) as ai:
        response = ai.predict("lead-scoring-v1", lead)
        models = ai.registry.list_models(status="active")
        stats = ai.predictions.get_performance_stats("lead-scoring-v1")

    async def asked() -> float:
        async with AI.open(settings) as other:
            return float((await other.predict("lead-scoring-v1", lead)).prediction["score"])

    assert response.prediction["score"] == asyncio.run(asked())
    assert "lead-scoring-v1" in [model.id for model in models]
    assert stats.total_predictions == 1
    with pytest.raises(RuntimeError, match="closed"):
        ai.predict("lead-scoring-v1", lead)


def test_the_blocking_door_takes_what_the_other_one_takes(tmp_path: Path, lead: dict[str, object]) -> None:
    """Whatever the awaited object has is there, and a comparison goes by the record's arm of an A/B test."""
    with AI.open_sync(Settings(home=tmp_path / "home")) as ai:
        has = {*dir(AI), *vars(ai.run(itself))} - {"open", "open_sync", "aclose"}
        assert sorted(name for name in has if not name.startswith("_") and not hasattr(ai, name)) == []
        compared = ai.compare("lead-scoring-v1", lead, {**lead, "budget": 1}, context={"object_id": "L1"})
        assert compared.variant == "none"
        assert ai.ready() is True
        assert (ai.waiting_predictions, ai.workspace[:3]) == (0, "ws-")


def test_the_blocking_door_ends_its_thread_also_where_closing_fails(tmp_path: Path) -> None:
    """What could not be closed is raised, and no loop goes on behind it."""
    ai = AI.open_sync(Settings(home=tmp_path / "home"))
    ai.providers.register("stubborn", lambda _: Stubborn())
    ai.providers.get_provider({"provider": "stubborn"})
    with pytest.raises(StorageError, match="it does not close"):
        ai.close()
    assert [thread for thread in threading.enumerate() if thread.name == "hotcrm-ai"] == []
    ai.close()


class Stubborn(FakeProvider):
    """Cannot be closed."""

    async def aclose(self) -> None:
        """Fail."""
        raise StorageError("it does not close")


async def itself(ai: AI) -> AI:
    """Return the awaited object behind the blocking one."""
    return ai


async def test_a_model_of_an_earlier_package_is_renewed_with_what_people_have_set(tmp_path: Path) -> None:
    """Its files came with that package alone, so the model answers as its next version, and another start changes nothing."""
    settings = Settings(home=tmp_path)
    async with AI.open(settings) as ai:
        await ai.registry.update("lead-scoring-v1", bundle_digest="0" * 64, cache_ttl=7, tags=("ours",))
        with pytest.raises(ArtifactIntegrity, match="There is no bundle"):
            await ai.predict("lead-scoring-v1", {"engagement_score": 85})
    for _ in range(2):
        async with AI.open(settings) as ai:
            model = await ai.registry.get_model("lead-scoring-v1")
            assert model is not None
            assert (model.version, model.cache_ttl, model.tags, model.status) == ("1.1.0", 7, ("ours",), "active")
            assert (await ai.predict("lead-scoring-v1", {"engagement_score": 85})).prediction["score"] > 0
            history = await ai.registry.history("lead-scoring-v1")
    assert [revision.action for revision in history] == ["registered", "updated", "registered"]
    assert history[-1].note is not None
    assert "earlier package" in history[-1].note


async def test_a_model_that_was_trained_here_is_never_replaced_by_a_packaged_one(tmp_path: Path) -> None:
    """Where its files are lost it says so; the sample's model would answer in its place without anybody's knowledge."""
    settings = Settings(home=tmp_path)
    async with AI.open(settings) as ai:
        await ai.registry.update("lead-scoring-v1", bundle_digest="0" * 64, metrics={"auc": 81.0})
    async with AI.open(settings) as ai:
        with pytest.raises(ArtifactIntegrity, match="There is no bundle"):
            await ai.predict("lead-scoring-v1", {"engagement_score": 85})
        assert len(await ai.registry.history("lead-scoring-v1")) == 2


async def test_only_what_a_forecast_learned_from_can_be_missing(ai: AI) -> None:
    """How far and in which season to look are options, and the packaged model learned nothing from pipeline and growth."""
    answer = await ai.predict("revenue-forecast-v1", {"historical_revenue": [100, 110, 120, 130]})
    assert [words for words in answer.metadata["warnings"] if "missing" in words] == []
