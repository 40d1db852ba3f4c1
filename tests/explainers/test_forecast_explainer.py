"""Explanations of forecasts: the total is the level held, plus trend, season and pipeline, in the unit of the series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from hotcrm_ai.domain.errors import NotExplainable
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.signature import Signature
from hotcrm_ai.explainers import ForecastExplainer
from hotcrm_ai.local_models.forecast_model import Driver, ForecastModel
from hotcrm_ai.local_models.loader import LocalModelLoader
from hotcrm_ai.local_models.manifest import MODEL_NAME, Manifest, bundle_digest, pack_bundle

HISTORY = [1000.0 + 10.0 * month + 100.0 * (month % 12 == 11) + 5.0 * (month * 7 % 5) for month in range(48)]


class Bundles:
    """A ``BundleStore`` in memory."""

    def __init__(self) -> None:
        self._held: dict[str, dict[str, bytes]] = {}

    def publish(self, members: Mapping[str, bytes]) -> str:
        """Keep a bundle and return its digest."""
        digest = bundle_digest(members)
        self._held[digest] = dict(members)
        return digest

    def read(self, digest: str) -> dict[str, bytes]:
        """Return a bundle's members."""
        return self._held[digest]

    def has(self, digest: str) -> bool:
        """True where a bundle is held."""
        return digest in self._held


def _published(model: ForecastModel) -> tuple[ForecastExplainer, ModelConfig]:
    manifest = Manifest(
        feature="revenue-forecast",
        model_type="forecasting",
        kind="forecast",
        signature=Signature(features=()),
        bands={},
        metrics={},
        origin={},
    )
    bundles = Bundles()
    digest = bundles.publish(pack_bundle(manifest, {MODEL_NAME: model.to_json()}))
    config = ModelConfig(id="f-v1", type="forecasting", feature="revenue-forecast", bundle_digest=digest)
    return ForecastExplainer(LocalModelLoader(bundles)), config


@pytest.mark.parametrize("horizon", [1.0, 12.0, 60.0])
async def test_the_parts_add_up_to_the_total_that_the_model_answers(horizon: float) -> None:
    """Base and contributions give the sum of all periods; the residual is that of rounding."""
    model = ForecastModel(period=12)
    explainer, config = _published(model)
    features: dict[str, Any] = {"historical_revenue": HISTORY, "horizon": horizon}
    found = await explainer.attribute(config, features)
    total = float(model.answer(features).value.sum())
    assert explainer.supports(config)
    assert found.in_unit
    assert set(found.contributions) == {"trend", "season", "pipeline"}
    assert found.base + sum(found.contributions.values()) == pytest.approx(total, rel=1e-9)
    assert found.additivity_error < 1e-9 * total


async def test_importance_comes_from_the_series_that_the_model_keeps() -> None:
    """Shares of what moves the forecasts add up to 100; a model without series says that it has none to look at."""
    explainer, config = _published(ForecastModel(period=12, histories={"north": HISTORY}))
    shares = await explainer.importance(config)
    assert sum(share.importance for share in shares) == pytest.approx(100.0)
    bare, other = _published(ForecastModel(period=12))
    with pytest.raises(NotExplainable, match="keeps no series"):
        await bare.importance(other)


async def test_models_of_other_kinds_are_left_to_others() -> None:
    """Only forecasting models with a bundle are supported."""
    explainer, config = _published(ForecastModel(period=12))
    assert not explainer.supports(ModelConfig(id="x", type="classification", bundle_digest=config.bundle_digest))
    assert not explainer.supports(ModelConfig(id="x", type="forecasting"))


async def test_trend_season_and_pipeline_are_said_from_the_forecast_itself() -> None:
    """No part is unknown: a rising history has a trend with its level, a flat one says that there is none, drivers what they changed."""
    driver = Driver(feature="pipeline_value", usual=0.0, weight=0.1, fading=0.5)
    explainer, config = _published(ForecastModel(period=12, drivers=[driver]))
    rising = await explainer.attribute(
        config, {"historical_revenue": HISTORY, "horizon": 12.0, "pipeline_value": 3000.0}
    )
    flat = await explainer.attribute(config, {"historical_revenue": [100.0] * 24, "horizon": 3.0})
    assert rising.values is not None
    assert rising.values["trend"].startswith("+")
    assert "by period 12, from a level of 1,5" in rising.values["trend"]
    assert rising.values["season"].startswith("from -")
    assert rising.values["pipeline"].startswith("3,000 given, +")
    assert flat.values == {
        "trend": "none, a level of 100 is held",
        "season": "none found",
        "pipeline": "none given",
    }
