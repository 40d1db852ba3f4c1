"""Joins what is watched, the rules, and the places that are told into the workspace's alerts."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import Final

from hotcrm_ai.caches import CacheManager
from hotcrm_ai.domain.addresses import AllowedHosts, listed_as
from hotcrm_ai.domain.alert import Look, ModelState
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.performance import Health, ModelPerformanceStats
from hotcrm_ai.monitoring import NOT_ASKED, AlertService, PerformanceMonitor
from hotcrm_ai.notifiers import open_sinks
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.providers import HTTPDoor
from hotcrm_ai.registry import ModelRegistry
from hotcrm_ai.settings import Settings
from hotcrm_ai.storage import Database, SQLAlertStore

POST_SECONDS: Final = 10.0
CONNECT_SECONDS: Final = 3.0
OUTCOMES_WINDOW_SECONDS: Final = 30 * 24 * 3600.0
"""How far back predictions with an outcome count for live accuracy."""


def open_alerts(
    settings: Settings,
    *,
    database: Database,
    workspace: str,
    registry: ModelRegistry,
    monitor: PerformanceMonitor,
    cache: CacheManager,
    clock: Clock,
    new_id: Callable[[], str],
    opened: AsyncExitStack,
) -> AlertService:
    """Open a workspace's alerts; nothing watches until ``run`` is called."""
    rules, post = settings.alerting, Poster()
    opened.push_async_callback(post.aclose)
    return AlertService(
        store=SQLAlertStore(database, workspace, new_id=new_id),
        sinks=open_sinks(rules, post=post, clock=clock, environ=os.environ),
        look=Looking(registry=registry, monitor=monitor, cache=cache, clock=clock),
        settings=rules,
        clock=clock,
        new_id=new_id,
        workspace=workspace,
    )


class Looking:
    """Looks at a workspace: what its active models and its cache do, over all processes as far as they share it."""

    def __init__(
        self, *, registry: ModelRegistry, monitor: PerformanceMonitor, cache: CacheManager, clock: Clock
    ) -> None:
        self._registry = registry
        self._monitor = monitor
        self._cache = cache
        self._clock = clock
        self._began = clock.monotonic()

    async def __call__(self) -> Look:
        """Look once."""
        models = await self._registry.list_models(status="active")
        health = await self._monitor.get_all_health()
        stats = await self._monitor.get_all_stats()
        judged = await self._monitor.count_outcomes(OUTCOMES_WINDOW_SECONDS)
        cache = await self._cache.get_stats()
        return Look(
            models=tuple(
                self._state(model, health.get(model.id, NOT_ASKED), stats.get(model.id), judged.get(model.id, (0, 0)))
                for model in models
            ),
            cache_degraded="Redis is away; memory steps in" if cache.degraded else None,
        )

    def _state(
        self, model: ModelConfig, health: Health, stats: ModelPerformanceStats | None, judged: tuple[int, int]
    ) -> ModelState:
        outage = self._monitor.outage_of(model.id)
        asked_at = None if stats is None else stats.last_updated
        is_measured = model.metrics_source is not None and model.metrics_source.kind == "measured"
        return ModelState(
            model_id=model.id,
            health=health if outage is None else Health(status="unhealthy", reason=outage, samples=health.samples),
            provider_is_out=outage is not None,
            silent_seconds=None if asked_at is None else (self._clock.now() - asked_at).total_seconds(),
            watched_seconds=self._clock.monotonic() - self._began,
            judged=judged[0],
            correct=judged[1],
            held_out_accuracy=model.metrics.get("accuracy") if is_measured else None,
        )


class Poster:
    """Posts to the addresses that the operator's settings name, each through a door that leads to that address alone."""

    def __init__(self) -> None:
        self._doors: dict[str, HTTPDoor] = {}

    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Post a body and return the status of the reply; raises ``ProviderError`` where there was none."""
        entry = listed_as(url)
        door = self._doors.get(entry)
        if door is None:
            door = self._doors[entry] = HTTPDoor(
                allowed=AllowedHosts([entry]), provider="alert receiver", connect_seconds=CONNECT_SECONDS
            )
        return (await door.request("POST", url, headers=headers, content=body, timeout_seconds=POST_SECONDS)).status

    async def aclose(self) -> None:
        """Close all connections."""
        for door in self._doors.values():
            await door.aclose()
