"""What a cache that several processes share can do beside keeping entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable


@runtime_checkable
class SharedCache(Protocol):
    """Looks at and keeps many entries in one exchange, and lets one of several processes do what all of them need.

    A claim is a promise to bring an entry soon. It ends by itself, so that a process that died holds up nobody for long.
    """

    async def get_many(self, keys: Sequence[tuple[str, str]]) -> list[bytes | None]:
        """Return the entries of pairs of key and group, in order, nothing where there is none."""
        ...

    async def set_many(self, entries: Sequence[tuple[str, str, bytes, float]]) -> None:
        """Keep entries given as key, group, value and seconds."""
        ...

    async def claim(self, keys: Sequence[str], *, seconds: float) -> Mapping[str, bool]:
        """Claim the keys that nobody holds; true for those that are now ours."""
        ...

    async def renew(self, keys: Sequence[str], *, seconds: float) -> None:
        """Make claims of ours last that many seconds from now."""
        ...

    async def release(self, keys: Sequence[str]) -> None:
        """Give claims of ours up."""
        ...
