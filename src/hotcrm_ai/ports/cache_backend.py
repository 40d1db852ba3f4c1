"""Where answers are kept for a while."""

from __future__ import annotations

from typing import Protocol

from hotcrm_ai.domain.performance import CacheStats


class CacheBackend(Protocol):
    """A store of JSON values, as bytes, under text keys; entries are copies, never shared objects.

    A group is the id of the model that an entry belongs to; it is named at every use of the entry. A backend that cannot do what
    is asked raises ``StorageError``.
    """

    async def get(self, key: str, *, group: str = "") -> bytes | None:
        """Return the entry, or nothing where there is none or its time is over."""
        ...

    async def set(self, key: str, value: bytes, *, ttl_seconds: float, group: str = "") -> None:
        """Keep an entry for that many seconds; ``group`` is the model id, for clearing."""
        ...

    async def delete(self, key: str, *, group: str = "") -> bool:
        """Forget an entry; true where there was one."""
        ...

    async def clear(self, group: str | None = None) -> int:
        """Forget this application's entries, or those of one group; return how many."""
        ...

    async def stats(self) -> CacheStats:
        """Entries now, hits and misses since start."""
        ...
