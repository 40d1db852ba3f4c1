"""Fixtures of the registry tests: a clock that tests turn, a store, and registries over it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.domain.model import ModelConfig, Revision
from hotcrm_ai.ports.model_store import Change
from hotcrm_ai.registry import ModelRegistry
from hotcrm_ai.storage import MemoryModelStore


class TurnedClock:
    """A clock that stands still until a test turns it."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime(2026, 3, 31, 12, tzinfo=UTC) + timedelta(seconds=self.seconds)


class CountingStore(MemoryModelStore):
    """A store in memory that counts how often it is asked, and can be away."""

    def __init__(self) -> None:
        super().__init__()
        self.loads = 0
        self.counts = 0
        self.away = False

    async def load(self) -> tuple[int, dict[str, ModelConfig]]:
        self.loads += 1
        self._check()
        return await super().load()

    async def changes_since(self, counter: int) -> tuple[int, dict[str, ModelConfig | None]] | None:
        self._check()
        return await super().changes_since(counter)

    async def counter(self) -> int:
        self.counts += 1
        self._check()
        return await super().counter()

    async def apply(self, change: Change) -> tuple[int, Revision]:
        self._check()
        return await super().apply(change)

    def _check(self) -> None:
        if self.away:
            raise StorageError("The database is away.")


@pytest.fixture
def clock() -> TurnedClock:
    """A clock that only the test turns."""
    return TurnedClock()


@pytest.fixture
def store() -> CountingStore:
    """An empty store that counts."""
    return CountingStore()


@pytest.fixture
def registry(store: CountingStore, clock: TurnedClock) -> ModelRegistry:
    """A registry over the store."""
    return ModelRegistry(store, clock=clock, refresh_seconds=1.0)


@pytest.fixture
def other_registry(store: CountingStore, clock: TurnedClock) -> ModelRegistry:
    """A registry of another process over the same store."""
    return ModelRegistry(store, clock=clock, refresh_seconds=1.0)
