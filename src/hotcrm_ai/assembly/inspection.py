"""Looks into a workspace for those who run it: database, files of models, CRM, and what the prediction log tells."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from hotcrm_ai.assembly.ai import AI
from hotcrm_ai.assembly.preregistered import PACKAGED_MODELS
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.settings import Settings
from hotcrm_ai.storage import FileBundleStore, open_database, upgrade
from hotcrm_ai.storage.log_stats import LoggedStats
from hotcrm_ai.storage.log_stats import logged_stats as read_stats
from hotcrm_ai.storage.schema import SchemaStatus, schema_status

__all__ = ["LoggedStats", "SchemaStatus", "database_status", "logged_stats", "upgrade_database", "verify_files"]


async def logged_stats(
    ai: AI, *, model_id: str | None = None, window_seconds: float | None = None
) -> list[LoggedStats]:
    """Return what the prediction log tells of every model, or of one: of the last so many seconds, or of all time.

    Raises:
        StorageError: the database failed.
    """
    parts = ai._parts
    await parts.kept.log.flush()
    since = None if window_seconds is None else ai.now() - timedelta(seconds=window_seconds)
    return await read_stats(parts.kept.database, parts.kept.workspace, model_id=model_id, since=since)


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
