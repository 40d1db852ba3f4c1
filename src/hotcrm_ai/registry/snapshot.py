"""Holds the present models in memory, in step with the store to within a stated time."""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec

from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.domain.json_value import copied_json
from hotcrm_ai.domain.model import ModelConfig, Revision
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.ports.model_store import ModelStore

STORE_SECONDS: Final = 1.5
"""How long a request waits for the store: less than the two seconds that a prediction has by default."""

FIRST_SECONDS: Final = 30.0
"""How long the first reading of all models may take, which happens while a workspace is opened and nobody waits for an answer."""


class Snapshot:
    """All present models by id; the store's counter is asked at most once per ``refresh_seconds``, by one caller for all.

    When the store fails, so does whoever needs a newer state: several processes promise to agree, so no one goes on with an old one. A
    store that takes long fails too, within a request's time; while it hangs, nobody else waits for it.
    """

    def __init__(self, store: ModelStore, *, clock: Clock, refresh_seconds: float) -> None:
        self._store = store
        self._clock = clock
        self._refresh_seconds = refresh_seconds
        self._counter = -1
        self._models: dict[str, ModelConfig] = {}
        self._checked_at: float | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self._waits_until = 0.0

    @property
    def counter(self) -> int:
        """The store's change counter as of the present models, -1 before they were first read."""
        return self._counter

    async def models(self) -> dict[str, ModelConfig]:
        """Return the present models by id, not to be changed by the caller."""
        if self._checked_at is None or self._clock.monotonic() - self._checked_at >= self._refresh_seconds:
            await self._refresh()
        return self._models

    async def adopt(self, counter: int, revision: Revision) -> None:
        """Take in a change of our own; where others changed something in between, read everything anew."""
        if counter <= self._counter:
            return
        if counter != self._counter + 1:
            await self._load()
            return
        models = {id_: config for id_, config in self._models.items() if id_ != revision.model_id}
        if revision.config is not None:
            models[revision.model_id] = revision.config
        self._counter, self._models = counter, models

    async def _refresh(self) -> None:
        loop = asyncio.get_running_loop()
        if self._refreshing is None:
            self._refreshing = loop.create_task(self._check())
            self._refreshing.add_done_callback(self._forget)
            self._waits_until = loop.time() + (STORE_SECONDS if self._counter >= 0 else FIRST_SECONDS)
        try:
            async with asyncio.timeout_at(self._waits_until):
                await asyncio.shield(self._refreshing)
        except TimeoutError as late:
            raise StorageError(
                "The registry's database did not answer in time; check that it runs, then try again.",
                temporary=True,
            ) from late

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._refreshing = None
        if not task.cancelled():
            task.exception()

    async def _check(self) -> None:
        started_at = self._clock.monotonic()
        if await self._store.counter() != self._counter:
            await self._load()
        self._checked_at = started_at

    async def _load(self) -> None:
        """Read everything the first time, and later only what others changed: of ten thousand models that is one or two."""
        changes = None if self._counter < 0 else await self._store.changes_since(self._counter)
        if changes is None:
            counter, models = await self._store.load()
        else:
            counter, changed = changes
            models = {id_: config for id_, config in {**self._models, **changed}.items() if config is not None}
        if counter > self._counter:
            self._counter, self._models = counter, models


def own_copy(config: ModelConfig) -> ModelConfig:
    """Return a configuration that the caller may keep: nothing in it that can be changed is shared with the registry."""
    if not (config.parameters or config.metrics or config.provider_config):
        return config
    provider = config.provider_config
    if provider is not None:
        provider = msgspec.structs.replace(
            provider, credentials=copied_json(provider.credentials), config=copied_json(provider.config)
        )
    return msgspec.structs.replace(
        config, parameters=copied_json(config.parameters), metrics=dict(config.metrics), provider_config=provider
    )
