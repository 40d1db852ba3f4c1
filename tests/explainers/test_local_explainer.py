"""Explaining published models: which method, what is kept between calls, and how much each feature matters over all."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest

from hotcrm_ai.domain.errors import NotExplainable
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.signature import Signature
from hotcrm_ai.explainers import LocalExplainer
from hotcrm_ai.explainers.local import choose_splitter, spread_rows
from hotcrm_ai.local_models.loader import LocalModelLoader
from hotcrm_ai.local_models.manifest import MODEL_NAME, Manifest, bundle_digest, pack_bundle
from hotcrm_ai.local_models.tabular import TabularModel


class BundlesInMemory:
    """A ``BundleStore`` that keeps members in a dictionary and counts reads."""

    def __init__(self) -> None:
        self.published: dict[str, dict[str, bytes]] = {}
        self.reads = 0

    def publish(self, members):
        """Keep the members under their digest."""
        digest = bundle_digest(members)
        self.published[digest] = dict(members)
        return digest

    def read(self, digest):
        """Return the members."""
        self.reads += 1
        return self.published[digest]


def publish(bundles: BundlesInMemory, model: TabularModel) -> ModelConfig:
    """Publish a model and return a configuration that names its bundle."""
    manifest = Manifest(
        feature="lead-scoring",
        model_type="classification",
        signature=Signature(features=()),
        bands={},
        metrics={},
        origin={},
    )
    digest = bundles.publish(pack_bundle(manifest, {MODEL_NAME: model.to_json()}))
    return ModelConfig(id=f"model-{digest[:8]}", bundle_digest=digest, status="active")


@pytest.mark.parametrize(("features", "method"), [(5, "exact-shap"), (8, "exact-shap"), (9, "tree-shap")])
async def test_few_features_exactly_many_by_trees(maker, features, method):
    """Up to eight features all coalitions are valued; wider models get tree SHAP; both add up and name all features."""
    make, bundles = maker(1), BundlesInMemory()
    model = make.model(features=features)
    record = make.record(model)
    found = await LocalExplainer(LocalModelLoader(bundles)).attribute(publish(bundles, model), record)
    assert found.method == method
    assert tuple(found.contributions) == model.features
    assert found.output == model.predict_one(record)
    assert found.base + sum(found.contributions.values()) == pytest.approx(found.output, abs=1e-12)
    assert found.additivity_error <= 1e-12


async def test_models_are_told_apart_by_their_bundle(maker):
    """Two models, one of them the next version of the other, are explained by their own parameters, also when asked at once."""
    make, bundles = maker(2), BundlesInMemory()
    one, other = make.model(features=5), make.model(features=5)
    record = make.record(one)
    explainer = LocalExplainer(LocalModelLoader(bundles), capacity=1)
    configs = [publish(bundles, one), publish(bundles, other)]
    found = await asyncio.gather(*(explainer.attribute(configs[number % 2], record) for number in range(8)))
    assert [part.output for part in found] == [model.predict_one(record) for model in (one, other)] * 4
    assert found[0].contributions == found[2].contributions != found[1].contributions == found[3].contributions


def test_only_published_local_models_are_supported(maker):
    """A remote model, and a local one without bundle, are left to other explainers."""
    bundles = BundlesInMemory()
    explainer = LocalExplainer(LocalModelLoader(bundles))
    config = publish(bundles, maker(3).model(features=2))
    assert explainer.supports(config)
    assert not explainer.supports(msgspec.structs.replace(config, provider="aws-sagemaker"))
    assert not explainer.supports(msgspec.structs.replace(config, bundle_digest=None))


def test_a_model_without_background_says_so(maker):
    """Without background records there is nothing to compare with, and no number is made up."""
    with pytest.raises(NotExplainable, match="'lonely' has no background records"):
        choose_splitter(maker(4).model(features=3, background=0), model_id="lonely")


async def test_models_of_other_kinds_say_so():
    """A local model that is none for tables is refused by name of its kind, without numbers."""

    class OtherKind:
        """A loader of something else."""

        def load(self, digest, *, model_id):
            """Load it."""
            return SimpleNamespace(model=object())

    explainer = LocalExplainer(OtherKind())
    config = ModelConfig(id="sentiment", bundle_digest="d", status="active")
    for asked in (explainer.attribute(config, {}), explainer.importance(config)):
        with pytest.raises(NotExplainable, match="'sentiment' is of the kind 'object'"):
            await asked


async def test_importance_is_the_mean_size_of_contributions(maker):
    """Importance is 100 times the mean size of a feature's contribution over the background, largest first; unused features last."""
    make, bundles = maker(5), BundlesInMemory()
    model = make.model(features=4, unused=(3,), background=12)
    found = await LocalExplainer(LocalModelLoader(bundles)).importance(publish(bundles, model))
    splitter = choose_splitter(model, model_id="m")
    sizes = np.abs([splitter.split(row)[1] for row in model.background]).mean(axis=0) * 100
    assert {part.feature: part.importance for part in found} == pytest.approx(
        dict(zip(model.features, sizes, strict=True))
    )
    assert [part.importance for part in found] == sorted(sizes.tolist(), reverse=True)
    assert found[-1].feature == "feature_3"
    assert found[-1].importance == 0.0


def test_rows_are_taken_evenly():
    """Of a larger background every so-manieth row counts, the first and the last among them."""
    rows = np.arange(1000.0)[:, None]
    spread = spread_rows(rows, 100)
    assert len(spread) == 100
    assert spread[0] == 0
    assert spread[-1] == 999
    assert len(np.unique(spread)) == 100
    assert len(spread_rows(rows[:30], 100)) == 30


@pytest.mark.parametrize("features", [4, 9])
def test_a_hundred_background_rows_are_enough(maker, features):
    """A larger background is thinned out, and the base is that of the rows that are left."""
    model = maker(6).model(features=features, background=250)
    base, _ = choose_splitter(model, model_id="m").split(model.background[0])
    assert base == pytest.approx(model.probabilities(spread_rows(model.background, 100)).mean(), abs=1e-12)
