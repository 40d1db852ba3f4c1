"""Outcomes are joined in bulk, and judged predictions are read back with what happened."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hotcrm_ai.domain.errors import InvalidOutcome, InvalidRequest
from hotcrm_ai.domain.outcome import KnownOutcome, OwnLabels
from hotcrm_ai.domain.signature import Signature
from hotcrm_ai.local_models.manifest import Manifest, pack_bundle
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.storage import BundleLabels, Database, FileBundleStore, Journal, SQLPredictionLog

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


async def test_what_cannot_be_an_outcome_leaves_what_was_known(log: SQLPredictionLog, logged: Logged) -> None:
    """A refused outcome changes nothing, nor do those that were told with it; the place of it in the group is named."""
    await log.append(logged("p1"))
    await log.append(logged("p2"))
    await log.record_outcome(prediction_id="p1", actual="yes")
    both = [KnownOutcome(actual="no", prediction_id="p2"), KnownOutcome(actual="purple", prediction_id="p1")]
    with pytest.raises(InvalidOutcome, match="'purple' is no outcome of model 'lead-scoring-v1'") as caught:
        await log.record_outcomes(both)
    assert caught.value.details["index"] == 1
    kept = [await log.get("p1"), await log.get("p2")]
    assert [(one.actual_outcome, one.is_correct) for one in kept if one] == [("yes", True), (None, None)]
    await log.record_outcome(prediction_id="p1", actual="no")
    await log.record_outcome(prediction_id="p1", actual=None)
    taken_back = await log.get("p1")
    assert taken_back is not None
    assert (taken_back.actual_outcome, taken_back.is_correct) == (None, None)


async def test_a_bundle_tells_the_labels_of_its_model(tmp_path: Path) -> None:
    """The labels are those that training found, read once; a bundle without them, or none at all, has usual words only."""
    bundles = FileBundleStore(tmp_path)
    named, plain = (
        bundles.publish(
            pack_bundle(
                Manifest(
                    feature="lead-scoring",
                    model_type="classification",
                    signature=Signature(features=()),
                    bands={},
                    metrics={},
                    origin=origin,
                ),
                {"model.json": b"{}"},
            )
        )
        for origin in ({"positive": "Signed", "negative": "Walked away"}, {})
    )
    labels = BundleLabels(bundles)
    assert labels.of(named) == OwnLabels("Signed", "Walked away")
    shutil.rmtree(tmp_path / named)
    assert labels.of(named) == OwnLabels("Signed", "Walked away")
    assert (labels.of(plain), labels.of("f" * 64), labels.of(None)) == (None, None, None)


async def test_judged_predictions_tell_what_happened(log: SQLPredictionLog, logged: Logged, clock: Any) -> None:
    """Judged are predictions of a chance with a decided outcome, by the model that answered, since a moment, oldest first."""
    for number, probability in enumerate((0.92, 0.5, 0.07)):
        clock.seconds = 60.0 * number
        await log.append(logged(f"p{number}", prediction_value={"probability": probability}, created_date=clock.now()))
    await log.append(logged("text", prediction_value={"sentiment": "positive", "score": 0.9}))
    await log.append(logged("other", model_id="churn-v1"))
    for prediction_id, actual in (("p0", True), ("p1", False), ("p2", True), ("text", "positive"), ("other", True)):
        await log.record_outcome(prediction_id=prediction_id, actual=actual)
    found = await log.judged("lead-scoring-v1")
    assert [(one.probability, one.happened) for one in found] == [(0.92, True), (0.5, False), (0.07, True)]
    since = logged("p").created_date - timedelta(seconds=30)
    assert [one.probability for one in await log.judged("lead-scoring-v1", since=since)] == [0.07]
