"""In-memory twins of the stores of API keys and sign-ins, for tests and throw-away workspaces."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import msgspec

from hotcrm_ai.domain.access import APIKey
from hotcrm_ai.ports.key_store import KeptKey
from hotcrm_ai.ports.sign_in_store import KeptSignIn


class MemoryKeyStore:
    """A ``KeyStore`` that lives as long as its process."""

    def __init__(self) -> None:
        self._keys: dict[str, KeptKey] = {}

    async def add(self, kept: KeptKey) -> None:
        """Keep a new key."""
        self._keys[kept.key.id] = kept

    async def find(self, key_id: str) -> KeptKey | None:
        """Return the key of that id, in whatever state it is."""
        return self._keys.get(key_id)

    async def list_keys(self) -> list[APIKey]:
        """Return all keys, the oldest first."""
        return sorted((kept.key for kept in self._keys.values()), key=lambda key: (key.created_at, key.id))

    async def revoke(self, key_id: str, *, at: datetime) -> APIKey | None:
        """Mark a key as revoked and return it; one that was revoked before keeps its moment."""
        kept = self._keys.get(key_id)
        if kept is None:
            return None
        if kept.key.revoked_at is None:
            self._change(kept, revoked_at=at)
        return self._keys[key_id].key

    async def note_use(self, key_id: str, *, at: datetime) -> None:
        """Keep when a key was last used."""
        kept = self._keys.get(key_id)
        if kept is not None:
            self._change(kept, last_used_at=at)

    def _change(self, kept: KeptKey, **changes: datetime) -> None:
        self._keys[kept.key.id] = replace(kept, key=msgspec.structs.replace(kept.key, **changes))


class MemorySignInStore:
    """A ``SignInStore`` that lives as long as its process."""

    def __init__(self, keys: MemoryKeyStore) -> None:
        self._keys = keys
        self._sign_ins: dict[str, KeptSignIn] = {}

    async def add(self, sign_in: KeptSignIn) -> None:
        """Keep a sign-in, and forget those that ended before it began."""
        going = {digest: kept for digest, kept in self._sign_ins.items() if kept.expires_at > sign_in.created_at}
        self._sign_ins = {**going, sign_in.digest: sign_in}

    async def find(self, digest: str) -> tuple[KeptSignIn, APIKey] | None:
        """Return the sign-in of that digest with its key, each in whatever state it is."""
        found = self._sign_ins.get(digest)
        if found is None:
            return None
        kept = await self._keys.find(found.key_id)
        return None if kept is None else (found, kept.key)

    async def remove(self, digest: str) -> None:
        """Forget a sign-in, where it is there."""
        self._sign_ins.pop(digest, None)
