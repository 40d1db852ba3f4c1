"""Looks into a workspace for those who run it: database, files of models, and providers."""

from __future__ import annotations

import asyncio
from typing import Final

from hotcrm_ai.assembly.ai import AI
from hotcrm_ai.assembly.preregistered import PACKAGED_MODELS
from hotcrm_ai.domain.errors import HotCRMAIError
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.pipeline.ask_provider import call_provider
from hotcrm_ai.settings import Settings
from hotcrm_ai.storage import FileBundleStore, open_database, upgrade
from hotcrm_ai.storage.schema import SchemaStatus, schema_status

__all__ = ["SchemaStatus", "database_status", "provider_problem", "upgrade_database", "verify_files"]

_LOOK_SECONDS: Final = 10.0
"""How long one look at a provider may take, whoever wrote it."""


async def verify_files(settings: Settings, model: ModelConfig) -> None:
    """Check a local model's files against what was published; models without files have nothing to check.

    Raises:
        ArtifactIntegrity: they are missing or altered.
    """
    if model.bundle_digest is not None:
        store = FileBundleStore(settings.home / "models", read_only=(PACKAGED_MODELS,))
        await asyncio.to_thread(store.read, model.bundle_digest)


async def provider_problem(ai: AI, model: ModelConfig, *, ask: bool) -> str | None:
    """Say what keeps the provider of a model from answering, or nothing; only with ``ask`` is the provider itself asked.

    A plug-in that raises what it likes, or never comes back, is a problem like others.
    """
    try:
        provider = ai.providers.for_model(model)
        await call_provider(provider.validate, model, _LOOK_SECONDS)
        if not ask:
            return None
        found = await call_provider(provider.health_check, model, _LOOK_SECONDS)
    except HotCRMAIError as problem:
        return problem.message
    return None if found.healthy else found.error or "The provider's own health check failed"


async def database_status(settings: Settings) -> tuple[SchemaStatus, tuple[str, ...]]:
    """Return the version of the workspace database's tables, and what an operator should know; nothing is created.

    Raises:
        ConfigError: the URL is wrong.
        StorageError: there is no such database, or it cannot be reached.
    """
    database = open_database(settings.database, create=False)
    try:
        return await schema_status(database), database.notes
    finally:
        await database.aclose()


async def upgrade_database(settings: Settings) -> tuple[SchemaStatus, SchemaStatus]:
    """Bring the workspace database to the present version; return its version before and after.

    Raises:
        ConfigError: the URL is wrong.
        StorageError: the database cannot be reached, or was made by a newer version of this package.
    """
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = open_database(settings.database)
    try:
        return await schema_status(database), await upgrade(database)
    finally:
        await database.aclose()
