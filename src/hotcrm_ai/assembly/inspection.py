"""Looks into a workspace for those who run it: database and files of models."""

from __future__ import annotations

import asyncio

from hotcrm_ai.assembly.preregistered import PACKAGED_MODELS
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.settings import Settings
from hotcrm_ai.storage import FileBundleStore, open_database, upgrade
from hotcrm_ai.storage.schema import SchemaStatus, schema_status

__all__ = ["SchemaStatus", "database_status", "upgrade_database", "verify_files"]


async def verify_files(settings: Settings, model: ModelConfig) -> None:
    """Check a local model's files against what was published; models without files have nothing to check.

    Raises:
        ArtifactIntegrity: they are missing or altered.
    """
    if model.bundle_digest is not None:
        store = FileBundleStore(settings.home / "models", read_only=(PACKAGED_MODELS,))
        await asyncio.to_thread(store.read, model.bundle_digest)


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
