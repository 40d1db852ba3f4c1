"""Where answers are kept for a while, bounded in entries, bytes and time."""

from hotcrm_ai.caches.cache_manager import CacheManager
from hotcrm_ai.caches.memory_cache import MemoryCache

__all__ = ["CacheManager", "MemoryCache"]
