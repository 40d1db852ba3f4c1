"""Outcomes are joined in bulk, and judged predictions are read back with what happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from hotcrm_ai.domain.errors import InvalidRequest
from hotcrm_ai.domain.outcome import KnownOutcome
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.storage import Database, Journal, SQLPredictionLog

Logged = Callable[..., Any]


@pytest.fixture
async def log(database: Database, clock: Clock, journal: Journal) -> Any:
    """A prediction log on each kind of database."""
    opened = SQLPredictionLog(database, "ours", clock, journal=journal)
    yield opened
    await opened.aclose()


async def test_many_outcomes_are_joined_at_once(log: SQLPredictionLog, logged: Logged) -> None:
    """Each outcome says how many predictions it was joined with; one that fits none is 0, and does not stop the others."""
    for number in range(3):
        await log.append(logged(f"p{number}", object_id=str(number % 2)))
    assert await log.record_outcomes(
        [
            KnownOutcome(actual="won", object_type="Lead", object_id="0", model_id="lead-scoring-v1"),
            KnownOutcome(actual=True, prediction_id="nowhere"),
            KnownOutcome(actual="lost", prediction_id="p1"),
        ]
    ) == [2, 0, 1]
    assert [(await log.get(f"p{number}")).is_correct for number in range(3)] == [True, False, True]  # type: ignore[union-attr]


async def test_an_outcome_of_nothing_joins_none(log: SQLPredictionLog, logged: Logged) -> None:
    """One outcome that says not what it is of refuses all of the group."""
    await log.append(logged("p1"))
    with pytest.raises(InvalidRequest, match="An outcome needs a prediction's id"):
        await log.record_outcomes([KnownOutcome(actual=True, prediction_id="p1"), KnownOutcome(actual=True)])
    kept = await log.get("p1")
    assert kept is not None
    assert kept.actual_outcome is None


async def test_judged_predictions_tell_what_happened(log: SQLPredictionLog, logged: Logged, clock: Any) -> None:
    """Judged are predictions of a chance with a decided outcome, by the model that answered, since a moment, oldest first."""
    for number, probability in enumerate((0.92, 0.5, 0.07, 0.07)):
        clock.seconds = 60.0 * number
        await log.append(logged(f"p{number}", prediction_value={"probability": probability}, created_date=clock.now()))
    await log.append(logged("text", prediction_value={"text": "a"}))
    await log.append(logged("other", model_id="churn-v1"))
    for prediction_id, actual in (("p0", True), ("p1", False), ("p2", True), ("text", True), ("other", True)):
        await log.record_outcome(prediction_id=prediction_id, actual=actual)
    await log.record_outcome(prediction_id="p3", actual="perhaps")
    found = await log.judged("lead-scoring-v1")
    assert [(one.probability, one.happened) for one in found] == [(0.92, True), (0.5, False), (0.07, True)]
    since = logged("p").created_date - timedelta(seconds=90)
    assert [one.probability for one in await log.judged("lead-scoring-v1", since=since)] == [0.07]
