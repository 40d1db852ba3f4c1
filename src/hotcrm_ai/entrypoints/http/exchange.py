"""What belongs to one request from its first header to its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from hotcrm_ai.domain.access import APIKey

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI


class Exchange(msgspec.Struct, frozen=True):
    """One request under way: the workspace that answers it, its headers by lower-case name, and its id.

    ``is_local`` is true where a program of this machine sent it and nobody forwarded it. ``key`` is the caller's once it is verified;
    until then, and where nobody needs one, it is None.
    """

    ai: AI
    headers: Mapping[bytes, bytes]
    request_id: str
    body_seconds: float
    is_local: bool = False
    key: APIKey | None = None

    async def needs_key(self) -> bool:
        """Whether this caller must show a key: everybody but a program of this machine while no key was ever made."""
        return not self.is_local or await self.ai.keys.any_exist()
