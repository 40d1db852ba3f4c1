"""The monitor counts what happened, per model, in windows of the monotonic clock, and judges health by fresh calls."""

from __future__ import annotations

import math

import pytest

from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.domain.performance import Health, HealthThresholds, PredictionMetric
from hotcrm_ai.monitoring.performance_monitor import PerformanceMonitor
from hotcrm_ai.testing.clock import FakeClock

MODEL = "lead-scoring-v1"


class Recorder:
    """Feeds one model's calls to a monitor."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.monitor = PerformanceMonitor(clock=self.clock)

    async def answered(self, times: int, *, latency: float = 10.0, cached: bool = False) -> None:
        for _ in range(times):
            await self.monitor.record(
                PredictionMetric(model_id=MODEL, latency=latency, success=True, cached=cached, confidence=80.0)
            )

    async def failed(self, times: int, *, latency: float = 1.0) -> None:
        for number in range(times):
            await self.monitor.record(
                PredictionMetric(
                    model_id=MODEL,
                    latency=latency,
                    success=False,
                    error=f"failure {number}",
                    error_code="provider_error",
                )
            )

    async def health(self) -> Health:
        return await self.monitor.get_health_status(MODEL)


@pytest.fixture
def calls() -> Recorder:
    return Recorder()


async def test_no_traffic_says_so_with_zero_samples(calls: Recorder) -> None:
    """A model without recent predictions is unknown, never healthy, and says so with its sample count."""
    assert await calls.health() == Health(status="unknown", reason="No recent predictions", samples=0)
    assert await calls.monitor.get_model_stats(MODEL) is None


async def test_stats_tell_counts_rates_and_percentiles(calls: Recorder) -> None:
    """Stats hold the hand-counted numbers: 100 answers of 1 to 100 ms, 100 cache hits of 1 ms, 50 failures."""
    for latency in range(1, 101):
        await calls.answered(1, latency=float(latency))
    await calls.answered(100, latency=1.0, cached=True)
    await calls.failed(50)
    stats = await calls.monitor.get_model_stats(MODEL)
    assert stats is not None
    assert (stats.total_predictions, stats.successful_predictions, stats.failed_predictions) == (250, 200, 50)
    assert stats.cache_hit_rate == 40.0
    assert stats.error_rate == 20.0
    assert stats.average_confidence == 80.0
    assert stats.average_latency == pytest.approx((5050 + 100) / 200)
    assert stats.fresh_predictions == 150
    assert stats.fresh_average_latency == pytest.approx(50.5)
    assert stats.fresh_median_latency == pytest.approx(50.5, rel=0.01)
    assert stats.fresh_p95_latency == pytest.approx(95.05, rel=0.01)
    assert stats.fresh_p99_latency == pytest.approx(99.01, rel=0.01)
    assert stats.fresh_error_rate == pytest.approx(100 / 3)
    assert stats.last_updated == calls.clock.now()


async def test_cache_hits_cannot_hide_an_outage(calls: Recorder) -> None:
    """With 95 % cache hits and a dead provider the model is unhealthy within a minute."""
    for _second in range(60):
        await calls.answered(19, cached=True)
        await calls.failed(1)
        calls.clock.advance(1)
    health = await calls.health()
    assert health == Health(status="unhealthy", reason="High error rate: 100.0% (60 of 60)", samples=60)


async def test_the_error_rate_thresholds_are_those_of_the_contract(calls: Recorder) -> None:
    """5 % of failures is healthy, above it degraded; 10 % is degraded, above it unhealthy."""
    await calls.answered(95)
    await calls.failed(5)
    assert (await calls.health()).status == "healthy"
    await calls.failed(1)
    assert (await calls.health()).status == "degraded"
    await calls.answered(0)
    await calls.failed(4)
    assert (await calls.health()).status == "degraded"
    await calls.failed(5)
    health = await calls.health()
    assert health == Health(status="unhealthy", reason="High error rate: 13.6% (15 of 110)", samples=110)


async def test_one_failure_of_one_call_is_at_worst_degraded(calls: Recorder) -> None:
    """Below twenty samples no share of failures makes a model unhealthy."""
    await calls.failed(1)
    assert (await calls.health()).status == "degraded"
    await calls.failed(18)
    assert (await calls.health()) == Health(status="degraded", reason="High error rate: 100.0% (19 of 19)", samples=19)
    await calls.failed(1)
    assert (await calls.health()).status == "unhealthy"


async def test_slow_fresh_answers_are_degraded_in_the_words_of_the_contract(calls: Recorder) -> None:
    """A fresh P95 above 500 ms is degraded and named in milliseconds, however many cache hits are fast."""
    await calls.answered(40, latency=550.0)
    await calls.answered(10_000, latency=0.01, cached=True)
    assert await calls.health() == Health(status="degraded", reason="High latency: P95 = 550ms", samples=40)


async def test_fast_failures_do_not_make_a_model_look_fast(calls: Recorder) -> None:
    """Latencies are of answers only."""
    await calls.answered(2, latency=400.0)
    await calls.failed(98, latency=0.01)
    stats = await calls.monitor.get_model_stats(MODEL)
    assert stats is not None
    assert stats.median_latency == 400.0


async def test_a_window_forgets_and_the_life_does_not(calls: Recorder) -> None:
    """Calls leave the health window after five minutes; the totals since start keep them."""
    await calls.failed(30)
    calls.clock.advance(299)
    assert (await calls.health()).samples == 30
    calls.clock.advance(2)
    assert await calls.health() == Health(status="unknown", reason="No recent predictions", samples=0)
    stats = await calls.monitor.get_model_stats(MODEL)
    assert stats is not None
    assert stats.failed_predictions == 30
    assert await calls.monitor.get_model_stats(MODEL, window=300) is None


async def test_a_busy_window_does_not_shrink(calls: Recorder) -> None:
    """Fifty thousand calls in the window are all counted; no buffer of N entries cuts it short."""
    for _step in range(50):
        await calls.answered(1000)
        calls.clock.advance(5)
    stats = await calls.monitor.get_model_stats(MODEL, window=300)
    assert stats is not None
    assert stats.total_predictions == 50_000


@pytest.mark.parametrize("step", [3600.0, -3600.0])
async def test_a_step_of_the_wall_clock_changes_no_window(calls: Recorder, step: float) -> None:
    """The wall clock jumping an hour either way neither drops nor revives calls."""
    await calls.answered(25)
    calls.clock.step_wall_clock(step)
    await calls.answered(25)
    assert (await calls.health()) == Health(status="healthy", samples=50)


async def test_recent_errors_come_newest_first_and_bounded(calls: Recorder) -> None:
    """The latest failures are listed first, at most as many as asked, at most a hundred in all."""
    await calls.failed(150)
    latest = await calls.monitor.get_recent_errors(MODEL, limit=2)
    assert [(error.code, error.message) for error in latest] == [
        ("provider_error", "failure 149"),
        ("provider_error", "failure 148"),
    ]
    assert len(await calls.monitor.get_recent_errors(MODEL, limit=1000)) == 100
    assert await calls.monitor.get_recent_errors("another-model") == []


async def test_clearing_one_model_leaves_the_others(calls: Recorder) -> None:
    """`clear` forgets the model it names, and all of them without a name."""
    await calls.answered(1)
    await calls.monitor.record(PredictionMetric(model_id="churn-prediction-v1", latency=1.0, success=True))
    await calls.monitor.clear(MODEL)
    assert list(await calls.monitor.get_all_stats()) == ["churn-prediction-v1"]
    await calls.monitor.clear()
    assert await calls.monitor.get_all_stats() == {}


@pytest.mark.parametrize("window", [0, -1, math.nan, math.inf, 3601])
async def test_a_window_that_cannot_be_told_is_refused(calls: Recorder, window: float) -> None:
    """A window outside of 0 to an hour is an error where only this process is told, not a silently shorter one."""
    await calls.answered(1)
    with pytest.raises(ConfigError, match="window"):
        await calls.monitor.get_model_stats(MODEL, window=window)


@pytest.mark.parametrize("latency", [math.nan, math.inf, -1.0])
async def test_a_latency_that_is_none_is_refused(calls: Recorder, latency: float) -> None:
    """A latency that is negative or not finite never enters a sketch."""
    with pytest.raises(ConfigError, match="latency"):
        await calls.answered(1, latency=latency)


async def test_thresholds_are_settings() -> None:
    """Other thresholds judge the same calls otherwise."""
    clock = FakeClock()
    monitor = PerformanceMonitor(
        clock=clock, thresholds=HealthThresholds(degraded_p95_latency=5.0, window_seconds=60.0)
    )
    await monitor.record(PredictionMetric(model_id=MODEL, latency=10.0, success=True))
    assert (await monitor.get_health_status(MODEL)).reason == "High latency: P95 = 10ms"
    clock.advance(61)
    assert (await monitor.get_health_status(MODEL)).status == "unknown"


async def test_live_accuracy_counts_known_outcomes(calls: Recorder) -> None:
    """Live accuracy is the share of known outcomes that were right, and None while none is known."""
    await calls.answered(4)
    assert (await calls.monitor.get_all_stats())[MODEL].live_accuracy is None
    for is_correct in (True, True, True, False):
        calls.monitor.book_outcome(MODEL, before=None, after=is_correct)
    assert (await calls.monitor.get_all_stats())[MODEL].live_accuracy == 75.0
    calls.monitor.book_outcome(MODEL, before=False, after=True)
    assert (await calls.monitor.get_all_stats())[MODEL].live_accuracy == 100.0


async def test_the_health_of_all_models_is_told_at_once(calls: Recorder) -> None:
    """Every model that was asked in the window has its health; those that were not asked are left out."""
    await calls.answered(20)
    await calls.monitor.record(PredictionMetric(model_id="another", latency=1.0, success=False, error="down"))
    found = await calls.monitor.get_all_health()
    assert {id_: health.status for id_, health in found.items()} == {"another": "degraded", MODEL: "healthy"}
    calls.clock.advance(301.0)
    assert await calls.monitor.get_all_health() == {}
