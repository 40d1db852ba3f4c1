"""What the files of a model say of it: how it was trained, and what it was measured at."""

from __future__ import annotations

import asyncio

from hotcrm_ai.assembly.ai import AI
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.local_models.loader import LocalModelLoader
from hotcrm_ai.local_models.manifest import Manifest


async def manifest_of(ai: AI, model: ModelConfig) -> Manifest | None:
    """Return the manifest of a model's bundle; None where the model has none, because it runs elsewhere.

    Raises:
        ArtifactIntegrity: its files are missing or altered.
    """
    if model.bundle_digest is None:
        return None
    loader = LocalModelLoader(ai._parts.kept.bundles)
    return (await asyncio.to_thread(loader.load, model.bundle_digest, model_id=model.id)).manifest
