"""Looks after what a workspace keeps: backs it up, and deletes what is old or about somebody who is to be forgotten."""

from __future__ import annotations

from pathlib import Path

import msgspec

from hotcrm_ai.assembly.ai import AI
from hotcrm_ai.storage import back_up as copy_database


class ErasedObject(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What was erased of an object: its logged predictions, and the cached answers of the models that gave them."""

    predictions: int
    cached_answers: int
    models: tuple[str, ...]


async def back_up(ai: AI, target: Path) -> int:
    """Write the workspace database into a new SQLite file, with everything answered so far; return how many rows it holds.

    Raises:
        StorageError: the target exists or cannot be written, or the database failed.
    """
    kept = ai._parts.kept
    await kept.log.flush()
    return await copy_database(kept.database, kept.workspace, target)


async def prune(ai: AI) -> int:
    """Delete the predictions that are older than the setting ``log_keep_days``; return how many.

    Raises:
        StorageError: the database failed.
    """
    return await ai._parts.kept.log.prune()


async def erase(ai: AI, object_type: str, object_id: str) -> ErasedObject:
    """Delete every trace of a CRM object: from the log with its free pages, the journals, and the cache.

    A cached answer does not say whom it is about, so all of the models concerned are forgotten: here and on Redis at once, in the memory
    of other processes within ten seconds.

    Raises:
        StorageError: the database failed, or another process still holds predictions about the object.
    """
    erased = await ai._parts.kept.log.erase(object_type, object_id)
    cached = [await ai.predictions.clear_cache(model_id) for model_id in erased.model_ids]
    return ErasedObject(predictions=erased.predictions, cached_answers=sum(cached), models=erased.model_ids)
