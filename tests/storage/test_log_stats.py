"""What the prediction log tells of each model is exact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from hotcrm_ai.domain.prediction import LoggedPrediction
from hotcrm_ai.ports.clock import SystemClock
from hotcrm_ai.storage import Journal, SQLPredictionLog, open_database, upgrade
from hotcrm_ai.storage.log_stats import logged_stats

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


def answered(number: int, **changes: object) -> LoggedPrediction:
    """Return a fresh answer of model m that took ``number`` milliseconds."""
    plain = LoggedPrediction(
        id=f"p{number}",
        requested_model_id="m",
        model_id="m",
        model_version="1.0.0",
        model_revision=1,
        bundle_digest=None,
        variant="none",
        experiment_id=None,
        subject_kind=None,
        prediction_type="classification",
        input_features={},
        prediction_value={"probability": 0.9},
        confidence_score=90.0,
        processing_time_ms=float(number),
        was_cached=False,
        provider="local",
        fallback_for=None,
        object_type=None,
        object_id=None,
        created_by=None,
        created_date=NOON,
    )
    return msgspec.structs.replace(plain, **changes)


@pytest.fixture
async def stats(tmp_path):
    """Logs predictions, and returns what the log tells of them."""
    database = open_database(f"sqlite:///{tmp_path / 'workspace.db'}")
    await upgrade(database)
    logs = []

    async def told(*predictions, workspace="w", outcomes=(), **options):
        log = SQLPredictionLog(database, workspace, SystemClock(), journal=Journal(tmp_path / "journal", workspace))
        logs.append(log)
        for prediction in predictions:
            await log.append(prediction)
        await log.flush()
        for prediction_id, actual in outcomes:
            await log.record_outcome(prediction_id=prediction_id, actual=actual)
        return await logged_stats(database, "w", **options)

    yield told
    for log in logs:
        await log.aclose()
    await database.aclose()


async def test_percentiles_are_nearest_rank(stats):
    """Of 1 to 100 ms the median is 50, the 95th percentile 95, the 99th 99; the mean is 50.5."""
    (found,) = await stats(*(answered(number) for number in range(1, 101)))
    assert (found.total_predictions, found.fresh_predictions) == (100, 100)
    assert (found.median_latency, found.p95_latency, found.p99_latency) == (50.0, 95.0, 99.0)
    assert found.average_latency == 50.5
    assert found.average_confidence == 90.0


async def test_one_answer_is_every_percentile(stats):
    """A single answer of 7 ms."""
    (found,) = await stats(answered(7))
    assert (found.median_latency, found.p95_latency, found.p99_latency, found.fresh_p99_latency) == (7.0, 7.0, 7.0, 7.0)


async def test_answers_from_the_cache_are_kept_apart(stats):
    """Three of four from the cache: hit rate 75 %, and the fresh latency is that of the fourth alone."""
    hits = [answered(number, was_cached=True, processing_time_ms=0.1) for number in (1, 2, 3)]
    (found,) = await stats(*hits, answered(400))
    assert found.cache_hit_rate == 75.0
    assert (found.median_latency, found.fresh_median_latency, found.fresh_p95_latency) == (0.1, 400.0, 400.0)


async def test_only_cached_answers_leave_fresh_latency_unknown(stats):
    """What nobody measured is None and not 0."""
    (found,) = await stats(answered(1, was_cached=True))
    assert found.fresh_predictions == 0
    assert found.fresh_median_latency is None
    assert found.fresh_average_latency is None


async def test_accuracy_counts_known_outcomes_only(stats):
    """Two right and one wrong of four answers: two thirds."""
    (found,) = await stats(*map(answered, (1, 2, 3, 4)), outcomes=[("p1", True), ("p2", True), ("p3", False)])
    assert found.outcomes == 3
    assert found.live_accuracy == pytest.approx(200 / 3)


async def test_unknown_accuracy_and_confidence_are_none(stats):
    """No outcome and no confidence is nothing known."""
    (found,) = await stats(answered(1, confidence_score=None))
    assert found.live_accuracy is None
    assert found.average_confidence is None


async def test_models_workspaces_windows_and_shadows_are_told_apart(stats):
    """Only answers of this workspace, in the window, returned to somebody, under the model that gave them."""
    await stats(answered(900), workspace="other")
    rows = (
        answered(1),
        answered(2, model_id="n"),
        answered(3, shadow=True),
        answered(4, created_date=NOON - timedelta(hours=1)),
    )
    assert [(found.model_id, found.total_predictions) for found in await stats(*rows)] == [("m", 2), ("n", 1)]
    assert [(found.model_id, found.total_predictions) for found in await stats(since=NOON)] == [("m", 1), ("n", 1)]
    assert [found.model_id for found in await stats(model_id="n")] == ["n"]
    assert await stats(model_id="no-such-model") == []
