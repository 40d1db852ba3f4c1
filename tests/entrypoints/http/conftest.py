"""A twin of the AI object whose answers are written out, and a client of the application around it."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from hotcrm_ai import AI, Settings
from hotcrm_ai.access import CallerRates, KeyService
from hotcrm_ai.ai_features import discover_ai_features
from hotcrm_ai.caches import MemoryRates
from hotcrm_ai.domain.alert import Incident
from hotcrm_ai.domain.drift import DriftReport
from hotcrm_ai.domain.errors import HotCRMAIError, ModelNotActive, ModelNotFound, PredictionNotFound, RecordNotFound
from hotcrm_ai.domain.experiment import ArmReport, ExperimentReport, Verdict
from hotcrm_ai.domain.explanation import (
    Comparison,
    Counterfactual,
    Explanation,
    FeatureChange,
    FeatureContribution,
    FeatureDifference,
    FeatureImportance,
)
from hotcrm_ai.domain.model import ABTest, MetricsSource, ModelConfig, ProviderConfig, Revision
from hotcrm_ai.domain.performance import CacheStats, PredictionMetric
from hotcrm_ai.domain.prediction import Context, PredictionError, PredictionRequest, PredictionResponse
from hotcrm_ai.domain.signature import FeatureSpec, Signature, check_features
from hotcrm_ai.domain.spending import Budget, ModelUsage
from hotcrm_ai.entrypoints.http import create_app
from hotcrm_ai.monitoring import PerformanceMonitor
from hotcrm_ai.storage import MemoryKeyStore, MemorySignInStore
from hotcrm_ai.testing import FakeClock

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)

SIGNATURE = Signature(
    features=(
        FeatureSpec(name="company_size", type="number", minimum=1.0, maximum=5000.0, unit="people"),
        FeatureSpec(name="industry", type="category", categories=("Technology", "Retail")),
    )
)

CHAMPION = ModelConfig(
    id="lead-scoring-v1",
    name="Lead scoring",
    status="active",
    signature=SIGNATURE,
    feature="lead-scoring",
    metrics={"auc": 81.5},
    metrics_source=MetricsSource(kind="measured", rows=500, measured_at=NOON),
    revision=1,
)
OF_OTHER_FEATURES = {
    f"{name}-twin": msgspec.structs.replace(CHAMPION, id=f"{name}-twin", feature=name)
    for name in discover_ai_features()
    if name != "lead-scoring"
}
"""Models that answer for records, and are not listed."""
ABOUT = {
    "Account": {
        "probability": 0.75,
        "risk": "high",
        "items": [{"id": "PR-1", "score": 0.4, "reason": "accounts alike have it"}],
    },
    "Email": {"sentiment": "negative", "score": 0.2},
    "RevenueSeries": {"forecast": [{"period": 1, "value": 12.0, "lower": 9.0, "upper": 15.0}], "value": 12.0},
}
"""What is answered about records of these objects."""
CHALLENGER = msgspec.structs.replace(
    CHAMPION,
    id="lead-scoring-v2",
    status="active",
    ab_test=ABTest(champion_model_id="lead-scoring-v1", traffic_percentage=20.0),
    endpoint="https://user:hunter2@models.example.com/score?key=hunter2",
    provider_config=ProviderConfig(
        provider="custom", endpoint="https://models.example.com/score", credentials={"api_key": {"env": "MODEL_KEY"}}
    ),
)
IDLE = ModelConfig(id="churn-prediction-v1", status="training")

CONTRIBUTION = FeatureContribution(feature="company_size", value=500.0, contribution=0.25, importance=25.0)
USAGE = tuple(
    ModelUsage(
        model_id="lead-scoring-v1",
        day=date(2026, 3, day),
        calls=3,
        tokens=396,
        amounts={"USD": 0.000504},
        unpriced=0,
        unsettled=1,
        set_aside_tokens=0,
        price_as_of=date(2026, 1, 1),
        daily_budget=Budget(tokens=20_000),
    )
    for day in (31, 30)
)
EXPLANATION = Explanation(
    prediction={"score": 75.0, "class": "hot", "probability": 0.75},
    confidence=75.0,
    model_id="lead-scoring-v1",
    model_version="1.0.0",
    requested_model_id="lead-scoring-v1",
    base_value=50.0,
    feature_contributions=(CONTRIBUTION,),
    top_features=(CONTRIBUTION,),
    explanation="The prediction was influenced by:",
    method="exact-shap",
    additivity_error=0.0,
)


class SteadyClock:
    """A clock that stands still."""

    def monotonic(self) -> float:
        """Always the same second."""
        return 100.0

    def now(self) -> datetime:
        """Always noon."""
        return NOON


class TwinAI:
    """Answers as the AI object does, from a few written-out models; ``asked`` keeps what reached it."""

    def __init__(self) -> None:
        self.models = {model.id: model for model in (CHAMPION, CHALLENGER, IDLE)}
        self.asked: list[PredictionRequest] = []
        self.outcomes: list[dict[str, Any]] = []
        self.failure: Exception | None = None
        self.item_failures: dict[int, HotCRMAIError] = {}
        self.is_ready = True
        self.notes: tuple[str, ...] = ()
        self._parts: Any = None
        self.leads: dict[str, dict[str, Any]] = {
            "LD-1": {"id": "LD-1", "company_size": 500},
            "LD-2": {"id": "LD-2", "company_size": None},
        }
        self.monitor = PerformanceMonitor(clock=SteadyClock())
        self.registry = self.predictions = self.explainer = self.experiments = self.cache = self.crm = self
        self.alerts = self
        self.clock = FakeClock(now=NOON)
        key_store = MemoryKeyStore()
        self.rates = CallerRates(MemoryRates(clock=FakeClock()), default=None)
        self.keys = KeyService(
            key_store, MemorySignInStore(key_store), clock=self.clock, random_bytes=secrets.token_bytes
        )
        self.features = discover_ai_features()

    def now(self) -> datetime:
        return NOON

    async def get_usage(self, model_id: str | None = None, *, days: int = 1) -> list[ModelUsage]:
        used = [usage for usage in USAGE if model_id in (None, usage.model_id)]
        return [usage for usage in used if (NOON.date() - usage.day).days < days]

    waiting_predictions = 0

    def get_provider_states(self) -> list[Any]:
        return []

    async def predict(
        self,
        model_id: str | PredictionRequest,
        features: Mapping[str, Any] | None = None,
        *,
        context: Context | None = None,
    ) -> PredictionResponse:
        request = (
            model_id
            if isinstance(model_id, PredictionRequest)
            else PredictionRequest(model_id=model_id, features=dict(features or {}), context=context)
        )
        if self.failure is not None:
            raise self.failure
        model = self._active(request.model_id)
        check_features(request.features, model_id=model.id)
        fitted = SIGNATURE.fit(request.features, model_id=model.id)
        self.asked.append(request)
        await self.monitor.record(PredictionMetric(model_id=model.id, latency=2.0, success=True, confidence=75.0))
        return PredictionResponse(
            prediction=ABOUT.get(
                request.context.object_type or "" if request.context else "",
                {"score": 75.0, "class": "hot", "probability": 0.75},
            ),
            confidence=75.0,
            model_id=model.id,
            model_version="1.0.0",
            requested_model_id=model.id,
            processing_time=1.5,
            cached=False,
            prediction_id=f"p-{len(self.asked)}",
            metadata={"provider": "local", "variant": "none", "warnings": list(fitted.warnings)},
        )

    async def batch_predict(
        self,
        model_id: str,
        features: Sequence[Mapping[str, Any]],
        *,
        contexts: Sequence[Context | None] | None = None,
        use_cache: bool = True,
        on_error: str = "raise",
        timeout: float | None = None,  # noqa: ASYNC109 - the service's name
    ) -> list[PredictionResponse | PredictionError]:
        self._active(model_id)
        results: list[PredictionResponse | PredictionError] = []
        for place, row in enumerate(features):
            try:
                if place in self.item_failures:
                    raise self.item_failures[place]
                results.append(await self.predict(model_id, row, context=contexts[place] if contexts else None))
            except HotCRMAIError as problem:
                if on_error == "raise":
                    problem.details = {**problem.details, "index": place}
                    raise
                results.append(
                    PredictionError(
                        index=place, code=problem.code, message=problem.message, details=dict(problem.details)
                    )
                )
        return results

    def _active(self, model_id: str) -> ModelConfig:
        model = self.models.get(model_id) or OF_OTHER_FEATURES.get(model_id)
        if model is None:
            raise ModelNotFound(f"No model is called {model_id!r}.", model_id=model_id)
        if model.status != "active":
            raise ModelNotActive(f"Model {model_id!r} is {model.status}.", model_id=model_id, status=model.status)
        return model

    async def get_model(self, id: str) -> ModelConfig | None:  # noqa: A002
        return self.models.get(id) or OF_OTHER_FEATURES.get(id)

    async def list_models(self, type: str | None = None, status: str | None = None) -> list[ModelConfig]:  # noqa: A002
        return [
            model for model in self.models.values() if status in (None, model.status) and type in (None, model.type)
        ]

    async def history(self, id: str) -> list[Revision]:  # noqa: A002
        model = self.models.get(id)
        if model is None:
            return []
        return [
            Revision(model_id=id, number=number, action="registered", config=model, created_at=NOON)
            for number in (1, 2, 3)
        ]

    async def explain_prediction(
        self,
        model_id: str,
        features: Mapping[str, Any],
        prediction: Any = None,
        confidence: float | None = None,
        *,
        context: Context | None = None,
    ) -> Explanation:
        self._active(model_id)
        SIGNATURE.fit(features, model_id=model_id)
        if prediction not in (None, EXPLANATION.prediction):
            return msgspec.structs.replace(EXPLANATION, warnings=("the prediction passed in is not the model's",))
        return EXPLANATION

    async def compare(self, model_id: str, features1: Mapping[str, Any], features2: Mapping[str, Any]) -> Comparison:
        self._active(model_id)
        difference = FeatureDifference(feature="company_size", value1=5.0, value2=500.0, impact_difference=0.25)
        return Comparison(
            model_id=model_id,
            model_version="1.0.0",
            requested_model_id=model_id,
            prediction1={"score": 50.0},
            prediction2={"score": 75.0},
            differences=(difference,),
            explanation="Key differences:",
            additivity_error=0.0,
            method="exact-shap",
        )

    async def counterfactual(self, model_id: str, features: Mapping[str, Any], **asked: Any) -> Counterfactual:
        return Counterfactual(
            model_id=model_id,
            model_version="1.0.0",
            requested_model_id=model_id,
            goal=asked["goal"],
            reached=True,
            prediction={"score": 50.0},
            new_prediction={"score": 75.0},
            changes=(FeatureChange(feature="company_size", before=500.0, after=900.0),),
            tried=17,
            explanation="The smallest change that reaches hot:",
        )

    async def drift(self, model_id: str, *, window: float) -> DriftReport:
        return DriftReport(
            model_id=model_id,
            model_version="1.0.0",
            status="not_enough_predictions",
            reason="Not enough predictions: 3 in the window, at least 50 are needed.",
            since=NOON,
            samples=3,
            features=(),
            prediction=None,
            skipped={},
        )

    async def global_importance(self, model_id: str) -> list[FeatureImportance]:
        return [FeatureImportance(feature="company_size", importance=12.5)]

    async def record_outcome(self, prediction_id: str | None = None, actual: Any = None, **which: Any) -> int:
        if prediction_id == "unknown":
            raise PredictionNotFound(f"No prediction is called {prediction_id!r}.")
        self.outcomes.append({"prediction_id": prediction_id, "actual": actual, **which})
        return 1

    async def clear_cache(self, model_id: str | None = None) -> int:
        return 3 if model_id is None else 1

    async def get_stats(self) -> CacheStats:
        return CacheStats(size=3, hits=10, misses=4)

    async def incidents(self, **_: Any) -> list[Incident]:
        return [Incident(id="i1", rule="model_degraded", subject=CHAMPION.id, reason="slow", opened_at=NOON)]

    async def list(self) -> list[ExperimentReport]:
        return [await self.report("lead-scoring-v2")]

    async def report(self, id: str) -> ExperimentReport:  # noqa: A002
        if id != "lead-scoring-v2":
            raise ModelNotFound(f"No experiment is called {id!r}.", model_id=id)
        arm = ArmReport(
            variant="challenger",
            model_id=id,
            model_version="1.0.0",
            predictions=20,
            subjects=18,
            average_confidence=70.0,
            outcomes=0,
            accuracy=None,
        )
        return ExperimentReport(
            id=id,
            challenger_model_id=id,
            champion_model_id="lead-scoring-v1",
            enabled=True,
            mode="split",
            traffic_percentage=20.0,
            arms=(arm,),
            mismatch_p_value=0.4,
            mismatch=False,
            verdict=Verdict(
                kind="challenger_better",
                difference=8.0,
                low=2.0,
                high=14.0,
                outcomes_needed=None,
                explanation="The challenger is right more often than the champion.",
            ),
            since=NOON,
        )

    async def register(self, config: Mapping[str, Any], **_: Any) -> ModelConfig:
        return self._keep(msgspec.convert({**config}, ModelConfig))

    async def update(self, id: str, *given: Any, **changes: Any) -> ModelConfig:  # noqa: A002
        if given:  # the CRM's method of that name
            self.leads[given[0]].update(given[1])
            return CHAMPION
        fields = {name: value for name, value in changes.items() if name not in ("note", "if_revision")}
        return self._keep(msgspec.structs.replace(self.models[id], **fields))

    async def champion(self, feature: str) -> str:
        return f"{feature}-v1"

    async def promote(self, id: str, **_: Any) -> ModelConfig:  # noqa: A002
        return self._keep(msgspec.structs.replace(self.models[id], status="active"))

    async def roll_back(self, id: str, **_: Any) -> ModelConfig:  # noqa: A002
        return self._keep(self.models[id])

    async def unregister(self, id: str, **_: Any) -> None:  # noqa: A002
        del self.models[id]

    def _keep(self, model: ModelConfig) -> ModelConfig:
        self.models[model.id] = msgspec.structs.replace(model, revision=model.revision + 1)
        return self.models[model.id]

    async def get(self, object_type: str, id: str) -> dict[str, Any]:  # noqa: A002
        if id not in self.leads:
            raise RecordNotFound(f"The CRM has no {object_type} {id!r}.")
        return self.leads[id]

    async def find(
        self,
        object_type: str,
        filters: Sequence[Any] = (),
        fields: Sequence[str] | None = None,
        page: int | None = None,
    ) -> list[dict[str, Any]]:
        if object_type in ("MonthlyRevenue", "Purchase"):
            return []
        wanted = next((value for field, operator, value in filters if (field, operator) == ("id", "in")), None)
        return [lead for lead in self.leads.values() if wanted is None or lead["id"] in wanted]

    async def update_many(
        self, object_type: str, changes: Mapping[str, Mapping[str, Any]], *, latest_by: str | None = None
    ) -> int:
        for lead_id, values in changes.items():
            self.leads[lead_id].update(values)
        return len(changes)

    async def ready(self) -> bool:
        if self.failure is not None:
            raise self.failure
        return self.is_ready


@pytest.fixture
def ai() -> TwinAI:
    """A twin with two active models and an idle one."""
    return TwinAI()


@pytest.fixture
async def client(ai: TwinAI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application around the twin."""
    app: Any = create_app(ai, body_seconds=0.05, new_request_id=lambda: "made-here")  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as opened:
        yield opened


@pytest.fixture
async def workspace(tmp_path: Path) -> AsyncIterator[AI]:
    """A workspace with the packaged models, of nothing but files."""
    async with AI.open(Settings(home=tmp_path, provider_hosts=("models.example.com",))) as opened:
        yield opened


@pytest.fixture
async def api(workspace: AI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application around the workspace."""
    transport = httpx.ASGITransport(app=create_app(workspace))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as opened:
        yield opened
