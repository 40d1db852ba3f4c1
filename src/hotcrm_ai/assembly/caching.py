"""Opens the cache and the counts of callers that the settings ask for, and checks Redis for those who run a workspace."""

from __future__ import annotations

from contextlib import AsyncExitStack

from hotcrm_ai.caches import (
    JoinedCache,
    JoinedRates,
    MemoryCache,
    MemoryRates,
    RedisCache,
    RedisConnections,
    RedisLimits,
    RedisRates,
    read_address,
)
from hotcrm_ai.domain.secret import Secret
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.settings import Settings


async def open_cache(
    settings: Settings, workspace: str, clock: Clock, opened: AsyncExitStack
) -> MemoryCache | JoinedCache:
    """Open the cache: in memory, or on a Redis server with memory for when it is away; ``opened`` closes it.

    Raises:
        ConfigError: the Redis URL names no server, or the package for it is not installed.
    """
    if settings.redis_url is None or not settings.cache_enabled:
        return MemoryCache(clock=clock, max_entries=settings.cache_max_entries)
    entries = settings.cache_max_entries if settings.cache_use_memory_fallback else 0
    redis = _redis(settings, settings.redis_url, workspace)
    joined = JoinedCache(redis, MemoryCache(clock=clock, max_entries=entries), clock=clock)
    opened.push_async_callback(joined.aclose)
    await joined.start()
    return joined


def open_rates(settings: Settings, workspace: str, clock: Clock, opened: AsyncExitStack) -> MemoryRates | JoinedRates:
    """Open the counts of what callers sent: in memory, where each worker gives its share, or on a Redis server for all of them.

    Nothing is connected before a caller that has a rate asks; ``opened`` closes it.

    Raises:
        ConfigError: the Redis URL names no server, or the package for it is not installed.
    """
    memory = MemoryRates(clock=clock, processes=settings.workers)
    if settings.redis_url is None:
        return memory
    rates = JoinedRates(
        RedisRates(_connections(settings, settings.redis_url), workspace=workspace), memory, clock=clock
    )
    opened.push_async_callback(rates.aclose)
    return rates


async def check_redis(settings: Settings, url: Secret) -> None:
    """Write and read one key that ends after a second.

    Raises:
        ConfigError: the Redis URL names no server, or the package for it is not installed.
        StorageError: the server does not answer in time, or takes no writes from this user.
    """
    redis = _redis(settings, url, settings.workspace or "doctor")
    try:
        await redis.probe()
    finally:
        await redis.aclose()


def _redis(settings: Settings, url: Secret, workspace: str) -> RedisCache:
    return RedisCache(_connections(settings, url), workspace=workspace)


def _connections(settings: Settings, url: Secret) -> RedisConnections:
    limits = RedisLimits(call_seconds=settings.redis_timeout_seconds, connections=settings.redis_connections)
    return RedisConnections(read_address(url), limits)
