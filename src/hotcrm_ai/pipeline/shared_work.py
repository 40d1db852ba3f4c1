"""Lets one of several processes ask a provider for what all of them miss at the same time; the others take its answer from the cache."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from hotcrm_ai.pipeline.deadline import Deadline
from hotcrm_ai.pipeline.journey import Journey
from hotcrm_ai.pipeline.provider_calls import share_kept_back
from hotcrm_ai.pipeline.reuse_answer import BACKEND_FAILURES, AnswerCache
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.ports.shared_cache import SharedCache

_IN_PROCESS: Final = "local"
"""A model in this process answers sooner than two processes can agree who asks it."""
_CLAIM_SECONDS: Final = 0.5
"""How long a claim outlives a process that died."""
_RENEWAL_SECONDS: Final = 0.15
_FIRST_PAUSE_SECONDS: Final = 0.01
_LONGEST_PAUSE_SECONDS: Final = 0.05

Ask = Callable[[Sequence[Journey], Deadline], Awaitable[None]]


class SharedWork:
    """Asks for what is missing, each answer in one process at a time as far as the cache is shared.

    A claim is renewed while its process is at work. Whoever finds a claim without a holder takes it over, and nobody waits beyond
    a deadline. Where the cache's service is away every process asks for itself.
    """

    def __init__(self, cache: AnswerCache, *, ask: Ask, clock: Clock) -> None:
        self._cache = cache
        self._ask = ask
        self._clock = clock

    async def obtain(self, missing: Sequence[Journey], deadline: Deadline) -> None:
        """Give every journey its answer or its error."""
        shared = self._cache.shared
        if shared is None or all(journey.key is None or journey.provider_name == _IN_PROCESS for journey in missing):
            await self._ask(missing, deadline)
            return
        claimed = await _claim(shared, missing)
        waiting = [journey for journey in missing if journey.key is not None and journey.key not in claimed]
        ours = [journey for journey in missing if journey.key is None or journey.key in claimed]
        if ours:
            await self._ask_holding(shared, ours, deadline)
        await self._wait(shared, waiting, deadline)

    async def _wait(self, shared: SharedCache, waiting: list[Journey], deadline: Deadline) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while waiting:
            began = self._clock.monotonic()
            if min(deadline.remaining(keep_back=share_kept_back(journey)) for journey in waiting) <= pause:
                await self._ask(waiting, deadline)
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            claimed = await _claim(shared, waiting)
            free = [journey for journey in waiting if journey.key in claimed]
            waiting = [journey for journey in waiting if journey.key not in claimed]
            together = (*free, *waiting)
            for journey in together:
                journey.spent("cache", (self._clock.monotonic() - began) / len(together))
            if free:
                await self._take_over(shared, free, deadline)

    async def _take_over(self, shared: SharedCache, free: Sequence[Journey], deadline: Deadline) -> None:
        """Take the answers that the holders of the claims left behind, and ask for what they did not."""
        keyed = [(journey.key, journey) for journey in free if journey.key is not None]
        found = await self._cache.find_many([(key, journey.answering) for key, journey in keyed])
        for (_, journey), output in zip(keyed, found, strict=True):
            journey.output, journey.cached = output, output is not None
        await _release(shared, [key for key, journey in keyed if journey.cached])
        still_missing = [journey for _, journey in keyed if not journey.cached]
        if still_missing:
            await self._ask_holding(shared, still_missing, deadline)

    async def _ask_holding(self, shared: SharedCache, journeys: Sequence[Journey], deadline: Deadline) -> None:
        """Ask for answers while their claims are kept alive; a caller that is cancelled lets them end by themselves."""
        keys = [journey.key for journey in journeys if journey.key is not None]
        renewing = asyncio.get_running_loop().create_task(_renew(shared, keys))
        try:
            await self._ask(journeys, deadline)
        finally:
            renewing.cancel()
        await _release(shared, keys)


async def _claim(shared: SharedCache, journeys: Sequence[Journey]) -> frozenset[str]:
    """Return the keys that are ours to ask for: those claimed, and all where no claim can be made."""
    keys = [journey.key for journey in journeys if journey.key is not None]
    try:
        claimed = await shared.claim(keys, seconds=_CLAIM_SECONDS)
    except BACKEND_FAILURES:
        return frozenset(keys)
    return frozenset(key for key in keys if claimed.get(key, True))


async def _renew(shared: SharedCache, keys: Sequence[str]) -> None:
    try:
        while keys:
            await asyncio.sleep(_RENEWAL_SECONDS)
            await shared.renew(keys, seconds=_CLAIM_SECONDS)
    except BACKEND_FAILURES:
        return


async def _release(shared: SharedCache, keys: Sequence[str]) -> None:
    try:
        if keys:
            await shared.release(keys)
    except BACKEND_FAILURES:
        return
