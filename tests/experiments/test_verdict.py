"""The verdict of an A/B test is an interval in plain words, and a report counts only what belongs to the test as it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hotcrm_ai.domain.experiment import ArmCount
from hotcrm_ai.domain.model import ABTest, ModelConfig, Revision
from hotcrm_ai.experiments import ExperimentService
from hotcrm_ai.experiments.verdict import difference_interval, outcomes_needed, verdict_of
from hotcrm_ai.testing import FakeCatalogue, FakePredictionLog

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


def judged(variant: str, subjects: int, right: float) -> ArmCount:
    return ArmCount(
        variant=variant,  # type: ignore[arg-type]
        model_id="m",
        model_version="1.0.0",
        predictions=subjects,
        subjects=subjects,
        average_confidence=None,
        outcomes=subjects,
        correct=int(right),
        judged_subjects=subjects,
        right_subjects=right,
    )


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((10, 10), (0, 20), (0.6791, 1.0)),
    ],
)
def test_the_interval_is_newcombes(
    first: tuple[int, int], second: tuple[int, int], expected: tuple[float, float]
) -> None:
    """The examples (a), (b) and (g) of Newcombe's paper of 1998, method 10."""
    low, high = difference_interval(first[0] / first[1], first[1], second[0] / second[1], second[1])
    assert (low, high) == (pytest.approx(expected[0], abs=5e-4), pytest.approx(expected[1], abs=5e-4))


def test_a_clear_difference_is_said_with_its_interval() -> None:
    """90 of 100 against 70 of 100 is clear; nothing more is needed."""
    verdict = verdict_of([judged("challenger", 100, 90), judged("champion", 100, 70)])
    assert (verdict.kind, verdict.outcomes_needed) == ("challenger_better", None)
    assert verdict.difference == pytest.approx(20.0)
    assert verdict.low is not None
    assert 0 < verdict.low < 20
    assert (
        "The challenger is right more often than the champion: challenger 90.0 %, champion 70.0 %"
        in verdict.explanation
    )


def test_the_champion_can_win() -> None:
    """The same figures the other way round."""
    assert verdict_of([judged("challenger", 100, 70), judged("champion", 100, 90)]).kind == "champion_better"


def test_an_unclear_difference_says_how_much_is_missing() -> None:
    """82 % of 200 against 78 % of 800 is not clear; the usual sample size asks for 4,673 outcomes at this split."""
    assert outcomes_needed(0.82, 200, 0.78, 800) == 3673
    verdict = verdict_of([judged("challenger", 200, 164), judged("champion", 800, 624)])
    assert (verdict.kind, verdict.outcomes_needed) == ("not_clear", 3673)
    assert verdict.explanation.startswith("Not yet clear: +4.0 points for the challenger")
    assert "About 3,700 more outcomes are needed" in verdict.explanation


def test_no_difference_has_no_end_in_sight() -> None:
    """Two equal arms never become clear, and no number is made up for it."""
    verdict = verdict_of([judged("challenger", 100, 80), judged("champion", 100, 80)])
    assert (verdict.kind, verdict.outcomes_needed) == ("not_clear", None)
    assert "no difference is in sight" in verdict.explanation


@pytest.mark.parametrize(
    ("counts", "needed"),
    [([], 60), ([judged("challenger", 29, 29.0), judged("champion", 400, 0.0)], 1)],
)
def test_few_outcomes_say_nothing(counts: list[ArmCount], needed: int) -> None:
    """Below 30 judged subjects in an arm there is no winner, however large the difference."""
    verdict = verdict_of(counts)
    assert (verdict.kind, verdict.outcomes_needed) == ("too_few_outcomes", needed)
    assert "each arm needs at least 30" in verdict.explanation


def test_an_arm_of_two_versions_is_judged_once() -> None:
    """What the counts say of the whole arm is not added up over the models that answered in it."""
    counts = [judged("challenger", 29, 29.0), judged("challenger", 29, 29.0), judged("champion", 400, 0.0)]
    assert verdict_of(counts).kind == "too_few_outcomes"


class History:
    """The written-out history of one model."""

    def __init__(self, *tests: ABTest | None) -> None:
        self.revisions = [
            Revision(
                model_id="lead-v2",
                number=number,
                action="updated",
                config=ModelConfig(id="lead-v2", status="active", ab_test=test),
                created_at=NOON + timedelta(hours=number),
            )
            for number, test in enumerate(tests, 1)
        ]

    async def history(self, id: str) -> list[Revision]:  # noqa: A002
        return self.revisions


async def test_a_report_counts_since_the_test_is_what_it_is() -> None:
    """Shadow before the split does not count; a raised percentage keeps the arms, but the split is checked from then on."""
    shadow = ABTest(champion_model_id="lead-v1", mode="shadow")
    ten = ABTest(champion_model_id="lead-v1", traffic_percentage=10.0)
    twenty = ABTest(champion_model_id="lead-v1", traffic_percentage=20.0)
    log = FakePredictionLog()
    models = FakeCatalogue(
        ModelConfig(id="lead-v1", status="active"), ModelConfig(id="lead-v2", status="active", ab_test=twenty)
    )
    history = History(None, shadow, ten, ten, twenty)
    report = await ExperimentService(models=models, log=log, history=history).report("lead-v2")
    assert report.since == NOON + timedelta(hours=3)
    assert log.counted_since == [(NOON + timedelta(hours=3), False), (NOON + timedelta(hours=5), False)]
