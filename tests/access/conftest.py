"""A key service around in-memory stores, with a clock that tests turn."""

from __future__ import annotations

import secrets

import pytest

from hotcrm_ai.access import KeyService
from hotcrm_ai.storage import MemoryKeyStore, MemorySignInStore
from hotcrm_ai.testing import FakeClock


class CountingKeyStore(MemoryKeyStore):
    """Counts how often a key was looked up."""

    def __init__(self) -> None:
        super().__init__()
        self.lookups = 0

    async def find(self, key_id):
        self.lookups += 1
        return await super().find(key_id)


@pytest.fixture
def clock() -> FakeClock:
    """A clock at the first of January 2026."""
    return FakeClock()


@pytest.fixture
def store() -> CountingKeyStore:
    """An empty store of keys."""
    return CountingKeyStore()


@pytest.fixture
def keys(store, clock) -> KeyService:
    """The keys of a new workspace."""
    return KeyService(store, MemorySignInStore(store), clock=clock, random_bytes=secrets.token_bytes)
