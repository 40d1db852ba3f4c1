"""What the monitor is told of each prediction, and what it says of each model."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

HealthStatus = Literal["healthy", "degraded", "unhealthy", "unknown"]


class PredictionMetric(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One prediction as the monitor counts it; ``latency`` in milliseconds, ``confidence`` 0-100 or None.

    Booked under the model that answered, or that was asked when it failed.
    """

    model_id: str
    latency: float
    success: bool
    cached: bool = False
    confidence: float | None = None
    error: str | None = None
    error_code: str | None = None
    timestamp: datetime | None = None


class RecordedError(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One failed prediction, for the list of recent errors."""

    timestamp: datetime
    code: str | None
    message: str
    latency: float


class ModelPerformanceStats(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Counts, latencies (milliseconds) and rates (per cent) of one model; ``fresh_*`` leave cache hits out.

    ``live_accuracy`` is in per cent, None where no outcomes are known.
    """

    model_id: str
    total_predictions: int
    successful_predictions: int
    failed_predictions: int
    average_latency: float | None
    median_latency: float | None
    p95_latency: float | None
    p99_latency: float | None
    average_confidence: float | None
    cache_hit_rate: float
    error_rate: float
    last_updated: datetime | None
    fresh_predictions: int = 0
    fresh_average_latency: float | None = None
    fresh_median_latency: float | None = None
    fresh_p95_latency: float | None = None
    fresh_p99_latency: float | None = None
    fresh_error_rate: float = 0.0
    live_accuracy: float | None = None


class PerformancePeriod(msgspec.Struct, frozen=True, kw_only=True):
    """What one model did in one stretch of time, as one process counted it.

    ``sketches`` is JSON from which periods and processes are merged; ``stats`` and ``health_status`` are what it says alone, for those who
    read the table (None where a period was read back, for the merged one tells).
    """

    model_id: str
    period_start: datetime
    period_end: datetime
    source: str
    sketches: dict[str, Any]
    last_updated: datetime
    model_name: str | None = None
    stats: ModelPerformanceStats | None = None
    health_status: HealthStatus | None = None


class Health(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Health of one model over the last five minutes; ``samples`` counts fresh calls."""

    status: HealthStatus
    reason: str | None = None
    samples: int = 0


class ProviderScope(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The part of a provider that fails as one: where it is (its address without path) and with which credentials it is asked.

    ``credential`` is a digest of the live credentials, so that a new key is tried at once where the old one had failed.
    """

    provider: str
    endpoint: str = ""
    credential: str = ""


class ProviderState(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the circuit breaker of one provider, or of one model there, holds at the moment.

    ``closed``: calls go through; ``open``: none is made for ``retry_in_seconds``; ``half-open``: up to three calls try whether it is back.
    ``calls`` and ``failures`` are those of the last 30 seconds (a throttled call counts half); ``last_fault`` is the kind of the latest.
    """

    provider: str
    endpoint: str
    model_id: str | None
    state: Literal["closed", "open", "half-open"]
    retry_in_seconds: float
    calls: int
    failures: float
    last_fault: str | None = None


class ProviderHealth(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a provider's own health check found; ``latency`` in milliseconds."""

    healthy: bool
    latency: float
    error: str | None = None


class HealthThresholds(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """When a model counts as degraded or unhealthy; rates in per cent, latency in milliseconds, window in seconds."""

    unhealthy_error_rate: float = 10.0
    degraded_error_rate: float = 5.0
    degraded_p95_latency: float = 500.0
    minimum_samples: int = 20
    window_seconds: float = 300.0


class CacheCounts(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What one backend of the cache did in this process since start; ``failures`` are looks and writes that it could not do."""

    hits: int = 0
    misses: int = 0
    evictions: int = 0
    failures: int = 0


class CacheStats(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Entries now in the backend that is in use, and hits and misses since start.

    ``degraded`` says that the cache's service is away and memory steps in. ``backends`` counts each backend apart; evictions by
    Redis are those of the whole server.
    """

    size: int
    hits: int
    misses: int
    backend: Literal["memory", "redis"] = "memory"
    degraded: bool = False
    evictions: int = 0
    enabled: bool = True
    backends: dict[str, CacheCounts] = msgspec.field(default_factory=dict)


class CacheSettings(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How answers are cached; ``default_ttl`` in seconds."""

    redis_url: str | None = None
    default_ttl: float = 300.0
    enabled: bool = True
    use_memory_fallback: bool = True
    max_entries: int = 10_000
    max_bytes: int = 64 * 1024 * 1024
