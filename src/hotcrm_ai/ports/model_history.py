"""Where the revision of a model is found that gave an earlier answer."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from hotcrm_ai.domain.model import Revision


@runtime_checkable
class ModelHistory(Protocol):
    """The part of a registry that never forgets."""

    async def history(self, id: str) -> list[Revision]:  # noqa: A002 - the contract's name
        """Return all revisions of one model, oldest first; nothing where there never was one."""
        ...
