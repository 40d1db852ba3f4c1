"""A prediction log in a list, which can be told to fail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from hotcrm_ai.domain.errors import HotCRMAIError, InvalidRequest, PredictionNotFound
from hotcrm_ai.domain.experiment import ArmCount
from hotcrm_ai.domain.prediction import LoggedPrediction


class FakePredictionLog:
    """A `PredictionLog` that keeps ``rows`` in order; while ``failure`` is set, ``append`` raises it.

    An outcome counts as right where it equals the prediction.
    """

    def __init__(self) -> None:
        self.rows: list[LoggedPrediction] = []
        self.failure: HotCRMAIError | None = None
        self.arms: dict[str, list[ArmCount]] = {}
        self.counted_since: list[tuple[datetime | None, bool]] = []

    async def append(self, prediction: LoggedPrediction) -> None:
        """Take one answered prediction into the log."""
        if self.failure is not None:
            raise self.failure
        self.rows.append(prediction)

    async def flush(self) -> None:
        """Return at once: every row is kept when it is appended."""

    async def get(self, prediction_id: str) -> LoggedPrediction | None:
        """Return one logged prediction."""
        return next((row for row in self.rows if row.id == prediction_id), None)

    async def record_outcome(
        self, *, prediction_id: str | None = None, object_type: str | None = None, object_id: str | None = None,
        model_id: str | None = None, actual: Any,
    ) -> int:  # fmt: skip
        """Join what really happened with the rows that fit; return how many."""
        by_object = (object_type, object_id, model_id)
        if prediction_id is None and None in by_object:
            raise InvalidRequest("An outcome needs a prediction's id, or an object's type and id and a model's id.")
        count = 0
        for place, row in enumerate(self.rows):
            asked_of_object = (row.object_type, row.object_id, row.model_id) == by_object
            if row.id == prediction_id or (prediction_id is None and asked_of_object):
                right = row.prediction_value == actual
                self.rows[place] = msgspec.structs.replace(row, actual_outcome=actual, is_correct=right)
                count += 1
        if not count:
            raise PredictionNotFound("No logged prediction fits the outcome; check the prediction's id.")
        return count

    async def count_arms(
        self, experiment_id: str, *, since: datetime | None = None, shadow: bool = False
    ) -> list[ArmCount]:
        """Return the counts that the test put into ``arms``; ``counted_since`` keeps what was asked."""
        self.counted_since.append((since, shadow))
        return self.arms.get(experiment_id, [])
