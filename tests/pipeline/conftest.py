"""A prediction service over fakes: models, provider, cache, monitor, log and clock, all in the test's hands."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from hotcrm_ai.caches import MemoryCache
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.monitoring import PerformanceMonitor
from hotcrm_ai.pipeline.service import PredictionService
from hotcrm_ai.testing import FakeCatalogue, FakeClock, FakePredictionLog, FakeProvider, FakeProviders

LEAD_SIGNATURE = Signature(
    features=(
        FeatureSpec(name="company_size", type="number", minimum=1, maximum=10_000),
        FeatureSpec(name="industry", type="category", categories=("Technology", "Finance")),
        FeatureSpec(name="is_customer", type="boolean"),
    )
)


def lead_model(**changes: Any) -> ModelConfig:
    return ModelConfig(
        **{"id": "lead-scoring-v1", "status": "active", "signature": LEAD_SIGNATURE, "feature": "lead-scoring"}
        | changes
    )


class Pipeline:
    """Everything that a test of the pipeline turns and looks at."""

    def __init__(self, *models: ModelConfig, **options: Any) -> None:
        self.clock = FakeClock()
        self.models = FakeCatalogue(*(models or (lead_model(),)))
        self.provider = FakeProvider()
        self.other_provider = FakeProvider()
        self.providers = FakeProviders(local=self.provider, other=self.other_provider)
        self.cache = MemoryCache(clock=self.clock)
        self.monitor = PerformanceMonitor(clock=self.clock)
        self.log = FakePredictionLog()
        numbers = count(1)
        self.service = PredictionService(
            **{
                "models": self.models,
                "providers": self.providers,
                "cache": self.cache,
                "monitor": self.monitor,
                "log": self.log,
                "clock": self.clock,
                "new_id": lambda: f"prediction-{next(numbers)}",
                "workspace": "workspace-a",
            }
            | options
        )

    async def counts(self, model_id: str = "lead-scoring-v1") -> tuple[int, int]:
        """How many predictions succeeded and failed."""
        stats = await self.monitor.get_model_stats(model_id)
        return (0, 0) if stats is None else (stats.successful_predictions, stats.failed_predictions)


MakePipeline = Callable[..., Pipeline]


@pytest.fixture
def make_pipeline() -> MakePipeline:
    return Pipeline


@pytest.fixture
def pipeline() -> Pipeline:
    return Pipeline()


@pytest.fixture
def make_model() -> Callable[..., ModelConfig]:
    return lead_model
