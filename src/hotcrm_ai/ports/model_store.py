"""Where the registry keeps models and their history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from hotcrm_ai.domain.model import ModelConfig, Revision

Change = Callable[[dict[str, ModelConfig]], Revision]
"""Given all present models, return the revision to append (its number is set by the store), or raise to refuse."""


class ModelStore(Protocol):
    """Immutable, numbered revisions; writers that race are serialised and none is lost."""

    async def load(self) -> tuple[int, dict[str, ModelConfig]]:
        """Return the change counter and every present model by id."""
        ...

    async def changes_since(self, counter: int) -> tuple[int, dict[str, ModelConfig | None]] | None:
        """Return the change counter and the models that changed after it was that high, as they are now (None: removed).

        Nothing where the store does not know every change since then.
        """
        ...

    async def counter(self) -> int:
        """Return the change counter alone, cheaply."""
        ...

    async def apply(self, change: Change) -> tuple[int, Revision]:
        """Run ``change`` on the present models in one serialised transaction and append what it returns; give counter and revision."""
        ...

    async def history(self, model_id: str) -> list[Revision]:
        """Return all revisions of one model, oldest first."""
        ...
