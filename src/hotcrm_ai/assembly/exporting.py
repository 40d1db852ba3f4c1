"""Takes models out of a workspace and into one: folders for other places to run them, and files for other workspaces."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from hotcrm_ai.assembly.ai import AI
from hotcrm_ai.domain.errors import ConfigError, ModelConflict, ModelNotFound
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.exporters import TARGETS, ExportedFolder, export_folder, read_bundle_file, write_bundle_file

__all__ = ["TARGETS", "ExportedFolder", "export_for", "export_to_file", "import_from_file"]


async def export_for(ai: AI, model_id: str, target: str, out: Path) -> ExportedFolder:
    """Write a folder in which a local model runs elsewhere as it is, with the same answers.

    Raises:
        ModelNotFound: there is no such model.
        ConfigError: it is not local, the target is not known or cannot express it, or the folder is in use.
        ArtifactIntegrity: its files are not what was published.
        StorageError: the disk failed.
    """
    model, digest = await _local_model(ai, model_id)
    members = await asyncio.to_thread(ai._parts.kept.bundles.read, digest)
    feature = ai.features.get(model.feature or "")
    if feature is None:
        raise ConfigError(f"Model {model_id!r} is of no AI feature that this version knows, so it cannot be exported.")
    return await asyncio.to_thread(export_folder, members, digest, feature, model_id=model.id, target=target, out=out)


async def export_to_file(ai: AI, model_id: str, out: Path) -> ModelConfig:
    """Write a local model as one file that another workspace imports; raises as ``export_for``."""
    model, digest = await _local_model(ai, model_id)
    members = await asyncio.to_thread(ai._parts.kept.bundles.read, digest)
    await asyncio.to_thread(write_bundle_file, model, members, out)
    return model


async def import_from_file(ai: AI, path: Path, *, model_id: str | None = None) -> ModelConfig:
    """Publish and register the model of a file, in status ``testing``; the file may come from anybody and is checked before use.

    Raises:
        ArtifactIntegrity: the file is no exported model, or something in it was altered.
        ModelConflict: a model of that id exists.
        StorageError: the file cannot be read, or the disk failed.
    """
    config, members = await asyncio.to_thread(read_bundle_file, path)
    config = msgspec.structs.replace(config, id=model_id or config.id)
    if await ai.registry.get_model(config.id) is not None:
        raise ModelConflict(
            f"A model called {config.id!r} exists already; give the imported one another id.", model_id=config.id
        )
    await asyncio.to_thread(ai._parts.kept.bundles.publish, members)
    return await ai.registry.register(config, if_revision=0)


async def _local_model(ai: AI, model_id: str) -> tuple[ModelConfig, str]:
    model = await ai.registry.get_model(model_id)
    if model is None:
        raise ModelNotFound(
            f"No model is called {model_id!r}; `ai.registry.list_models()` shows all.", model_id=model_id
        )
    if model.bundle_digest is None:
        raise ConfigError(
            f"Model {model_id!r} has no bundle of its own (provider {model.provider!r}, status {model.status!r}), "
            "so there is nothing to export."
        )
    return model, model.bundle_digest
