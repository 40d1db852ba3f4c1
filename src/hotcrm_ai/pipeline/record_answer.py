"""Takes every answer into the log and the monitor, and every failure into the monitor."""

from __future__ import annotations

from typing import Any, Final

from hotcrm_ai.domain.errors import HotCRMAIError, InvalidFeatures
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.personal import personal_digest, personal_names
from hotcrm_ai.domain.prediction import Context, LoggedPrediction
from hotcrm_ai.monitoring.performance_monitor import PerformanceMonitor
from hotcrm_ai.pipeline.journey import Journey
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.ports.prediction_log import PredictionLog

_NOBODY: Final = Context()
_MODELS_REMEMBERED: Final = 10_000


class AnswerRecorder:
    """Books answers and failures under the model that gave them."""

    def __init__(self, *, monitor: PerformanceMonitor, log: PredictionLog, clock: Clock, workspace: str) -> None:
        self._monitor = monitor
        self._log = log
        self._clock = clock
        self._workspace = workspace
        self._personal_names: dict[tuple[str, int], frozenset[str]] = {}

    async def record(self, journey: Journey) -> None:
        """Log and count one answered journey; raises ``StorageError`` where the log cannot take it."""
        self.count(journey)
        await self.log(journey)

    def count(self, journey: Journey) -> None:
        """Count one answered journey under the model that answered; what another provider answered in its place is none of its own."""
        if journey.override is not None:
            return
        output = journey.output
        self._monitor.book_answer(
            journey.answering.id,
            journey.took,
            cached=journey.cached,
            confidence=None if output is None else output.confidence,
            now=self._clock.now(),
        )

    def count_failure(self, journey: Journey) -> None:
        """Count a failure under the model that was asked.

        A request that could fit no model is the caller's, not the model's, and so is the failure of a provider that the caller named.
        """
        error = journey.error
        if error is not None and journey.override is None and not isinstance(error, InvalidFeatures):
            self.book(journey.answering, error, milliseconds=journey.milliseconds)

    def book(self, model: ModelConfig, error: HotCRMAIError, *, milliseconds: float) -> None:
        """Count a failure of whatever kind."""
        self._monitor.book_failure(
            model.id, milliseconds, code=error.code, message=error.message, now=self._clock.now()
        )

    async def log(self, journey: Journey) -> None:
        """Append one answered journey to the prediction log."""
        output, model, choice = journey.output, journey.answering, journey.choice
        if output is None:
            raise AssertionError("only an answered journey is logged")
        context = journey.asked.context or _NOBODY
        failed = journey.failed_model
        await self._log.append(
            LoggedPrediction(
                id=journey.prediction_id,
                requested_model_id=choice.requested.id,
                model_id=model.id,
                model_version=model.version,
                model_revision=model.revision,
                bundle_digest=model.bundle_digest,
                variant=choice.variant,
                experiment_id=choice.experiment_id,
                subject_kind=choice.subject_kind,
                prediction_type=model.feature or model.type,
                input_features=self._without_personal(model, journey.fitted.values),
                prediction_value=output.prediction,
                confidence_score=output.confidence,
                processing_time_ms=journey.took,
                was_cached=journey.cached,
                provider=journey.provider_name,
                fallback_for=None if failed is None else failed.id,
                object_type=context.object_type,
                object_id=context.object_id,
                created_by=context.user_id,
                created_date=self._clock.now(),
                shadow=journey.shadow,
                attempts=journey.attempts,
            )
        )

    def _without_personal(self, model: ModelConfig, values: dict[str, Any]) -> dict[str, Any]:
        personal = self._personal_of(model)
        if not personal:
            return values
        return {
            name: personal_digest(self._workspace, name, value) if name in personal else value
            for name, value in values.items()
        }

    def _personal_of(self, model: ModelConfig) -> frozenset[str]:
        found = self._personal_names.get((model.id, model.revision))
        if found is None:
            if len(self._personal_names) >= _MODELS_REMEMBERED:
                self._personal_names.clear()
            found = self._personal_names[model.id, model.revision] = personal_names(model)
        return found
