"""Answers requests for predictions: validate, choose the model, reuse an answer, ask the provider, record it, shape the response."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, Literal

from hotcrm_ai.domain.errors import ConfigError, HotCRMAIError
from hotcrm_ai.domain.live_quality import LiveQuality
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.performance import CacheStats, Health, ModelPerformanceStats, ProviderState
from hotcrm_ai.domain.prediction import (
    Context,
    PredictionError,
    PredictionInput,
    PredictionOutput,
    PredictionRequest,
    PredictionResponse,
)
from hotcrm_ai.domain.replay import Replay
from hotcrm_ai.monitoring.live_quality import measure_live
from hotcrm_ai.monitoring.performance_monitor import PerformanceMonitor
from hotcrm_ai.pipeline.answering import Answering
from hotcrm_ai.pipeline.ask_provider import ask_many, ask_one, unbroken
from hotcrm_ai.pipeline.choose_model import Choice, choose_model, find_model, fit_features
from hotcrm_ai.pipeline.deadline import Deadline, own_timeout
from hotcrm_ai.pipeline.explain import ChosenModel, PastAnswer
from hotcrm_ai.pipeline.guards import ProviderGuards
from hotcrm_ai.pipeline.guards.personal_fields import outgoing_for
from hotcrm_ai.pipeline.journey import Asked, Journey
from hotcrm_ai.pipeline.provider_calls import ProviderCalls
from hotcrm_ai.pipeline.record_answer import AnswerRecorder
from hotcrm_ai.pipeline.replay import find_past, replay
from hotcrm_ai.pipeline.reuse_answer import AnswerCache
from hotcrm_ai.pipeline.shadow import ShadowCalls
from hotcrm_ai.pipeline.shadow_index import ShadowIndex
from hotcrm_ai.pipeline.shape_response import naming_the_item, shape_failure, shape_response
from hotcrm_ai.pipeline.validate import check_batch, read_context, read_features, read_request, read_timeout
from hotcrm_ai.ports.cache_backend import CacheBackend
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.ports.model_catalogue import ModelCatalogue
from hotcrm_ai.ports.outcome_log import OutcomeLog
from hotcrm_ai.ports.prediction_log import PredictionLog
from hotcrm_ai.ports.provider import MLProvider
from hotcrm_ai.ports.provider_source import ProviderSource

_ITEMS_BETWEEN_PAUSES: Final = 256
"""After so many items of a batch other requests get a turn."""


class PredictionService:
    """Predicts for one record or many, and tells how predictions do.

    A failure is a typed error, never a made-up value; every answer names the model that gave it.
    """

    def __init__(
        self,
        *,
        models: ModelCatalogue,
        providers: ProviderSource,
        cache: CacheBackend | None,
        monitor: PerformanceMonitor,
        log: PredictionLog,
        clock: Clock,
        new_id: Callable[[], str],
        workspace: str,
        default_timeout_seconds: float = 2.0,
        default_ttl_seconds: float = 300.0,
        batch_concurrency: int = 8,
        guards: ProviderGuards | None = None,
    ) -> None:
        self._models = models
        self._providers = providers
        self._monitor = monitor
        self._log = log
        self._clock = clock
        self._new_id = new_id
        self._default_timeout_seconds = default_timeout_seconds
        self._shadow_index = ShadowIndex(models, clock=clock)
        self._cache = AnswerCache(cache, workspace=workspace, default_ttl_seconds=default_ttl_seconds)
        self._recorder = AnswerRecorder(monitor=monitor, log=log, clock=clock, workspace=workspace)
        self._guards = guards
        self._workspace = workspace
        calls = ProviderCalls(
            providers=providers, clock=clock, concurrency=batch_concurrency, workspace=workspace, guards=guards
        )
        if guards is not None:
            monitor.watch_outages(guards.outage_of)
        self._answering = Answering(models=models, cache=self._cache, calls=calls, recorder=self._recorder, clock=clock)
        self._shadows = ShadowCalls(
            answering=self._answering,
            recorder=self._recorder,
            clock=clock,
            new_id=new_id,
            seconds=default_timeout_seconds,
        )

    async def predict(
        self,
        model_id: str | PredictionRequest | Mapping[str, Any],
        features: Mapping[str, Any] | None = None,
        *,
        context: Context | Mapping[str, Any] | None = None,
        use_cache: bool = True,
        provider: str | MLProvider | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the contract's name; one deadline for all steps
    ) -> PredictionResponse:
        """Predict for one record: a model's id with features, or a whole request.

        ``provider`` is asked instead of the model's own (with an instance of one, the cache is left out); ``timeout`` is in seconds, and
        without it the model's own ``provider_config.timeout_seconds`` counts where that is longer than the workspace's.

        Raises:
            ModelNotFound, ModelNotActive, InvalidFeatures, InvalidRequest: nothing was asked.
            ProviderError: the model, and its declared fallback if there is one, gave no answer in time.
            StorageError: the answer could not be logged, so it is not given.
        """
        deadline = self._deadline(timeout)
        journey = Journey(self._new_id())
        await self._prepare(
            journey,
            lambda: read_request(model_id, features, context=context, use_cache=use_cache, provider=provider),
        )
        if journey.error is None:
            if timeout is None:
                deadline.allow(own_timeout(journey.answering))
            await self._answering.answer((journey,), deadline)
        if journey.error is None:
            await self._record(journey)
        return shape_response(journey)

    async def batch_predict(
        self,
        model_id: str,
        features: Sequence[Mapping[str, Any]],
        *,
        contexts: Sequence[Context | Mapping[str, Any] | None] | None = None,
        use_cache: bool = True,
        on_error: Literal["raise", "collect"] | str = "raise",
        timeout: float | None = None,  # noqa: ASYNC109 - the contract's name; one deadline for the whole batch
    ) -> list[PredictionResponse | PredictionError]:
        """Predict for several records by the rules of ``predict``, in order, under one deadline.

        With ``on_error="raise"`` the first error ends all: it names the item's place, and no item is logged, unless it is the log
        itself that takes some and not others. With ``"collect"`` a failed item is a ``PredictionError`` at its place. An item's processing
        time is its share of what the batch took.

        Raises:
            InvalidRequest: the batch is too long, or does not fit its contexts.
            HotCRMAIError: with ``"raise"``, that of the first failed item.
        """
        check_batch(features, contexts, on_error)
        deadline = self._deadline(timeout)
        journeys = await self._prepare_all(model_id, features, contexts, use_cache=use_cache)
        if on_error == "raise":
            _raise_first(journeys)
        sound = [journey for journey in journeys if journey.error is None]
        if timeout is None:
            for model in {id(journey.answering): journey.answering for journey in sound}.values():
                deadline.allow(own_timeout(model))
        await self._answering.answer(sound, deadline)
        if on_error == "raise" and any(journey.error is not None for journey in journeys):
            self._count_unlogged(journeys)
            _raise_first(journeys)
        results = [await self._finish(index, journey) for index, journey in enumerate(journeys)]
        if on_error == "raise":
            _raise_first(journeys)
        return results

    async def choose(
        self, model_id: str, features: Mapping[str, Any], *, context: Context | Mapping[str, Any] | None = None
    ) -> ChosenModel:
        """Return the model that would answer a request, A/B tests included, and the features as it would be given them."""
        given = read_features(features, model_id=model_id)
        choice = await choose_model(self._models, model_id, given, read_context(context))
        return ChosenModel(
            model=choice.answering,
            fitted=fit_features(choice, given),
            requested_model_id=choice.requested.id,
            variant=choice.variant,
        )

    async def find(self, model_id: str) -> ModelConfig:
        """Return a model in whatever status; raises ``ModelNotFound``, naming the nearest ids."""
        return await find_model(self._models, model_id)

    async def fit(self, model: ModelConfig, features: Mapping[str, Any]) -> ChosenModel:
        """Return the features as this very model would be given them."""
        given = read_features(features, model_id=model.id)
        fitted = fit_features(Choice(requested=model, answering=model), given)
        return ChosenModel(model=model, fitted=fitted, requested_model_id=model.id)

    async def answer(self, chosen: ChosenModel) -> PredictionOutput:
        """Ask a model's provider and return its checked answer, without cache, log, monitoring or fallback."""
        seconds = own_timeout(chosen.model) or self._default_timeout_seconds
        question = PredictionInput(
            features=dict(chosen.fitted.values), prediction_id=self._new_id(), timeout_seconds=seconds
        )
        provider = self._providers.for_model(chosen.model)
        outgoing = outgoing_for(chosen.model, self._workspace)
        return await ask_one(provider, chosen.model, question, seconds=seconds, outgoing=outgoing, guards=self._guards)

    async def answer_rows(
        self, model: ModelConfig, rows: Sequence[Mapping[str, Any]], *, seconds: float
    ) -> list[PredictionOutput]:
        """Ask a model's provider about several sets of fitted features at once, as `answer` does; the first failed one is raised."""
        questions = [
            PredictionInput(features=dict(row), prediction_id=self._new_id(), timeout_seconds=seconds) for row in rows
        ]
        provider = self._providers.for_model(model)
        outgoing = outgoing_for(model, self._workspace)
        return unbroken(
            await ask_many(provider, model, questions, seconds=seconds, outgoing=outgoing, guards=self._guards)
        )

    def get_provider_states(self) -> list[ProviderState]:
        """Return what the circuit breakers of the providers hold that were asked in this process."""
        return [] if self._guards is None else self._guards.states()

    async def record_outcome(
        self,
        prediction_id: str | None = None,
        actual: Any = None,
        *,
        object_type: str | None = None,
        object_id: str | None = None,
        model_id: str | None = None,
    ) -> int:
        """Join what really happened with a prediction, or with all of a record by a model; return how many predictions.

        The latest outcome that was told counts; None takes it back.

        Raises:
            InvalidOutcome: ``actual`` cannot be the outcome of such a prediction; what was known before stays.
            PredictionNotFound: no logged prediction fits.
            InvalidRequest: neither a prediction's id nor all of object type, object id and model were given.
        """
        if prediction_id is None:
            return await self._log.record_outcome(
                object_type=object_type, object_id=object_id, model_id=model_id, actual=actual
            )
        before = await self._log.get(prediction_id)
        joined = await self._log.record_outcome(prediction_id=prediction_id, actual=actual)
        after = await self._log.get(prediction_id)
        if before is not None and after is not None:
            self._monitor.book_outcome(after.model_id, before=before.is_correct, after=after.is_correct)
        return joined

    async def find_past(self, prediction_id: str) -> PastAnswer:
        """Return a logged prediction with the model and the features that gave it."""
        return await find_past(prediction_id, log=self._log, models=self._models)

    async def replay(self, prediction_id: str) -> Replay:
        """Answer a logged request again by the revision and bundle that answered it, and say whether the answer is the same.

        Raises:
            PredictionNotFound, ModelNotFound: the prediction, or the revision that gave it, is not known.
            InvalidRequest: personal features were kept as digests only.
            ProviderError, ArtifactIntegrity: the model gave no answer now.
        """
        return await replay(await self.find_past(prediction_id), answer=self.answer)

    async def get_live_quality(
        self, model_id: str, window: float | None = None, *, period: float | None = None
    ) -> list[LiveQuality]:
        """Measure a model on what really happened: accuracy, AUC, Brier score, lift and calibration per version and arm.

        Predictions of the last ``window`` seconds count (all without it) whose outcome was recorded; with ``period`` (seconds, such as
        86400) each stretch of that length is measured apart. Answers of shadow tests count too.

        Raises:
            ModelNotFound: no model has that id.
            ConfigError: a length of time is not above 0.
        """
        for name, seconds in (("window", window), ("period", period)):
            if seconds is not None and not 0 < seconds < math.inf:
                raise ConfigError(f"A {name} of {seconds!r} seconds cannot be told; give a number above 0, or none.")
        await find_model(self._models, model_id)
        since = None if window is None else self._clock.now() - timedelta(seconds=window)
        judged = await self._log.judged(model_id, since=since) if isinstance(self._log, OutcomeLog) else ()
        return measure_live(model_id, judged, period_seconds=period)

    async def get_performance_stats(
        self, model_id: str | None = None, window: float | None = None
    ) -> ModelPerformanceStats | dict[str, ModelPerformanceStats] | None:
        """Return the stats of one model (None where it was never asked), or of all by id; ``window`` in seconds."""
        if model_id is None:
            return await self._monitor.get_all_stats(window)
        await find_model(self._models, model_id)
        return await self._monitor.get_model_stats(model_id, window)

    async def get_model_health(self, model_id: str) -> Health:
        """Return a model's health over the last minutes; raises ``ModelNotFound``."""
        await find_model(self._models, model_id)
        return await self._monitor.get_health_status(model_id)

    async def get_cache_stats(self) -> CacheStats:
        """Return entries, hits and misses of the cache of answers."""
        return await self._cache.stats()

    async def clear_cache(self, model_id: str | None = None) -> int:
        """Forget the cached answers of one model, or all; return how many."""
        return await self._cache.clear(model_id)

    async def aclose(self) -> None:
        """Wait for what runs in the background."""
        await self._shadows.aclose()

    async def _prepare(self, journey: Journey, read: Callable[[], Asked]) -> None:
        """Validate the request and choose its model; an error ends the journey."""
        began = self._clock.monotonic()
        try:
            asked = journey.asked = read()
            validated = self._clock.monotonic()
            journey.spent("validate", validated - began)
            choice = journey.choice = await choose_model(
                self._models, asked.model_id, asked.features, asked.context, shadow_index=self._shadow_index
            )
            journey.answering = choice.answering
            journey.fitted = fit_features(choice, asked.features)
            journey.spent("choose", self._clock.monotonic() - validated)
        except HotCRMAIError as error:
            journey.error = error

    async def _prepare_all(
        self,
        model_id: str,
        features: Sequence[Mapping[str, Any]],
        contexts: Sequence[Context | Mapping[str, Any] | None] | None,
        *,
        use_cache: bool,
    ) -> list[Journey]:
        journeys = []
        for index, given in enumerate(features):
            context = None if contexts is None else contexts[index]
            journey = Journey(self._new_id())
            await self._prepare(journey, _reader(model_id, given, context, use_cache))
            journeys.append(journey)
            if index % _ITEMS_BETWEEN_PAUSES == _ITEMS_BETWEEN_PAUSES - 1:
                await asyncio.sleep(0)
        return journeys

    async def _record(self, journey: Journey) -> None:
        """Log and count an answer, and let the challengers of shadow tests be asked along."""
        journey.took = journey.milliseconds
        began = self._clock.monotonic()
        await self._recorder.record(journey)
        journey.spent("record", self._clock.monotonic() - began)
        if journey.choice.shadows:
            self._shadows.start(journey)

    async def _finish(self, index: int, journey: Journey) -> PredictionResponse | PredictionError:
        if journey.error is None:
            try:
                await self._record(journey)
            except HotCRMAIError as error:
                journey.error = error
        return shape_response(journey) if journey.error is None else shape_failure(index, journey.error)

    def _count_unlogged(self, journeys: Sequence[Journey]) -> None:
        """Count the answers of a batch that failed as a whole: the models did give them."""
        for journey in journeys:
            if journey.error is None:
                journey.took = journey.milliseconds
                self._recorder.count(journey)

    def _deadline(self, seconds: float | None) -> Deadline:
        return Deadline(self._clock, read_timeout(seconds, default=self._default_timeout_seconds))


def _reader(
    model_id: str, features: Mapping[str, Any], context: Context | Mapping[str, Any] | None, use_cache: bool
) -> Callable[[], Asked]:
    return lambda: read_request(model_id, features, context=context, use_cache=use_cache)


def _raise_first(journeys: Sequence[Journey]) -> None:
    for index, journey in enumerate(journeys):
        if journey.error is not None:
            raise naming_the_item(index, journey.error)
