"""A package that is installed beside ours adds a provider by its entry point alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotcrm_ai import AI, ModelConfig, ProviderError, ProviderMisconfigured, Settings
from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.testing import check_provider

PLUG_IN = """
from hotcrm_ai import MLProvider, PredictionOutput, ProviderHealth


class Acme:
    def __init__(self, config):
        self.endpoint = config.endpoint

    async def validate(self):
        pass

    async def predict(self, model, input):
        if input.features["size"] < 0:
            raise ZeroDivisionError("acme cannot")
        return PredictionOutput(prediction={"probability": input.features["size"] / 100.0}, confidence=None)

    async def batch_predict(self, model, inputs):
        return [await self.predict(model, one) for one in inputs]

    async def health_check(self):
        return ProviderHealth(healthy=True, latency=0.0)

    async def aclose(self):
        pass
"""
MODEL = ModelConfig(
    id="acme-score",
    provider="acme",
    status="active",
    signature=Signature(features=(FeatureSpec(name="size", type="number", required=True),)),
)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package with two entry points, of which one leads nowhere, as pip would leave it on the path."""
    place = tmp_path / "site"
    facts = place / "acme_scores-1.0.dist-info"
    facts.mkdir(parents=True)
    (place / "acme_scores.py").write_text(PLUG_IN)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-scores\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(
        "[hotcrm_ai.providers]\nacme = acme_scores:Acme\nbroken = acme_scores:Gone\n"
    )
    monkeypatch.syspath_prepend(str(place))


@pytest.mark.usefixtures("installed")
async def test_an_installed_plug_in_answers_like_our_own_providers(tmp_path: Path) -> None:
    """It is found by name, passes the checks of every provider, and its own errors arrive as ours with their cause."""
    async with AI.open(Settings(home=tmp_path / "home")) as ai:
        assert {"acme", "broken"} <= set(ai.providers.names())
        await check_provider(ai.providers.get_provider({"provider": "acme"}), MODEL, [{"size": 0.0}, {"size": 40.0}])
        await ai.registry.register(MODEL)
        answer = await ai.predict("acme-score", {"size": 40.0})
        assert (answer.prediction, answer.confidence) == ({"probability": 0.4}, None)
        assert answer.metadata["provider"] == "acme"
        with pytest.raises(ProviderError) as caught:
            await ai.predict("acme-score", {"size": -1.0})
        assert isinstance(caught.value.__cause__, ZeroDivisionError)


@pytest.mark.usefixtures("installed")
async def test_a_plug_in_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    """What its entry point names is not there: the error says whose and what, and other providers work on."""
    async with AI.open(Settings(home=tmp_path / "home")) as ai:
        with pytest.raises(ProviderMisconfigured, match="'broken'"):
            ai.providers.get_provider({"provider": "broken"})
        assert ai.providers.get_provider({"provider": "acme"}) is not None
