"""What belongs to one request from its first header to its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from hotcrm_ai.domain.access import APIKey
from hotcrm_ai.entrypoints.http.server_counts import ServerCounts

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
_FORWARDED: Final = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip", b"via"})


class Exchange(msgspec.Struct, frozen=True):
    """One request under way: the workspace that answers it, its headers by lower-case name, and its id.

    ``client`` is the address that it came from. ``key`` is the caller's once it is verified; until then, and where nobody needs one, it
    is None.
    """

    ai: AI
    headers: Mapping[bytes, bytes]
    request_id: str
    body_seconds: float
    client: str | None = None
    key: APIKey | None = None
    counts: ServerCounts = msgspec.field(default_factory=ServerCounts)

    @property
    def address(self) -> str:
        """Where the request came from, as far as that is known."""
        return self.client or "unknown"

    @property
    def is_local(self) -> bool:
        """Whether a program of this machine sent the request, and not through a proxy that runs here."""
        return self.client in _LOOPBACK and _FORWARDED.isdisjoint(self.headers)

    async def needs_key(self) -> bool:
        """Whether this caller must show a key: everybody but a program of this machine while no key was ever made."""
        return not self.is_local or await self.ai.keys.any_exist()

    def of(self, key: APIKey) -> Exchange:
        """Return the exchange as that of a verified key."""
        return Exchange(self.ai, self.headers, self.request_id, self.body_seconds, self.client, key, self.counts)
