"""Keeps entries in this process, bounded in number and bytes; the least recently used go first."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final, NamedTuple

from hotcrm_ai.domain.performance import CacheStats
from hotcrm_ai.ports.clock import Clock

_ENTRY_OVERHEAD_BYTES: Final = 300
"""What the interpreter needs for an entry besides key and value, measured with sys.getsizeof."""


class _Entry(NamedTuple):
    value: bytes
    expires_at: float
    group: str


class MemoryCache:
    """A `CacheBackend` in memory.

    An entry whose time is over is a miss and counts nowhere; no request ever sweeps the others.
    """

    def __init__(self, *, clock: Clock, max_entries: int = 10_000, max_bytes: int = 64 * 1024 * 1024) -> None:
        self._clock = clock
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._bytes = 0
        self._hits = 0
        self._misses = 0
        self._evictions = 0

    async def get(self, key: str, *, group: str = "") -> bytes | None:  # noqa: ARG002 - the port's name; keys are unique here
        """Return the entry, or nothing where there is none or its time is over."""
        entry = self._entries.get(key)
        if entry is None:
            self._misses += 1
            return None
        if entry.expires_at <= self._clock.monotonic():
            self._remove(key)
            self._misses += 1
            return None
        self._entries.move_to_end(key)
        self._hits += 1
        return entry.value

    async def set(self, key: str, value: bytes, *, ttl_seconds: float, group: str = "") -> None:
        """Keep a copy for that many seconds; with 0 or less, or too large an entry, nothing is kept under the key."""
        if key in self._entries:
            self._remove(key)
        if not ttl_seconds > 0 or _size(key, value) > self._max_bytes or self._max_entries < 1:
            return
        self._entries[key] = _Entry(bytes(value), self._clock.monotonic() + ttl_seconds, group)
        self._bytes += _size(key, value)
        while len(self._entries) > self._max_entries or self._bytes > self._max_bytes:
            self._remove(next(iter(self._entries)))
            self._evictions += 1

    async def delete(self, key: str, *, group: str = "") -> bool:  # noqa: ARG002 - the port's name; keys are unique here
        """Forget an entry; true where a living one was there."""
        entry = self._entries.get(key)
        if entry is None:
            return False
        self._remove(key)
        return entry.expires_at > self._clock.monotonic()

    async def clear(self, group: str | None = None) -> int:
        """Forget all entries, or those of one group; return how many were alive."""
        doomed = [key for key, entry in self._entries.items() if group is None or entry.group == group]
        return sum([await self.delete(key) for key in doomed])

    async def stats(self) -> CacheStats:
        """Living entries now; hits, misses and evictions since start."""
        now = self._clock.monotonic()
        return CacheStats(
            size=sum(entry.expires_at > now for entry in self._entries.values()),
            hits=self._hits,
            misses=self._misses,
            backend="memory",
            evictions=self._evictions,
        )

    def _remove(self, key: str) -> None:
        entry = self._entries.pop(key)
        self._bytes -= _size(key, entry.value)


def _size(key: str, value: bytes) -> int:
    return len(key) + len(value) + _ENTRY_OVERHEAD_BYTES
