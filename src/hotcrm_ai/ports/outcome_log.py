"""Where predictions are found whose outcome is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from hotcrm_ai.domain.live_quality import JudgedPrediction


@runtime_checkable
class OutcomeLog(Protocol):
    """The part of a prediction log that tells how predictions turned out."""

    async def judged(self, model_id: str, *, since: datetime | None = None) -> Sequence[JudgedPrediction]:
        """Return a model's predictions of a chance (made since then) whose outcome is known, oldest first."""
        ...
