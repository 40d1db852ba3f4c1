"""Where answers are kept for a while, bounded in entries, bytes and time, and where requests of each caller are counted."""

from hotcrm_ai.caches.cache_manager import CacheManager
from hotcrm_ai.caches.joined_cache import JoinedCache
from hotcrm_ai.caches.joined_rates import JoinedRates
from hotcrm_ai.caches.memory_cache import MemoryCache
from hotcrm_ai.caches.memory_rates import MemoryRates
from hotcrm_ai.caches.redis_address import read_address
from hotcrm_ai.caches.redis_cache import RedisCache
from hotcrm_ai.caches.redis_connections import RedisConnections, RedisLimits
from hotcrm_ai.caches.redis_rates import RedisRates

__all__ = [
    "CacheManager",
    "JoinedCache",
    "JoinedRates",
    "MemoryCache",
    "MemoryRates",
    "RedisCache",
    "RedisConnections",
    "RedisLimits",
    "RedisRates",
    "read_address",
]
