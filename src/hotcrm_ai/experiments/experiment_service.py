"""Lists the A/B tests of a workspace and reports what each arm was seen to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hotcrm_ai.domain.errors import ConfigError, ModelNotFound
from hotcrm_ai.domain.experiment import ArmCount, ArmReport, Assignment, ExperimentReport
from hotcrm_ai.domain.model import ABTest, ModelConfig
from hotcrm_ai.domain.prediction import Context
from hotcrm_ai.experiments.assignment import assign
from hotcrm_ai.experiments.mismatch import ALARM_BELOW, mismatch_p_value
from hotcrm_ai.ports.model_catalogue import ModelCatalogue
from hotcrm_ai.ports.prediction_log import PredictionLog


class ExperimentService:
    """The A/B tests of a workspace; a test is its challenger's ``ab_test``, and has the challenger's id."""

    def __init__(self, *, models: ModelCatalogue, log: PredictionLog) -> None:
        self._models = models
        self._log = log

    async def list(self) -> Sequence[ExperimentReport]:
        """Report every A/B test, running or not, in order of id."""
        challengers = [model for model in await self._models.list_models() if model.ab_test is not None]
        return [await self._report(model, model.ab_test) for model in challengers if model.ab_test is not None]

    async def report(self, experiment_id: str) -> ExperimentReport:
        """Report one A/B test by its challenger's id.

        The mismatch test compares all subjects ever logged with the present split, so a split that was changed on the way shows as one.

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
                f"No model, and so no A/B test, is registered under {experiment_id!r}; list the tests with: hotcrm-ai experiments list",
                model_id=experiment_id,
            )
        if challenger.ab_test is None:
            raise ConfigError(
                f"Model {experiment_id!r} is the challenger of no A/B test; register it with an ab_test to begin one.",
                model_id=experiment_id,
            )
        return challenger, challenger.ab_test

    async def _report(self, challenger: ModelConfig, test: ABTest) -> ExperimentReport:
        counts = await self._log.count_arms(challenger.id)
        p_value = None
        if test.mode == "split":
            p_value = mismatch_p_value(
                challengers=_subjects(counts, "challenger"),
                champions=_subjects(counts, "champion"),
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
        )


def _subjects(counts: Sequence[ArmCount], variant: str) -> int:
    return sum(count.subjects for count in counts if count.variant == variant)


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
