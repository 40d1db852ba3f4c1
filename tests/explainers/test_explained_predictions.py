"""Predictions and explanations of real local models side by side: the same model, the same number, for any record."""

from __future__ import annotations

from itertools import count

import msgspec
import pytest

from hotcrm_ai.ai_features import discover_ai_features
from hotcrm_ai.domain.errors import ModelNotActive
from hotcrm_ai.domain.model import ABTest, ModelConfig
from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.explainers import LocalExplainer
from hotcrm_ai.local_models.encoding import CategoryEncoding, TextEncoding
from hotcrm_ai.local_models.loader import LocalModelLoader
from hotcrm_ai.local_models.manifest import MODEL_NAME, Manifest, bundle_digest, pack_bundle
from hotcrm_ai.local_models.tabular import TabularModel
from hotcrm_ai.monitoring import PerformanceMonitor
from hotcrm_ai.pipeline import ExplainabilityService, PredictionService
from hotcrm_ai.providers import ProviderFactory, ProviderKit
from hotcrm_ai.testing import FakeCatalogue, FakeClock, FakePredictionLog


class Bundles:
    """A ``BundleStore`` in memory."""

    def __init__(self) -> None:
        self.published: dict[str, dict[str, bytes]] = {}

    def publish(self, members):
        """Keep the members under their digest."""
        digest = bundle_digest(members)
        self.published[digest] = dict(members)
        return digest

    def read(self, digest):
        """Return the members."""
        return self.published[digest]


def signature_of(model: TabularModel) -> Signature:
    """The signature that fits a model's encodings."""
    kinds = {CategoryEncoding: "category", TextEncoding: "text"}
    return Signature(
        features=tuple(
            FeatureSpec(name=name, type=kinds.get(type(encoding), "number"))
            for name, encoding in zip(model.features, model.encodings, strict=True)
        )
    )


class House:
    """The two services over published models, with nothing between them but the pipeline."""

    def __init__(self, **models: TabularModel) -> None:
        self.bundles, self.clock, self.catalogue = Bundles(), FakeClock(), FakeCatalogue()
        for model_id, model in models.items():
            self.publish(model_id, model)
        loader, features, numbers = LocalModelLoader(self.bundles), discover_ai_features(), count()
        self.log = FakePredictionLog()
        self.predictions = PredictionService(
            models=self.catalogue,
            providers=ProviderFactory(ProviderKit(models=loader, features=features, clock=self.clock)),
            cache=None,
            monitor=PerformanceMonitor(clock=self.clock),
            log=self.log,
            clock=self.clock,
            new_id=lambda: f"prediction-{next(numbers)}",
            workspace="w",
            default_timeout_seconds=60.0,
        )
        self.explainer = ExplainabilityService(
            predictions=self.predictions, explainers=(LocalExplainer(loader),), features=features
        )

    def publish(self, model_id: str, model: TabularModel) -> None:
        """Publish a model's bundle and register it as active."""
        signature = signature_of(model)
        manifest = Manifest(
            feature="lead-scoring",
            model_type="classification",
            signature=signature,
            bands={"hot": 0.6, "warm": 0.3, "cold": 0.0},
            metrics={},
            origin={},
        )
        digest = self.bundles.publish(pack_bundle(manifest, {MODEL_NAME: model.to_json()}))
        self.catalogue.put(
            ModelConfig(
                id=model_id,
                feature="lead-scoring",
                status="active",
                signature=signature,
                bundle_digest=digest,
                version=digest[:8],
            )
        )


@pytest.mark.parametrize("features", [5, 14])
async def test_the_explained_number_is_the_predicted_one(maker, features):
    """For 60 random records, missing and unseen values among them, base + 100 times the contributions is the predicted score."""
    make = maker(features)
    model = make.model(features=features, trees=30, background=25)
    house = House(lead=model)
    for _ in range(60):
        record = make.record(model)
        predicted = await house.predictions.predict("lead", record)
        explained = await house.explainer.explain_prediction("lead", record, predicted.prediction, predicted.confidence)
        assert explained.prediction == predicted.prediction
        assert explained.confidence == predicted.confidence
        assert explained.model_version == predicted.model_version
        assert list(explained.warnings) == predicted.metadata["warnings"]
        total = explained.base_value + 100 * sum(part.contribution for part in explained.feature_contributions)
        assert total == pytest.approx(predicted.prediction["score"], abs=1e-9)
        assert explained.additivity_error <= 1e-9
        assert {part.feature for part in explained.feature_contributions} == set(model.features)


async def test_both_arms_of_a_test_are_explained_by_their_own_model(maker):
    """Over many subjects of an A/B test, prediction and explanation always come from the same arm, and both arms occur."""
    make = maker(21)
    champion, challenger = make.model(features=5), make.model(features=5)
    house = House(champion=champion, challenger=challenger)
    house.catalogue.change("challenger", ab_test=ABTest(champion_model_id="champion", traffic_percentage=50.0))
    record, arms = make.record(champion), set()
    for number in range(40):
        context = {"object_type": "Lead", "object_id": f"lead-{number}"}
        predicted = await house.predictions.predict("challenger", record, context=context)
        explained = await house.explainer.explain_prediction("challenger", record, context=context)
        assert (explained.model_id, explained.prediction) == (predicted.model_id, predicted.prediction)
        arms.add(explained.model_id)
    assert arms == {"champion", "challenger"}


async def test_a_comparison_adds_up_to_the_difference_of_two_predictions(maker):
    """100 times the impact differences is the one score minus the other."""
    make = maker(22)
    model = make.model(features=12, trees=30, background=25)
    house = House(lead=model)
    for _ in range(20):
        one, other = make.record(model), make.record(model)
        found = await house.explainer.compare_predictions("lead", one, other)
        scores = [(await house.predictions.predict("lead", record)).prediction["score"] for record in (one, other)]
        assert 100 * sum(part.impact_difference for part in found.differences) == pytest.approx(
            scores[1] - scores[0], abs=1e-9
        )
        assert found.additivity_error <= 1e-9


async def test_explaining_leaves_no_trace_and_answers_only_what_a_prediction_would(maker):
    """An explanation is no prediction: nothing is logged; a model that may not answer is not explained either."""
    make = maker(23)
    model = make.model(features=3)
    house = House(lead=model)
    await house.explainer.explain_prediction("lead", make.record(model))
    assert house.log.rows == []
    house.catalogue.change("lead", status="deprecated")
    with pytest.raises(ModelNotActive):
        await house.explainer.explain_prediction("lead", make.record(model))
    assert len(await house.explainer.global_importance("lead")) == 3


async def test_the_version_that_answers_is_the_one_explained(maker):
    """After the next version is published, its numbers and its name are given, not those kept from the one before."""
    make = maker(24)
    first, second = make.model(features=4), make.model(features=4)
    house = House(lead=first)
    record = make.record(first)
    before = await house.explainer.explain_prediction("lead", record)
    house.publish("lead", second)
    after = await house.explainer.explain_prediction("lead", record)
    assert before.prediction["probability"] == first.predict_one(record)
    assert after.prediction["probability"] == second.predict_one(record)
    assert before.model_version != after.model_version
    assert msgspec.json.decode(msgspec.json.encode(after))["additivityError"] <= 1e-9
