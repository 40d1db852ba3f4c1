"""Where answers are kept for a while, bounded in entries, bytes and time."""

from hotcrm_ai.caches.cache_manager import CacheManager
from hotcrm_ai.caches.joined_cache import JoinedCache
from hotcrm_ai.caches.memory_cache import MemoryCache
from hotcrm_ai.caches.redis_address import read_address
from hotcrm_ai.caches.redis_cache import RedisCache
from hotcrm_ai.caches.redis_connections import RedisConnections, RedisLimits

__all__ = [
    "CacheManager",
    "JoinedCache",
    "MemoryCache",
    "RedisCache",
    "RedisConnections",
    "RedisLimits",
    "read_address",
]
