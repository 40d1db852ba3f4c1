"""Where API keys are kept: never their text, only a digest of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hotcrm_ai.domain.access import APIKey


@dataclass(frozen=True, slots=True)
class KeptKey:
    """A key with the SHA-256 of its text, in hexadecimal digits."""

    key: APIKey
    digest: str


class KeyStore(Protocol):
    """The API keys of one workspace; a key is never deleted, so that it stays known that it was."""

    async def add(self, kept: KeptKey) -> None:
        """Keep a new key."""
        ...

    async def find(self, key_id: str) -> KeptKey | None:
        """Return the key of that id, in whatever state it is."""
        ...

    async def list_keys(self) -> list[APIKey]:
        """Return all keys, the oldest first, revoked and expired ones too."""
        ...

    async def revoke(self, key_id: str, *, at: datetime) -> APIKey | None:
        """Mark a key as revoked and return it; one that was revoked before keeps its moment. None: there is no such key."""
        ...

    async def note_use(self, key_id: str, *, at: datetime) -> None:
        """Keep when a key was last used."""
        ...
