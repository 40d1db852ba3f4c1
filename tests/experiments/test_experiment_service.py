"""The report of an A/B test shows what each arm did, and raises an alarm when the split is not the configured one."""

from __future__ import annotations

import pytest

from hotcrm_ai.domain.errors import ConfigError, ModelNotFound
from hotcrm_ai.domain.experiment import ArmCount
from hotcrm_ai.domain.model import ABTest, ModelConfig
from hotcrm_ai.domain.prediction import Context
from hotcrm_ai.experiments import ExperimentService
from hotcrm_ai.experiments.mismatch import mismatch_p_value
from hotcrm_ai.testing import FakeCatalogue, FakePredictionLog


@pytest.fixture
def log() -> FakePredictionLog:
    return FakePredictionLog()


def service(log: FakePredictionLog, **test: object) -> ExperimentService:
    ab_test = ABTest(**{"champion_model_id": "lead-v1", "traffic_percentage": 20.0, "seed": 7} | test)  # type: ignore[arg-type]
    models = FakeCatalogue(
        ModelConfig(id="lead-v1", status="active"), ModelConfig(id="lead-v2", status="active", ab_test=ab_test)
    )
    return ExperimentService(models=models, log=log)


def counted(
    variant: str, subjects: int, *, outcomes: int = 0, correct: int = 0, model_version: str = "1.0.0"
) -> ArmCount:
    return ArmCount(
        variant=variant,  # type: ignore[arg-type]
        model_id="lead-v2" if variant == "challenger" else "lead-v1",
        model_version=model_version,
        predictions=3 * subjects,
        subjects=subjects,
        arm_subjects=subjects,
        average_confidence=81.5,
        outcomes=outcomes,
        correct=correct,
    )


@pytest.mark.parametrize(
    ("challengers", "champions", "percentage", "expected"),
    [
        (50, 50, 50.0, 1.0),
        (60, 40, 50.0, 0.04550026),
        (200, 800, 20.0, 1.0),
        (250, 750, 20.0, 7.7e-05),
        (0, 10, 0.0, 1.0),
        (1, 9, 0.0, 0.0),
        (0, 0, 20.0, None),
    ],
)
def test_the_mismatch_p_value_is_that_of_the_chi_squared_test(
    challengers: int, champions: int, percentage: float, expected: float | None
) -> None:
    """The p-values are those of a chi-squared table with one degree of freedom."""
    p_value = mismatch_p_value(challengers=challengers, champions=champions, traffic_percentage=percentage)
    assert p_value == (None if expected is None else pytest.approx(expected, rel=0.01))


async def test_a_new_version_of_the_champion_is_no_mismatch(log: FakePredictionLog) -> None:
    """The same 80 subjects answered by two versions are 80 of 100, so the alarm stays silent."""
    log.arms["lead-v2"] = [
        counted("challenger", 20),
        counted("champion", 80),
        counted("champion", 80, model_version="1.1.0"),
    ]
    report = await service(log).report("lead-v2")
    assert (report.mismatch_p_value, report.mismatch) == (1.0, False)


async def test_a_report_has_counts_and_rates_of_both_arms(log: FakePredictionLog) -> None:
    """Predictions, subjects, confidence and accuracy are those of the log, in per cent where they are rates."""
    log.arms["lead-v2"] = [counted("challenger", 20, outcomes=8, correct=6), counted("champion", 80)]
    report = await service(log).report("lead-v2")
    challenger, champion = report.arms
    assert (challenger.variant, challenger.predictions, challenger.subjects, challenger.accuracy) == (
        "challenger",
        60,
        20,
        75.0,
    )
    assert (champion.variant, champion.outcomes, champion.accuracy) == ("champion", 0, None)
    assert report.mismatch_p_value == 1.0
    assert report.mismatch is False


async def test_an_uneven_split_raises_the_alarm(log: FakePredictionLog) -> None:
    """A share of the challenger that chance would give in fewer than one of a thousand tests is an alarm."""
    log.arms["lead-v2"] = [counted("challenger", 250), counted("champion", 750)]
    assert (await service(log).report("lead-v2")).mismatch is True
    log.arms["lead-v2"] = [counted("challenger", 225), counted("champion", 775)]
    assert (await service(log).report("lead-v2")).mismatch is False


async def test_a_shadow_test_has_no_split_to_mismatch(log: FakePredictionLog) -> None:
    """In shadow mode both arms see everybody, which is no mismatch."""
    log.arms["lead-v2"] = [counted("challenger", 100), counted("champion", 100)]
    report = await service(log, mode="shadow").report("lead-v2")
    assert (report.mismatch_p_value, report.mismatch) == (None, False)


async def test_a_test_without_traffic_has_two_empty_arms(log: FakePredictionLog) -> None:
    """Before the first request both arms are shown with zero predictions, and no rate is made up."""
    report = await service(log).report("lead-v2")
    assert [(arm.variant, arm.predictions, arm.accuracy) for arm in report.arms] == [
        ("challenger", 0, None),
        ("champion", 0, None),
    ]
    assert report.mismatch_p_value is None


async def test_every_challenger_is_listed(log: FakePredictionLog) -> None:
    """The list has one report for each model that carries a test."""
    assert [report.id for report in await service(log).list()] == ["lead-v2"]


async def test_an_id_without_a_test_is_an_error_that_says_which(log: FakePredictionLog) -> None:
    """An unknown model and a model without a test are different errors."""
    with pytest.raises(ModelNotFound, match="'lead-v9'"):
        await service(log).report("lead-v9")
    with pytest.raises(ConfigError, match="'lead-v1' is the challenger of no A/B test"):
        await service(log).report("lead-v1")


async def test_an_arm_can_be_asked_for_without_predicting(log: FakePredictionLog) -> None:
    """`assign` tells the arm that a prediction for the same subject gets."""
    asked = await service(log, traffic_percentage=100.0).assign("lead-v2", context=Context(user_id="ada"))
    assert (asked.variant, asked.model_id, asked.subject, asked.subject_kind) == (
        "challenger",
        "lead-v2",
        "user:ada",
        "user",
    )
