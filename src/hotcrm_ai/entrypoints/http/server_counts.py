"""Counts what the server answered, and tells it together with what its workspace and the other workers did."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from hotcrm_ai.exporters.prometheus import exposition, series
from hotcrm_ai.exporters.worker_counts import Snapshot, WorkerCounts

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI

ROUTE: Final = "hotcrm_ai.route"
"""The key of a request's route template in its ASGI scope; what has none is counted as ``other``."""

CLIENT_LEFT: Final = 499
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
MOST_MODELS: Final = 500
PUBLISH_SECONDS: Final = 0.5
HEALTH_SECONDS: Final = 2.0
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class ServerCounts:
    """The counts of one worker process; ``gauges`` are asked for the connections and requests at the moment."""

    def __init__(self, workers: WorkerCounts | None = None) -> None:
        self._workers = workers or WorkerCounts()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._buckets: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BUCKETS) + 1))
        self._seconds: dict[str, float] = defaultdict(float)
        self.refused: Callable[[], int] = lambda: 0
        self.under_way: Callable[[], int] = lambda: 0
        self.connections: Callable[[], int] = lambda: 0

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request that came to its end."""
        self._requests[method if method in _METHODS else "other", route, status] += 1
        self._buckets[route][bisect_left(BUCKETS, seconds)] += 1
        self._seconds[route] += seconds

    async def text(self, ai: AI) -> bytes:
        """Return everything as Prometheus reads it: the sums over all workers, and what is true of the workspace as a whole."""
        joined, workers = self._workers.joined(self.snapshot(ai))
        states = {"hotcrm_ai_workers": float(workers), **await _states(ai)}
        return exposition(
            [*sorted(joined.counters.items(), key=_in_order), *sorted({**joined.gauges, **states}.items())]
        )

    async def publish(self, ai_of: Callable[[], AI | None]) -> None:
        """Let the other workers read our counts, twice a second, until cancelled."""
        while True:
            await asyncio.sleep(PUBLISH_SECONDS)
            self.publish_now(ai_of())

    def publish_now(self, ai: AI | None) -> None:
        """Let the other workers read our counts."""
        if ai is not None:
            self._workers.publish(self.snapshot(ai))

    def snapshot(self, ai: AI) -> Snapshot:
        """Return what this process counted and where it stands."""
        counters: dict[str, float] = {
            series("hotcrm_ai_http_requests_total", method=method, route=route, status=str(status)): number
            for (method, route, status), number in self._requests.items()
        }
        counters["hotcrm_ai_http_refused_total"] = self.refused()
        for route, numbers in self._buckets.items():
            counters.update(_histogram(route, numbers, self._seconds[route]))
        booked = ai.monitor.since_start()
        for model_id in sorted(booked)[:MOST_MODELS]:
            for result, number in booked[model_id].items():
                counters[series("hotcrm_ai_predictions_total", model=model_id, result=result)] = number
        gauges: dict[str, float] = {
            "hotcrm_ai_http_requests_under_way": self.under_way(),
            "hotcrm_ai_http_connections": self.connections(),
            "hotcrm_ai_prediction_log_waiting": ai.waiting_predictions,
        }
        gauges["hotcrm_ai_rate_limit_degraded"] = float(ai.rates.is_degraded)
        for state in ai.predictions.get_provider_states():
            key = series("hotcrm_ai_provider_breaker_open", provider=state.provider, model=state.model_id or "")
            gauges[key] = gauges.get(key, 0.0) + (state.state != "closed")
        return Snapshot(counters=counters, gauges=gauges)


def _histogram(route: str, numbers: list[int], seconds: float) -> dict[str, float]:
    told: dict[str, float] = {}
    reached = 0
    for bound, number in zip((*map(str, BUCKETS), "+Inf"), numbers, strict=True):
        reached += number
        told[series("hotcrm_ai_http_request_seconds_bucket", route=route, le=bound)] = reached
    told[series("hotcrm_ai_http_request_seconds_sum", route=route)] = seconds
    told[series("hotcrm_ai_http_request_seconds_count", route=route)] = reached
    return told


async def _states(ai: AI) -> dict[str, float]:
    """Tell what is the same whichever worker is asked; what the database does not say in time is left out."""
    cache = await ai.cache.get_stats()
    told = {"hotcrm_ai_cache_degraded": float(cache.degraded)}
    models = sorted(model.id for model in await ai.registry.list_models(status="active"))
    told["hotcrm_ai_models_left_out"] = float(max(len(models) - MOST_MODELS, 0))
    try:
        async with asyncio.timeout(HEALTH_SECONDS):
            for model_id in models[:MOST_MODELS]:
                health = await ai.monitor.get_health_status(model_id)
                told[series("hotcrm_ai_model_health", model=model_id, status=health.status)] = 1.0
    except TimeoutError:
        return told
    return told


def _in_order(pair: tuple[str, float]) -> tuple[str, str, float]:
    """Sort a histogram's buckets by their bound, as the format asks, and everything else by its text."""
    key = pair[0]
    head, found, bound = key.rpartition(',le="')
    return (head, "", float(bound.rstrip('"}'))) if found else (key, "", 0.0)
