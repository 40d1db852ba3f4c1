"""Lists the A/B tests of a workspace and reports what each arm was seen to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from hotcrm_ai.domain.errors import ConfigError, ModelNotFound
from hotcrm_ai.domain.experiment import ArmCount, ArmReport, Assignment, ExperimentReport
from hotcrm_ai.domain.model import ABTest, ModelConfig
from hotcrm_ai.domain.prediction import Context
from hotcrm_ai.experiments.assignment import assign
from hotcrm_ai.experiments.mismatch import ALARM_BELOW, mismatch_p_value
from hotcrm_ai.experiments.period import began_at, same_arms, same_split
from hotcrm_ai.experiments.verdict import verdict_of
from hotcrm_ai.ports.model_catalogue import ModelCatalogue
from hotcrm_ai.ports.model_history import ModelHistory
from hotcrm_ai.ports.prediction_log import PredictionLog


class ExperimentService:
    """The A/B tests of a workspace; a test is its challenger's ``ab_test``, and has the challenger's id.

    With ``history`` a report counts only what was answered since the test is the one that it is now.
    """

    def __init__(self, *, models: ModelCatalogue, log: PredictionLog, history: ModelHistory | None = None) -> None:
        self._models = models
        self._log = log
        self._history = history

    async def list(self) -> Sequence[ExperimentReport]:
        """Report every A/B test, running or not, in order of id."""
        challengers = [model for model in await self._models.list_models() if model.ab_test is not None]
        return [await self._report(model, model.ab_test) for model in challengers if model.ab_test is not None]

    async def report(self, experiment_id: str) -> ExperimentReport:
        """Report one A/B test by its challenger's id.

        Raises:
            ModelNotFound: no model has that id.
            ConfigError: the model is no challenger of a test.
        """
        challenger, test = await self._experiment(experiment_id)
        return await self._report(challenger, test)

    async def assign(
        self, experiment_id: str, *, context: Context | None = None, features: Mapping[str, Any] | None = None
    ) -> Assignment:
        """Return the arm that a subject has in a test, without predicting; raises as ``report`` does."""
        challenger, test = await self._experiment(experiment_id)
        return assign(challenger.id, test, context, features or {})

    async def _experiment(self, experiment_id: str) -> tuple[ModelConfig, ABTest]:
        challenger = await self._models.get_model(experiment_id)
        if challenger is None:
            raise ModelNotFound(
                f"No model, and so no A/B test, is registered under {experiment_id!r}; `ai.experiments.list()` shows the tests.",
                model_id=experiment_id,
            )
        if challenger.ab_test is None:
            raise ConfigError(
                f"Model {experiment_id!r} is the challenger of no A/B test; register it with an ab_test to begin one.",
                model_id=experiment_id,
            )
        return challenger, challenger.ab_test

    async def _report(self, challenger: ModelConfig, test: ABTest) -> ExperimentReport:
        since, split_since = await self._began(challenger)
        in_shadow = test.mode == "shadow"
        counts = await self._log.count_arms(challenger.id, since=since, shadow=in_shadow)
        p_value = None
        if not in_shadow:
            of_split = counts if split_since == since else await self._log.count_arms(challenger.id, since=split_since)
            p_value = mismatch_p_value(
                challengers=_subjects(of_split, "challenger"),
                champions=_subjects(of_split, "champion"),
                traffic_percentage=test.traffic_percentage,
            )
        return ExperimentReport(
            id=challenger.id,
            challenger_model_id=challenger.id,
            champion_model_id=test.champion_model_id,
            enabled=test.enabled,
            mode=test.mode,
            traffic_percentage=test.traffic_percentage,
            arms=tuple(_arm(count) for count in counts) or _arms_without_traffic(challenger, test),
            mismatch_p_value=p_value,
            mismatch=p_value is not None and p_value < ALARM_BELOW,
            verdict=verdict_of(counts),
            since=since,
        )

    async def _began(self, challenger: ModelConfig) -> tuple[datetime | None, datetime | None]:
        if self._history is None:
            return None, None
        revisions = await self._history.history(challenger.id)
        return began_at(revisions, same_arms), began_at(revisions, same_split)


def _subjects(counts: Sequence[ArmCount], variant: str) -> int:
    return next((count.arm_subjects for count in counts if count.variant == variant), 0)


def _arm(count: ArmCount) -> ArmReport:
    return ArmReport(
        variant=count.variant,
        model_id=count.model_id,
        model_version=count.model_version,
        predictions=count.predictions,
        subjects=count.subjects,
        average_confidence=count.average_confidence,
        outcomes=count.outcomes,
        accuracy=100.0 * count.correct / count.outcomes if count.outcomes else None,
    )


def _arms_without_traffic(challenger: ModelConfig, test: ABTest) -> tuple[ArmReport, ...]:
    pairs = (("challenger", challenger.id, challenger.version), ("champion", test.champion_model_id, None))
    return tuple(
        ArmReport(
            variant="challenger" if variant == "challenger" else "champion",
            model_id=model_id,
            model_version=version,
            predictions=0,
            subjects=0,
            average_confidence=None,
            outcomes=0,
            accuracy=None,
        )
        for variant, model_id, version in pairs
    )
