"""Registers the models that every workspace has from its first start, once, in one go."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

import hotcrm_ai
from hotcrm_ai.domain.model import MetricsSource, ModelConfig, ModelType
from hotcrm_ai.domain.training import registry_metrics
from hotcrm_ai.local_models.manifest import read_manifest
from hotcrm_ai.ports.bundle_store import BundleStore
from hotcrm_ai.ports.model_store import ModelStore
from hotcrm_ai.registry import ModelRegistry

PACKAGED_MODELS: Final = Path(hotcrm_ai.__file__).parent / "packaged_models"
INDEX_NAME: Final = "index.json"


class PackagedModel(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One model that comes with the package, as its index lists it."""

    id: str
    name: str
    description: str
    digest: str
    measured_at: datetime


def packaged_models() -> list[PackagedModel]:
    """Return the models whose bundles come with the package."""
    return msgspec.json.decode((PACKAGED_MODELS / INDEX_NAME).read_bytes(), type=list[PackagedModel])


async def preregister(registry: ModelRegistry, store: ModelStore, bundles: BundleStore) -> None:
    """Register the packaged models as active, in a workspace that has no history yet."""
    if await store.counter() > 0:
        return
    await registry.register_first([_packaged_config(model, bundles) for model in packaged_models()])


def _packaged_config(packaged: PackagedModel, bundles: BundleStore) -> ModelConfig:
    manifest = read_manifest(bundles.read(packaged.digest), packaged.digest)
    return ModelConfig(
        id=packaged.id,
        name=packaged.name,
        description=packaged.description,
        type=msgspec.convert(manifest.model_type, type=ModelType),
        feature=manifest.feature,
        status="active",
        signature=manifest.signature,
        metrics=registry_metrics(manifest.metrics),
        metrics_source=MetricsSource(
            kind="measured",
            data_fingerprint=manifest.origin["dataFingerprint"],
            rows=manifest.origin["heldOutRows"],
            measured_at=packaged.measured_at,
            trained_on="sample",
        ),
        bundle_digest=packaged.digest,
    )
