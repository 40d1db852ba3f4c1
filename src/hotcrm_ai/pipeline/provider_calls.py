"""Puts journeys to their providers: one call for one, chunks for many that go to the same model, a bounded number at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from hotcrm_ai.domain.errors import HotCRMAIError, InvalidFeatures, ProviderError, ProviderRejected
from hotcrm_ai.domain.prediction import PredictionInput
from hotcrm_ai.pipeline.ask_provider import ask_many, ask_one
from hotcrm_ai.pipeline.deadline import FALLBACK_SHARE, Deadline, own_timeout
from hotcrm_ai.pipeline.guards.personal_fields import Outgoing, outgoing_for
from hotcrm_ai.pipeline.guards.provider_guards import Attempts, ProviderGuards
from hotcrm_ai.pipeline.journey import Journey
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.ports.provider import MLProvider
from hotcrm_ai.ports.provider_source import ProviderSource

CHUNK_QUESTIONS: Final = 256
"""How many questions one call of ``batch_predict`` carries at most."""


class ProviderCalls:
    """Asks providers, with at most ``concurrency`` calls of one batch at a time."""

    def __init__(
        self,
        *,
        providers: ProviderSource,
        clock: Clock,
        concurrency: int,
        workspace: str,
        guards: ProviderGuards | None = None,
    ) -> None:
        self._providers = providers
        self._workspace = workspace
        self._clock = clock
        self._concurrency = concurrency
        self._guards = guards

    async def ask(self, journeys: Sequence[Journey], deadline: Deadline) -> None:
        """Give every journey its answer or its error."""
        if len(journeys) == 1:
            await self._ask_alone(journeys[0], deadline)
            return
        chunks = _chunks(journeys)
        if len(chunks) == 1:
            await self._ask_chunk(chunks[0], deadline)
            return
        await self._bounded([_bound(self._ask_chunk, chunk, deadline) for chunk in chunks])

    def name_of(self, journey: Journey) -> str:
        """Return the name of the provider that answers a journey."""
        return _override_name(journey) or journey.answering.provider

    async def _ask_alone(self, journey: Journey, deadline: Deadline) -> None:
        began = self._clock.monotonic()
        try:
            provider = self._provider_of(journey)
            seconds = _seconds_for(journey, deadline)
            journey.output = await ask_one(
                provider,
                journey.answering,
                _question(journey, seconds),
                seconds=seconds,
                outgoing=self._outgoing(journey),
                override=_override_name(journey),
                guards=self._guards,
                attempts=journey.attempts,
            )
        except HotCRMAIError as error:
            journey.error = error
        journey.spent("provider", self._clock.monotonic() - began)

    async def _ask_chunk(self, chunk: Sequence[Journey], deadline: Deadline) -> None:
        if len(chunk) == 1:
            await self._ask_alone(chunk[0], deadline)
            return
        first = chunk[0]
        if self._asks_one_by_one(first):
            await self._bounded([_bound(self._ask_alone, journey, deadline) for journey in chunk])
            return
        began = self._clock.monotonic()
        try:
            provider = self._provider_of(first)
            seconds = _seconds_for(first, deadline)
            questions = [_question(journey, seconds) for journey in chunk]
            attempts: Attempts = []
            try:
                answers = await ask_many(
                    provider,
                    first.answering,
                    questions,
                    seconds=seconds,
                    outgoing=self._outgoing(first),
                    override=_override_name(first),
                    guards=self._guards,
                    attempts=attempts,
                )
            finally:
                for journey in chunk:
                    journey.attempts += attempts
        except HotCRMAIError as error:
            self._share_time(chunk, began)
            if _may_be_one_item(error):
                await self._bounded([_bound(self._ask_alone, journey, deadline) for journey in chunk])
                return
            for journey in chunk:
                journey.error = error
            return
        self._share_time(chunk, began)
        for journey, answer in zip(chunk, answers, strict=True):
            if isinstance(answer, ProviderError):
                journey.error = answer
            else:
                journey.output = answer

    def _share_time(self, chunk: Sequence[Journey], began: float) -> None:
        share = (self._clock.monotonic() - began) / len(chunk)
        for journey in chunk:
            journey.spent("provider", share)

    def _asks_one_by_one(self, journey: Journey) -> bool:
        """True where a call of many would be many calls anyway: then each gets its own retries, error and record."""
        try:
            return bool(getattr(self._provider_of(journey), "one_by_one", False))
        except HotCRMAIError:
            return False

    def _provider_of(self, journey: Journey) -> MLProvider:
        override = journey.override
        if override is None or isinstance(override, str):
            return self._providers.for_model(journey.answering, name=override)
        return override

    def _outgoing(self, journey: Journey) -> Outgoing:
        return outgoing_for(journey.answering, self._workspace, is_own_provider=journey.override is None)

    async def _bounded(self, calls: Sequence[Callable[[], Awaitable[None]]]) -> None:
        free = asyncio.Semaphore(self._concurrency)

        async def run(call: Callable[[], Awaitable[None]]) -> None:
            async with free:
                await call()

        async with asyncio.TaskGroup() as group:
            for call in calls:
                group.create_task(run(call))


def share_kept_back(journey: Journey) -> float:
    """Return the share of the deadline that must be left for a fallback that may still have to answer."""
    may_fall_back = journey.failed_model is None and journey.answering.fallback_model_id is not None
    return FALLBACK_SHARE if may_fall_back else 0.0


def _seconds_for(journey: Journey, deadline: Deadline) -> float:
    """Return how long the call of a journey may take: what is left of the deadline, and never longer than its model may take."""
    left = deadline.remaining(keep_back=share_kept_back(journey))
    own = own_timeout(journey.answering)
    return left if own is None else min(left, own)


def _override_name(journey: Journey) -> str | None:
    override = journey.override
    return override if override is None or isinstance(override, str) else type(override).__name__


def _may_be_one_item(error: HotCRMAIError) -> bool:
    """True where a call for many may have failed because of one of them: features that a model of ours cannot take, a refusal, or a fault
    that is none of the known ones.
    """
    return isinstance(error, InvalidFeatures) or type(error) in (ProviderError, ProviderRejected)


def _question(journey: Journey, seconds: float) -> PredictionInput:
    return PredictionInput(
        features=dict(journey.fitted.values), prediction_id=journey.prediction_id, timeout_seconds=seconds
    )


def _chunks(journeys: Sequence[Journey]) -> list[list[Journey]]:
    by_model: dict[tuple[str, int], list[Journey]] = {}
    for journey in journeys:
        by_model.setdefault((journey.answering.id, journey.answering.revision), []).append(journey)
    return [
        group[start : start + CHUNK_QUESTIONS]
        for group in by_model.values()
        for start in range(0, len(group), CHUNK_QUESTIONS)
    ]


def _bound(
    step: Callable[..., Awaitable[None]], journeys: Journey | Sequence[Journey], deadline: Deadline
) -> Callable[[], Awaitable[None]]:
    return lambda: step(journeys, deadline)
