"""Uses the public names as callers do; read by the type checker only, never run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any, assert_type

from hotcrm_ai import (
    AI,
    CacheStats,
    Comparison,
    Explanation,
    FeatureContribution,
    FeatureImportance,
    Health,
    HotCRMAIError,
    InvalidFeatures,
    MLProvider,
    ModelConfig,
    ModelPerformanceStats,
    PredictionError,
    PredictionInput,
    PredictionOutput,
    PredictionRequest,
    PredictionResponse,
    ProviderConfig,
    ProviderHealth,
    Settings,
    TrainingReport,
)
from hotcrm_ai.actions import batch_score_leads, score_lead
from hotcrm_ai.client import AsyncClient, Client


async def predictions(ai: AI) -> None:
    """One record, many records, and what becomes of them."""
    response = await ai.predict("lead-scoring-v1", {"company_size": 500}, context={"object_id": "L1"})
    assert_type(response, PredictionResponse)
    assert_type(response.confidence, float | None)
    assert_type(response.prediction_id, str)
    request = PredictionRequest(model_id="lead-scoring-v1", features={"company_size": 500})
    assert_type(await ai.predict(request), PredictionResponse)
    results = await ai.batch_predict("lead-scoring-v1", [{"company_size": 500}], on_error="collect")
    assert_type(results, list[PredictionResponse | PredictionError])
    assert_type(await ai.predictions.get_model_health("lead-scoring-v1"), Health)
    assert_type(await ai.predictions.get_cache_stats(), CacheStats)


async def explanations(ai: AI) -> None:
    """Reasons, differences and importance."""
    explanation = await ai.explain("lead-scoring-v1", {"company_size": 500})
    assert_type(explanation, Explanation)
    assert_type(explanation.top_features, tuple[FeatureContribution, ...])
    assert_type(await ai.compare("lead-scoring-v1", {}, {"budget": 1}), Comparison)
    assert_type(await ai.explainer.global_importance("lead-scoring-v1"), list[FeatureImportance])


async def registry(ai: AI) -> None:
    """Models come in both spellings and go out as records."""
    assert_type(await ai.registry.register({"id": "m", "provider": "custom"}), ModelConfig)
    assert_type(await ai.registry.register(ModelConfig(id="m")), ModelConfig)
    assert_type(await ai.registry.get_model("m"), ModelConfig | None)
    assert_type(await ai.registry.list_models(status="active"), list[ModelConfig])


async def monitoring(ai: AI) -> None:
    """Stats of one model and of all."""
    assert_type(await ai.monitor.get_model_stats("m"), ModelPerformanceStats | None)
    assert_type(await ai.monitor.get_all_stats(), dict[str, ModelPerformanceStats])


async def actions_and_records(ai: AI) -> None:
    """The CRM and what is written back to it."""
    assert_type(await ai.crm.get("Lead", "L1"), dict[str, Any])
    assert_type(await score_lead(ai, "L1"), dict[str, Any])
    assert_type(await batch_score_leads(ai, ["L1", "L2"]), list[dict[str, Any]])


async def training(ai: AI) -> None:
    """A table becomes a model and a report."""
    report = await ai.train("lead-scoring", Path("leads.csv"), target="converted", seed=7)
    assert_type(report, TrainingReport)
    assert_type(report.metrics, dict[str, float])


async def opening() -> None:
    """A workspace is a context manager, with and without ``await``."""
    async with AI.open(Settings(home=Path("here"))) as ai:
        assert_type(ai, AI)
    with AI.open_sync() as blocking:
        assert_type(blocking.predict("lead-scoring-v1", {}), PredictionResponse)
        assert_type(blocking.explain("lead-scoring-v1", {}), Explanation)


class Oracle:
    """A provider of one's own: the five methods are enough, no base class is needed."""

    async def validate(self) -> None:
        """Nothing is missing."""

    async def predict(self, model: ModelConfig, input: PredictionInput) -> PredictionOutput:  # noqa: A002 - the port's name
        """Answer one request."""
        return PredictionOutput(prediction={"answer": input.features.get("question")})

    async def batch_predict(self, model: ModelConfig, inputs: Sequence[PredictionInput]) -> list[PredictionOutput]:
        """Answer several requests."""
        return [await self.predict(model, one) for one in inputs]

    async def health_check(self) -> ProviderHealth:
        """Say how the endpoint does."""
        return ProviderHealth(healthy=True, latency=0.0)

    async def aclose(self) -> None:
        """Nothing is held open."""


def plug_in(ai: AI) -> MLProvider:
    """A provider registers itself under a name."""
    ai.providers.register("oracle", lambda config: Oracle())
    return ai.providers.get_provider(ProviderConfig(provider="oracle"))


def errors(problem: HotCRMAIError) -> str:
    """Errors carry a code, and those of features the reasons."""
    if isinstance(problem, InvalidFeatures):
        assert_type(problem.problems, dict[str, str])
    return problem.code


def blocking_client() -> None:
    """The client that blocks gives the records of the AI object."""
    with Client("http://127.0.0.1:8000", key="hk") as client:
        assert_type(client.predict("m", {}), PredictionResponse)
        assert_type(client.batch_predict("m", [{}], on_error="collect"), list[PredictionResponse | PredictionError])
        assert_type(client.models.list(status="active"), Iterator[ModelConfig])
        assert_type(client.models.get("m"), ModelConfig)
        assert_type(client.cache.stats(), CacheStats)


async def awaited_client() -> None:
    """The same calls are awaited in the other one."""
    async with AsyncClient() as client:
        assert_type(await client.predict("m", {}), PredictionResponse)
        assert_type(await client.explain("m", {}), Explanation)
        assert_type(client.models.list(), AsyncIterator[ModelConfig])
        assert_type(await client.record_outcome("p", True), int)
