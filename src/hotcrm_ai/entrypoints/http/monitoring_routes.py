"""The operations that tell how models do: stats, health, and the cache."""

from __future__ import annotations

from typing import Final

from hotcrm_ai.domain import errors
from hotcrm_ai.domain.answers import Cleared, ModelHealth, Page, SystemHealth
from hotcrm_ai.domain.performance import CacheStats, Health, ModelPerformanceStats
from hotcrm_ai.domain.spending import ModelUsage
from hotcrm_ai.entrypoints.http.answers import no_predictions
from hotcrm_ai.entrypoints.http.bodies import ClearCacheQuery, StatsQuery, UsageQuery, UsagesQuery, WindowQuery
from hotcrm_ai.entrypoints.http.model_routes import MODEL_PATH_WORDS, known_model
from hotcrm_ai.entrypoints.http.operation import Call, Operation
from hotcrm_ai.entrypoints.http.paging import page_of
from hotcrm_ai.monitoring import NOT_ASKED


async def show_stats(call: Call) -> ModelPerformanceStats:
    """Show the stats of one model."""
    asked: WindowQuery = call.query
    model = await known_model(call)
    return await call.ai.monitor.get_model_stats(model.id, asked.window) or no_predictions(model.id)


async def list_stats(call: Call) -> Page[ModelPerformanceStats]:
    """List the stats of every model that was asked."""
    asked: StatsQuery = call.query
    stats = await call.ai.monitor.get_all_stats(asked.window)
    ordered = [stats[model_id] for model_id in sorted(stats)]
    return page_of(ordered, key=lambda one: one.model_id, limit=asked.limit, cursor=asked.cursor)


async def show_usage(call: Call) -> Page[ModelUsage]:
    """Show what one language model used, day by day."""
    asked: UsageQuery = call.query
    model = await known_model(call)
    return Page(items=tuple(await call.ai.get_usage(model.id, days=asked.days)))


async def list_usage(call: Call) -> Page[ModelUsage]:
    """List what every language model used, day by day."""
    asked: UsagesQuery = call.query
    found = sorted(await call.ai.get_usage(days=asked.days), key=_usage_key)
    return page_of(found, key=_usage_key, limit=asked.limit, cursor=asked.cursor)


async def show_health(call: Call) -> ModelHealth:
    """Show the health of one model."""
    return await _health_of(call, (await known_model(call)).id)


async def show_system_health(call: Call) -> SystemHealth:
    """Show the health of every active model."""
    models = await call.ai.registry.list_models(status="active")
    found = await call.ai.monitor.get_all_health()
    told = [_told(model.id, found.get(model.id, NOT_ASKED)) for model in models]
    return SystemHealth.worst_of(told, notes=call.ai.notes)


async def show_cache_stats(call: Call) -> CacheStats:
    """Show how the cache does."""
    return await call.ai.cache.get_stats()


async def clear_cache(call: Call) -> Cleared:
    """Forget cached answers."""
    asked: ClearCacheQuery = call.query
    return Cleared(cleared=await call.ai.predictions.clear_cache(asked.model_id))


def _usage_key(usage: ModelUsage) -> str:
    return f"{usage.model_id} {usage.day.isoformat()}"


async def _health_of(call: Call, model_id: str) -> ModelHealth:
    return _told(model_id, await call.ai.monitor.get_health_status(model_id))


def _told(model_id: str, health: Health) -> ModelHealth:
    return ModelHealth(model_id=model_id, status=health.status, reason=health.reason, samples=health.samples)


MONITORING_OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/v1/models/{id}/stats",
        scope="read",
        name="showStats",
        tag="Monitoring",
        summary="Show counts, latencies and rates of one model.",
        description="Zeros, and null for everything measured, where it was not asked yet. The numbers are those of this process.",
        answer=show_stats,
        query=WindowQuery,
        gives=ModelPerformanceStats,
        errors=(errors.ModelNotFound,),
        path_words=MODEL_PATH_WORDS,
    ),
    Operation(
        method="GET",
        path="/v1/models/{id}/usage",
        scope="read",
        name="showUsage",
        tag="Monitoring",
        summary="Show the tokens and the money that one language model used, day by day.",
        description="Of all processes together, the latest day first; empty where it used nothing. Days are those of UTC.",
        answer=show_usage,
        query=UsageQuery,
        gives=Page[ModelUsage],
        errors=(errors.ModelNotFound, errors.StorageError),
        path_words=MODEL_PATH_WORDS,
    ),
    Operation(
        method="GET",
        path="/v1/usage",
        scope="read",
        name="listUsage",
        tag="Monitoring",
        summary="List the tokens and the money that every language model used, day by day, in order of id and day.",
        description="Of all processes together. Days are those of UTC.",
        answer=list_usage,
        query=UsagesQuery,
        gives=Page[ModelUsage],
        errors=(errors.StorageError,),
    ),
    Operation(
        method="GET",
        path="/v1/models/{id}/health",
        scope="read",
        name="showHealth",
        tag="Monitoring",
        summary="Show the health of one model.",
        description="Judged by its fresh calls of the last five minutes; without any it is `unknown`.",
        answer=show_health,
        gives=ModelHealth,
        errors=(errors.ModelNotFound,),
        path_words=MODEL_PATH_WORDS,
    ),
    Operation(
        method="GET",
        path="/v1/stats",
        scope="read",
        name="listStats",
        tag="Monitoring",
        summary="List the stats of every model that was asked, in order of id.",
        description="The numbers are those of this process.",
        answer=list_stats,
        query=StatsQuery,
        gives=Page[ModelPerformanceStats],
    ),
    Operation(
        method="GET",
        path="/v1/health",
        scope="read",
        name="showSystemHealth",
        tag="Monitoring",
        summary="Show the health of every active model.",
        description="`status` is the worst of them, `unknown` where none was asked lately.",
        answer=show_system_health,
        gives=SystemHealth,
        errors=(errors.StorageError,),
    ),
    Operation(
        method="GET",
        path="/v1/cache/stats",
        scope="read",
        name="showCacheStats",
        tag="Cache",
        summary="Show how the cache does.",
        description="Entries now, hits and misses since start.",
        answer=show_cache_stats,
        gives=CacheStats,
    ),
    Operation(
        method="DELETE",
        path="/v1/cache",
        scope="admin",
        name="clearCache",
        tag="Cache",
        summary="Forget cached answers.",
        description="All of this workspace, or those of one model.",
        answer=clear_cache,
        query=ClearCacheQuery,
        gives=Cleared,
    ),
)
