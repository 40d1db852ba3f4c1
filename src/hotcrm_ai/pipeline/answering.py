"""Obtains answers: from the cache, from an identical call under way, from the provider, or from the declared fallback model."""

from __future__ import annotations

from collections.abc import Sequence

from hotcrm_ai.domain.errors import InvalidFeatures, ProviderError, ProviderTimeout
from hotcrm_ai.domain.json_value import copied_json
from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.pipeline.choose_model import Choice, fit_features
from hotcrm_ai.pipeline.deadline import Deadline, DeadlinePassed
from hotcrm_ai.pipeline.flights import Flight, FlightKey, Flights
from hotcrm_ai.pipeline.journey import Journey
from hotcrm_ai.pipeline.provider_calls import ProviderCalls, share_kept_back
from hotcrm_ai.pipeline.record_answer import AnswerRecorder
from hotcrm_ai.pipeline.reuse_answer import AnswerCache
from hotcrm_ai.pipeline.shared_work import SharedWork
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.ports.model_catalogue import ModelCatalogue


class Answering:
    """Gives every journey its answer or its error, one or many at a time by the same rules."""

    def __init__(
        self,
        *,
        models: ModelCatalogue,
        cache: AnswerCache,
        calls: ProviderCalls,
        recorder: AnswerRecorder,
        clock: Clock,
    ) -> None:
        self._models = models
        self._cache = cache
        self._calls = calls
        self._recorder = recorder
        self._clock = clock
        self._flights = Flights()
        self._shared_work = SharedWork(cache, ask=self._ask, clock=clock)

    async def answer(self, journeys: Sequence[Journey], deadline: Deadline) -> None:
        """Answer all journeys; those whose model fails are answered by its declared fallback, where that one can."""
        await self._obtain(journeys, deadline)
        falling_back = []
        for journey in journeys:
            if journey.error is not None:
                self._recorder.count_failure(journey)
                if await self._turns_to_fallback(journey):
                    falling_back.append(journey)
        if not falling_back:
            return
        first_errors = [journey.error for journey in falling_back]
        for journey in falling_back:
            journey.error = None
        await self._obtain(falling_back, deadline)
        for journey, first_error in zip(falling_back, first_errors, strict=True):
            if journey.error is not None:
                self._recorder.count_failure(journey)
                journey.error = first_error

    async def _obtain(self, journeys: Sequence[Journey], deadline: Deadline) -> None:
        """Take what the cache holds, ask for the rest, and follow the calls for the same that others have under way."""
        missing: list[Journey] = []
        following: list[tuple[Journey, Flight]] = []
        led: list[tuple[FlightKey, Flight, Journey]] = []
        try:
            for journey in journeys:
                journey.provider_name = self._calls.name_of(journey)
                key = journey.key = self._key_of(journey)
                if key is None:
                    missing.append(journey)
                elif (flight := self._flights.find((key, deadline.seconds))) is not None:
                    following.append((journey, flight))
                else:
                    flight_key = (key, deadline.seconds)
                    led.append((flight_key, self._flights.open(flight_key), journey))
            missing += await self._look_up([(flight_key[0], journey) for flight_key, _, journey in led])
            if missing:
                await self._shared_work.obtain(missing, deadline)
            for _, flight, journey in led:
                flight.end(output=journey.output, cached=journey.cached, error=journey.error)
        finally:
            for flight_key, flight, _ in led:
                self._flights.close(flight_key, flight)
        for journey, flight in following:
            await self._follow(journey, flight, deadline)

    def _key_of(self, journey: Journey) -> str | None:
        if not journey.asked.use_cache or not (
            journey.asked.provider is None or isinstance(journey.asked.provider, str)
        ):
            return None
        provider = None if journey.override is None else journey.provider_name
        return self._cache.key_for(journey.answering, journey.fitted.values, provider=provider)

    async def _look_up(self, journeys: Sequence[tuple[str, Journey]]) -> list[Journey]:
        """Take what the cache holds for these keys; return the journeys that it holds nothing for."""
        if not journeys:
            return []
        began = self._clock.monotonic()
        found = await self._cache.find_many([(key, journey.answering) for key, journey in journeys])
        share = (self._clock.monotonic() - began) / len(journeys)
        for (_, journey), output in zip(journeys, found, strict=True):
            journey.output, journey.cached = output, output is not None
            journey.spent("cache", share)
        return [journey for _, journey in journeys if not journey.cached]

    async def _ask(self, journeys: Sequence[Journey], deadline: Deadline) -> None:
        await self._calls.ask(journeys, deadline)
        answered = [
            (journey.key, journey.answering, journey.output)
            for journey in journeys
            if journey.output is not None and journey.key is not None
        ]
        if answered:
            began = self._clock.monotonic()
            await self._cache.keep_many(answered)
            share = (self._clock.monotonic() - began) / len(answered)
            for journey in journeys:
                if journey.output is not None and journey.key is not None:
                    journey.spent("cache", share)

    async def _follow(self, journey: Journey, flight: Flight, deadline: Deadline) -> None:
        began = self._clock.monotonic()
        try:
            await flight.wait(deadline.remaining(keep_back=share_kept_back(journey)))
        except DeadlinePassed:
            journey.error = ProviderTimeout(
                f"Model {journey.answering.id!r} did not answer before the deadline; try again, or allow more time with `timeout=SECONDS`.",
                model_id=journey.answering.id,
            )
        journey.spent("provider", self._clock.monotonic() - began)
        if journey.error is not None:
            return
        if flight.output is not None:
            journey.output, journey.cached = _copied(flight.output), flight.cached
        elif flight.error is not None:
            journey.error = flight.error
        else:
            await self._obtain((journey,), deadline)

    async def _turns_to_fallback(self, journey: Journey) -> bool:
        """Make the declared fallback the answering model, where the error is the provider's and the fallback is active and fits."""
        failed = journey.answering
        error = journey.error
        if not isinstance(error, ProviderError) or not error.may_fall_back or failed.fallback_model_id is None:
            return False
        fallback = await self._models.get_model(failed.fallback_model_id)
        if fallback is None or fallback.status != "active":
            return False
        try:
            fitted = fit_features(
                Choice(requested=journey.choice.requested, answering=fallback), journey.asked.features
            )
        except InvalidFeatures:
            return False
        journey.answering, journey.fitted, journey.failed_model = fallback, fitted, failed
        return True


def _copied(output: PredictionOutput) -> PredictionOutput:
    return PredictionOutput(
        prediction=copied_json(output.prediction),
        confidence=output.confidence,
        metadata=copied_json(output.metadata) if output.metadata else {},
    )
