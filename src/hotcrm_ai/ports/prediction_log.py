"""Where answered predictions and their outcomes are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from hotcrm_ai.domain.experiment import ArmCount
from hotcrm_ai.domain.prediction import LoggedPrediction


class PredictionLog(Protocol):
    """The record of what was answered, joined with what really happened."""

    async def append(self, prediction: LoggedPrediction) -> None:
        """Take one answered prediction into the log."""
        ...

    async def flush(self) -> None:
        """Return once everything taken so far is in the database."""
        ...

    async def get(self, prediction_id: str) -> LoggedPrediction | None:
        """Return one logged prediction."""
        ...

    async def record_outcome(
        self, *, prediction_id: str | None = None, object_type: str | None = None, object_id: str | None = None,
        model_id: str | None = None, actual: Any,
    ) -> int:  # fmt: skip
        """Join what really happened with one prediction, or with all of an object by a model; return how many rows.

        Raises:
            InvalidOutcome: ``actual`` cannot be the outcome of such a prediction.
        """
        ...

    async def count_arms(
        self, experiment_id: str, *, since: datetime | None = None, shadow: bool = False
    ) -> list[ArmCount]:
        """Count predictions, subjects and outcomes per arm of an experiment, of the challenger only answers in shadow or none of them."""
        ...
