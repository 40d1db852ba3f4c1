"""Registers the models that every workspace has from its first start, and renews them where a later package brings others."""

from __future__ import annotations

import contextlib
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

import hotcrm_ai
from hotcrm_ai.assembly.placing import as_operated, next_version
from hotcrm_ai.domain.errors import ArtifactIntegrity, StaleRevision
from hotcrm_ai.domain.model import MetricsSource, ModelConfig, ModelType
from hotcrm_ai.domain.training import registry_metrics
from hotcrm_ai.local_models.manifest import read_manifest
from hotcrm_ai.ports.bundle_store import BundleStore
from hotcrm_ai.ports.model_store import ModelStore
from hotcrm_ai.registry import ModelRegistry

PACKAGED_MODELS: Final = Path(hotcrm_ai.__file__).parent / "packaged_models"
INDEX_NAME: Final = "index.json"
_RENEWED: Final = (
    "this version of the package brings another model; the files of the one before came with an earlier package"
)


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
    """Register the packaged models as active, in a workspace that has no history yet; else renew those whose files are gone."""
    if await store.counter() > 0:
        await _renew(registry, store, bundles)
        return
    await registry.register_first([_packaged_config(model, bundles) for model in packaged_models()])


async def _renew(registry: ModelRegistry, store: ModelStore, bundles: BundleStore) -> None:
    """Give pre-registered models the files of this package where theirs came with an earlier one, which only that package had.

    Each is the next version of its model, with the status and all that people have set. A model that was trained here is never touched.
    Where another process was faster, nothing is left to do. The registry itself is not asked, so that it reads its models when somebody
    asks for one and not before.
    """
    _, models = await store.load()
    for packaged in packaged_models():
        present = models.get(packaged.id)
        if present is None or not _came_with_an_earlier_package(present, packaged, bundles):
            continue
        renewed = msgspec.structs.replace(
            _packaged_config(packaged, bundles),
            status=present.status,
            version=await next_version(registry, packaged.id),
        )
        with contextlib.suppress(StaleRevision):
            await registry.register(as_operated(renewed, present), note=_RENEWED, if_revision=present.revision)


def _came_with_an_earlier_package(present: ModelConfig, packaged: PackagedModel, bundles: BundleStore) -> bool:
    source = present.metrics_source
    if source is None or source.trained_on != "sample" or present.bundle_digest in (None, packaged.digest):
        return False
    try:
        bundles.read(str(present.bundle_digest))
    except ArtifactIntegrity:
        return True
    return False


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
