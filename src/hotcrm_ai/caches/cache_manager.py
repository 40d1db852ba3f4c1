"""The cache as users hold it: any JSON value under any text key, kept apart from other applications by a prefix."""

from __future__ import annotations

import math
from typing import Any, Final

import msgspec

from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.domain.json_value import copied_json
from hotcrm_ai.domain.performance import CacheSettings, CacheStats
from hotcrm_ai.ports.cache_backend import CacheBackend

_PREFIX: Final = "value:"


class CacheManager:
    """Reads and writes the cache of a workspace; what is stored and what is returned are copies.

    With ``enabled=False`` nothing is kept and every look is empty.
    """

    def __init__(self, settings: CacheSettings, *, backend: CacheBackend, prefix: str = _PREFIX) -> None:
        check_ttl(settings.default_ttl)
        self._settings = settings
        self._backend = backend
        self._prefix = prefix

    async def get(self, key: str) -> Any:
        """Return a copy of the value, or None where there is none, its time is over, or it cannot be read."""
        if not self._settings.enabled:
            return None
        found = await self._backend.get(self._prefix + key)
        if found is None:
            return None
        try:
            return msgspec.json.decode(found)
        except msgspec.DecodeError:
            await self._backend.delete(self._prefix + key)
            return None

    async def set(self, key: str, value: Any, ttl: float | None = None) -> None:
        """Keep a JSON value for ``ttl`` seconds: None means the default, 0 that nothing is kept under the key.

        Raises:
            ConfigError: the time is negative or not finite, or the value is no JSON value.
        """
        seconds = self._settings.default_ttl if ttl is None else check_ttl(ttl)
        try:
            encoded = msgspec.json.encode(copied_json(value))
        except ValueError as problem:
            raise ConfigError(
                f"The value for cache key {key!r} cannot be kept: {problem}; give a JSON value."
            ) from problem
        if self._settings.enabled:
            await self._backend.set(self._prefix + key, encoded, ttl_seconds=seconds)

    async def delete(self, key: str) -> bool:
        """Forget a key; true where there was one."""
        return await self._backend.delete(self._prefix + key)

    async def clear(self) -> int:
        """Forget all entries of this application, answers of models included; return how many."""
        return await self._backend.clear()

    async def get_stats(self) -> CacheStats:
        """Entries now, hits and misses since start."""
        return msgspec.structs.replace(await self._backend.stats(), enabled=self._settings.enabled)


def check_ttl(ttl: Any) -> float:
    """Return a time to live in seconds; raises ``ConfigError`` unless it is a finite number of 0 or more."""
    if isinstance(ttl, bool) or not isinstance(ttl, int | float) or not math.isfinite(ttl) or ttl < 0:
        raise ConfigError(f"A cache time of {ttl!r} seconds makes no sense; give a finite number, 0 to keep nothing.")
    return float(ttl)
