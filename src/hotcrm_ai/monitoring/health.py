"""Judges a model's health from what it did in the window, by stated thresholds."""

from __future__ import annotations

from typing import Final

from hotcrm_ai.domain.performance import Health, HealthStatus, HealthThresholds
from hotcrm_ai.monitoring.tally import Tally

NOT_ASKED: Final = Health(status="unknown", reason="No recent predictions", samples=0)
"""The health of a model that was not asked in the window."""


def judge(window: Tally, thresholds: HealthThresholds) -> Health:
    """Return the health of a model; only fresh calls count, so cache hits cannot hide an outage.

    With fewer calls than ``minimum_samples`` it is at worst degraded: one failure of one call proves no outage.
    """
    samples = window.fresh_calls
    if samples == 0:
        return NOT_ASKED
    error_rate = 100.0 * window.failed / samples
    if error_rate > thresholds.degraded_error_rate:
        return Health(
            status=_for_errors(error_rate, samples, thresholds),
            reason=f"High error rate: {error_rate:.1f}% ({window.failed} of {samples})",
            samples=samples,
        )
    p95 = window.fresh.quantile(0.95)
    if p95 is not None and p95 > thresholds.degraded_p95_latency:
        return Health(status="degraded", reason=f"High latency: P95 = {p95:.0f}ms", samples=samples)
    return Health(status="healthy", samples=samples)


def _for_errors(error_rate: float, samples: int, thresholds: HealthThresholds) -> HealthStatus:
    if error_rate > thresholds.unhealthy_error_rate and samples >= thresholds.minimum_samples:
        return "unhealthy"
    return "degraded"
