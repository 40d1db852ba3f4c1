"""Remembers what Redis must forget once it is back: keys that were written or deleted, and groups that were cleared, without it."""

from __future__ import annotations

from typing import Final

from hotcrm_ai.caches.redis_cache import RedisCache
from hotcrm_ai.domain.errors import StorageError

_MOST_REMEMBERED: Final = 10_000
"""Beyond that everything is forgotten, which is always right and costs only misses."""


class OwedChanges:
    """What Redis was not told yet; bounded, in this process only."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._groups: set[str] = set()
        self._everything = False

    def forget_key(self, key: str) -> None:
        """Remember that an entry without a group was written or deleted."""
        self._keys.add(key)
        self._bound()

    def clear_group(self, group: str | None) -> None:
        """Remember that a group, or everything, was cleared."""
        if group is None:
            self._everything = True
        else:
            self._groups.add(group)
        self._bound()

    async def settle(self, redis: RedisCache) -> None:
        """Let Redis forget all of it, also what is added meanwhile; what it did not do is still owed.

        Raises:
            StorageError: Redis failed again.
        """
        while self._everything or self._groups or self._keys:
            everything, groups, keys = self._everything, self._groups, self._keys
            self._everything, self._groups, self._keys = False, set(), set()
            try:
                await _forget(redis, everything, groups, keys)
            except StorageError:
                self._everything = self._everything or everything
                self._groups |= groups
                self._keys |= keys
                self._bound()
                raise

    def _bound(self) -> None:
        if self._everything or len(self._keys) + len(self._groups) > _MOST_REMEMBERED:
            self._everything = True
            self._keys.clear()
            self._groups.clear()


async def _forget(redis: RedisCache, everything: bool, groups: set[str], keys: set[str]) -> None:
    if everything:
        await redis.clear()
        return
    await redis.forget(sorted(keys))
    for group in sorted(groups):
        await redis.clear(group)
